//! Tokens, in OpenAI's sense.

use llm_layers_wire::openai::{self, PromptTokensDetails};

use super::native::{Tokens, Usage};

/// What the model read and wrote. What is billed is less, and counts only where nothing else is known.
pub(super) fn of(usage: Usage) -> Option<openai::Usage> {
    let read = |tokens: fn(&Tokens) -> Option<f64>| {
        let known = usage.tokens.as_ref().and_then(tokens);
        known.or_else(|| usage.billed_units.as_ref().and_then(tokens)).map(whole)
    };
    let (input, output) = (read(|tokens| tokens.input_tokens), read(|tokens| tokens.output_tokens));
    if input.is_none() && output.is_none() {
        return None;
    }
    let mut total = openai::Usage::new(input.unwrap_or_default(), output.unwrap_or_default());
    if let Some(cached) = usage.cached_tokens {
        let mut details = PromptTokensDetails::default();
        details.cached_tokens = Some(whole(cached));
        total.prompt_tokens_details = Some(details);
    }
    Some(total)
}

/// A count that is written as a float.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is no count becomes the nearest one")]
pub(super) fn whole(count: f64) -> u64 {
    count.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_become_counts() {
        let counts = [(0.0, 0), (9.0, 9), (9.6, 10), (-1.0, 0), (f64::NAN, 0), (1e300, u64::MAX)];
        for (float, count) in counts {
            assert_eq!(whole(float), count, "{float}");
        }
    }

    #[test]
    fn what_is_billed_counts_only_where_nothing_else_is_known() {
        let read = |json: &str| of(serde_json::from_str(json).expect("usage"));
        let usage = read(
            r#"{"billed_units":{"input_tokens":20.0,"output_tokens":9.0},"tokens":{"input_tokens":310.0,"output_tokens":25.0},"cached_tokens":128.0}"#,
        );
        let usage = usage.expect("usage");
        assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens()), (310, 25, 128));
        let usage = read(r#"{"billed_units":{"input_tokens":20,"output_tokens":9},"tokens":null}"#).expect("usage");
        assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (20, 9, 29));
        assert!(read(r#"{"billed_units":{"search_units":1}}"#).is_none());
    }
}

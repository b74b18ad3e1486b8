//! Tokens: Bedrock counts apart what OpenAI counts in.

use llm_layers_wire::openai::{self, PromptTokensDetails};
use serde::Deserialize;

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
}

impl Usage {
    /// In OpenAI's sense: input includes what was read from the cache and written to it.
    pub(super) fn total(self) -> openai::Usage {
        let cached = self.cache_read_input_tokens.unwrap_or_default();
        let written = self.cache_write_input_tokens.unwrap_or_default();
        let plain = self.input_tokens.saturating_add(self.output_tokens);
        // Where the total is no more than these two, the input includes the cache already.
        let input = if self.total_tokens == Some(plain) {
            self.input_tokens
        } else {
            self.input_tokens.saturating_add(cached).saturating_add(written)
        };
        let mut usage = openai::Usage::new(input, self.output_tokens);
        if self.cache_read_input_tokens.is_some() || self.cache_write_input_tokens.is_some() {
            let mut details = PromptTokensDetails::default();
            details.cached_tokens = Some(cached);
            details.cache_write_tokens = Some(written);
            usage.prompt_tokens_details = Some(details);
        }
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_counted_once() {
        let prompt = |json: &str| serde_json::from_str::<Usage>(json).expect("usage").total().prompt_tokens;
        assert_eq!(prompt(r#"{"inputTokens":10,"outputTokens":2,"totalTokens":12}"#), 10);
        let apart = r#"{"inputTokens":10,"outputTokens":2,"totalTokens":42,"cacheReadInputTokens":20,"cacheWriteInputTokens":10}"#;
        assert_eq!(prompt(apart), 40);
        let within = r#"{"inputTokens":40,"outputTokens":2,"totalTokens":42,"cacheReadInputTokens":20,"cacheWriteInputTokens":10}"#;
        assert_eq!(prompt(within), 40);
        assert_eq!(prompt(r#"{"inputTokens":10,"outputTokens":2,"cacheReadInputTokens":20}"#), 30);
        assert_eq!(prompt("{}"), 0);
    }
}

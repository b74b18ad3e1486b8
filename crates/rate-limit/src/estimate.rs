use std::sync::LazyLock;

use http::request::Parts;
pub(crate) use llm_layers_core::metering::BYTES_PER_TOKEN;
use llm_layers_wire::json::Object;
use memchr::{memchr, memmem::Finder};

/// How many tokens a call will use: reserved when it begins, and replaced by what it has used at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Of the prompt.
    pub input: u64,
    /// Of the answer, at the most.
    pub output: u64,
}

impl Tokens {
    /// Both together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// Estimates the tokens of a call. Closures of the same arguments do, too.
pub trait Estimate: Send + Sync + 'static {
    /// The estimate, from the request's head and body.
    fn estimate(&self, head: &Parts, body: &Object) -> Tokens;
}

impl<F: Fn(&Parts, &Object) -> Tokens + Send + Sync + 'static> Estimate for F {
    fn estimate(&self, head: &Parts, body: &Object) -> Tokens {
        self(head, body)
    }
}

/// The estimate by default: a quarter of the prompt's bytes, and the most tokens that the answer may have.
///
/// A file or picture inside of the prompt counts for [`attachment`](Self::attachment) tokens, whatever its bytes. An
/// answer without a bound of its own counts for [`output`](Self::output) tokens, and each of `n` answers for itself;
/// embeddings have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ByBytes {
    /// Tokens of an answer whose request sets no bound. Default 512.
    pub output: u64,
    /// Tokens of a file or picture in base64. Default 1000.
    pub attachment: u64,
}

impl Default for ByBytes {
    fn default() -> Self {
        Self { output: 512, attachment: 1000 }
    }
}

impl Estimate for ByBytes {
    fn estimate(&self, head: &Parts, body: &Object) -> Tokens {
        const PROMPT: [&str; 7] = ["messages", "input", "prompt", "system", "instructions", "tools", "functions"];
        const BOUND: [&str; 3] = ["max_completion_tokens", "max_tokens", "max_output_tokens"];
        let input = PROMPT.iter().filter_map(|member| body.get(member)).map(|value| self.prompt(value));
        let input = input.fold(0, u64::saturating_add);
        if head.uri.path().trim_end_matches('/').ends_with("/embeddings") {
            return Tokens { input, output: 0 };
        }
        let number = |member: &str| body.read::<u64>(member).ok().flatten();
        let bound = BOUND.into_iter().find_map(number).unwrap_or(self.output);
        Tokens { input, output: bound.saturating_mul(number("n").unwrap_or(1).max(1)) }
    }
}

impl ByBytes {
    fn prompt(&self, value: &[u8]) -> u64 {
        /// Made once: that takes longer than to look through most prompts.
        static BASE64: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b";base64,"));
        let (mut text, mut attachments) = (value.len() as u64, 0u64);
        let mut rest = value;
        // `data:image/png;base64,…`, to the end of the string.
        while let Some(at) = BASE64.find(rest) {
            let after = rest.get(at..).unwrap_or_default();
            let length = memchr(b'"', after).unwrap_or(after.len());
            text = text.saturating_sub(length as u64);
            attachments += 1;
            rest = after.get(length..).unwrap_or_default();
        }
        text.div_ceil(BYTES_PER_TOKEN).saturating_add(attachments.saturating_mul(self.attachment))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn estimate(path: &str, body: &str) -> (u64, u64) {
        let (head, ()) = Request::post(path).body(()).expect("a request").into_parts();
        let body = Object::parse(body.to_owned()).expect("an object");
        let Tokens { input, output } = ByBytes::default().estimate(&head, &body);
        (input, output)
    }

    #[test]
    fn prompts_count_by_bytes_and_answers_by_their_bound() {
        let chat = "/v1/chat/completions";
        assert_eq!(estimate(chat, r#"{"messages":["1234567890"]}"#), (4, 512), "14 bytes");
        assert_eq!(estimate(chat, r#"{"messages":[],"tools":[{}],"max_tokens":7,"model":"not counted"}"#), (2, 7));
        assert_eq!(estimate(chat, r#"{"messages":[],"max_completion_tokens":9,"max_tokens":7,"n":3}"#), (1, 27));
        assert_eq!(estimate(chat, r#"{"messages":[],"max_tokens":null,"n":"two"}"#), (1, 512));
        assert_eq!(estimate("/v1/messages", r#"{"system":"123456","messages":[],"max_tokens":3}"#), (3, 3));
        assert_eq!(estimate("/v1/responses", r#"{"input":"123456","max_output_tokens":5}"#), (2, 5));
        assert_eq!(estimate("/v1/embeddings", r#"{"input":"123456","max_tokens":5}"#), (2, 0));
        assert_eq!(estimate(chat, "{}"), (0, 512));
    }

    #[test]
    fn pictures_count_as_pictures() {
        let picture = "A".repeat(1 << 20);
        let body = format!(
            r#"{{"messages":[{{"url":"data:image/png;base64,{picture}"}},{{"url":"data:image/png;base64,{picture}"}}]}}"#
        );
        let (input, _) = estimate("/v1/chat/completions", &body);
        assert!((2000..2050).contains(&input), "{input}");
        // Cut off in the middle of one, and no end.
        assert_eq!(ByBytes::default().prompt(b";base64,AAAA"), 1000);
    }

    #[test]
    fn no_number_overflows() {
        let most = u64::MAX;
        assert_eq!(estimate("/v1/completions", &format!(r#"{{"max_tokens":{most},"n":{most}}}"#)), (0, most));
        assert_eq!(Tokens { input: most, output: most }.total(), most);
    }
}

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Tokens by kind, in OpenAI's sense: `prompt_tokens` includes cached ones, `completion_tokens` includes reasoning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// All input tokens, cached ones included.
    #[serde(default, deserialize_with = "null_is_default")]
    pub prompt_tokens: u64,
    /// All output tokens, reasoning included.
    #[serde(default, deserialize_with = "null_is_default")]
    pub completion_tokens: u64,
    /// Input and output.
    #[serde(default, deserialize_with = "null_is_default")]
    pub total_tokens: u64,
    /// Input by kind, where the provider tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_tokens_details: Option<PromptTokensDetails>,
    /// Output by kind, where the provider tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_tokens_details: Option<CompletionTokensDetails>,
    /// What this library does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// Input tokens by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PromptTokensDetails {
    /// Read from the provider's prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
    /// Written to the provider's prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_tokens: Option<u64>,
    /// Audio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_tokens: Option<u64>,
    /// Text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_tokens: Option<u64>,
    /// Images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_tokens: Option<u64>,
    /// What this library does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// Output tokens by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompletionTokensDetails {
    /// Reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// Audio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_tokens: Option<u64>,
    /// Text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_tokens: Option<u64>,
    /// Of a prediction, those that appeared in the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_prediction_tokens: Option<u64>,
    /// Of a prediction, those that did not, and are billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_prediction_tokens: Option<u64>,
    /// What this library does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

fn null_is_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl Usage {
    /// Usage of so many input and output tokens, with no details.
    #[must_use]
    pub fn new(prompt_tokens: u64, completion_tokens: u64) -> Self {
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
            ..Self::default()
        }
    }

    /// Input tokens read from the provider's prompt cache.
    #[must_use]
    pub fn cached_tokens(&self) -> u64 {
        self.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens).unwrap_or_default()
    }

    /// Input tokens written to the provider's prompt cache.
    #[must_use]
    pub fn cache_write_tokens(&self) -> u64 {
        self.prompt_tokens_details.as_ref().and_then(|details| details.cache_write_tokens).unwrap_or_default()
    }

    /// Output tokens spent on reasoning.
    #[must_use]
    pub fn reasoning_tokens(&self) -> u64 {
        self.completion_tokens_details.as_ref().and_then(|details| details.reasoning_tokens).unwrap_or_default()
    }
}

/// Adds kind to kind: what several calls have used together. Of what this library does not know the first's stays.
impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        let Self { prompt_tokens, completion_tokens, total_tokens, .. } = other;
        self.prompt_tokens = self.prompt_tokens.saturating_add(prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(completion_tokens);
        self.total_tokens = self.total_tokens.saturating_add(total_tokens);
        if let Some(other) = other.prompt_tokens_details {
            let mine = self.prompt_tokens_details.get_or_insert_default();
            add(&mut mine.cached_tokens, other.cached_tokens);
            add(&mut mine.cache_write_tokens, other.cache_write_tokens);
            add(&mut mine.audio_tokens, other.audio_tokens);
            add(&mut mine.text_tokens, other.text_tokens);
            add(&mut mine.image_tokens, other.image_tokens);
        }
        if let Some(other) = other.completion_tokens_details {
            let mine = self.completion_tokens_details.get_or_insert_default();
            add(&mut mine.reasoning_tokens, other.reasoning_tokens);
            add(&mut mine.audio_tokens, other.audio_tokens);
            add(&mut mine.text_tokens, other.text_tokens);
            add(&mut mine.accepted_prediction_tokens, other.accepted_prediction_tokens);
            add(&mut mine.rejected_prediction_tokens, other.rejected_prediction_tokens);
        }
    }
}

fn add(mine: &mut Option<u64>, other: Option<u64>) {
    if let Some(other) = other {
        *mine = Some(mine.unwrap_or_default().saturating_add(other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_added_kind_by_kind() {
        let read = |json: &str| serde_json::from_str::<Usage>(json).expect("usage");
        let mut sum = read(r#"{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}"#);
        sum += read(
            r#"{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8,
                "prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":4}}"#,
        );
        assert_eq!((sum.prompt_tokens, sum.completion_tokens, sum.total_tokens), (6, 6, 12));
        assert_eq!((sum.cached_tokens(), sum.reasoning_tokens()), (2, 4));
    }
}

//! Counting.

use serde_json::{Value, json};

use crate::answer::text;

/// Tokens of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    prompt: u64,
    completion: u64,
    reasoning: u64,
}

/// Prompts from this many tokens on have been seen before, as far as the prompt cache is concerned.
const CACHED_FROM: u64 = 1024;

impl Usage {
    pub(crate) fn new(prompt: u64, completion: u64) -> Self {
        Self { prompt, completion, reasoning: 0 }
    }

    pub(super) fn reasoning(self, reasoning: u64) -> Self {
        Self { reasoning, ..self }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
            "prompt_tokens_details": {
                "cached_tokens": if self.prompt >= CACHED_FROM { CACHED_FROM } else { 0 },
                "audio_tokens": 0,
            },
            "completion_tokens_details": {
                "reasoning_tokens": self.reasoning, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        })
    }
}

/// Words in all texts of the messages, four for each message, and a quarter of the bytes of the tools.
pub(super) fn prompt_tokens(body: &Value) -> u64 {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let said: u64 = messages.iter().map(|message| 4 + words(message)).sum();
    let tools = body.get("tools").map_or(0, |tools| text::byte_tokens(&tools.to_string()));
    said + tools
}

/// The words of every string inside, those of images and files apart.
pub(crate) fn words(value: &Value) -> u64 {
    match value {
        Value::String(text) => text::tokens(text),
        Value::Array(items) => items.iter().map(words).sum(),
        Value::Object(members) => members
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "type" | "role" | "id"))
            .map(|(_, v)| words(v))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

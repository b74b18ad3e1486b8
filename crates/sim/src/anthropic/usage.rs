//! Counting. Total input is `input_tokens` and both cache members together.

use serde_json::{Value, json};

use crate::answer::text;
use crate::openai::usage::words;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    input: u64,
    cache_read: u64,
    output: u64,
    thinking: u64,
}

impl Usage {
    pub(crate) fn new(input: u64, output: u64) -> Self {
        Self { input, cache_read: 0, output, thinking: 0 }
    }

    pub(super) fn thinking(self, thinking: u64) -> Self {
        Self { thinking, ..self }
    }

    /// Half of the input has been read from the cache.
    pub(super) fn cached(self) -> Self {
        let cache_read = self.input / 2;
        Self { cache_read, input: self.input - cache_read, ..self }
    }

    pub(crate) fn json(&self) -> Value {
        self.members(self.output, self.thinking)
    }

    /// What `message_start` says: the input is known, the output has hardly begun.
    pub(crate) fn at_start(&self) -> Value {
        self.members(1, 0)
    }

    fn members(&self, output: u64, thinking: u64) -> Value {
        json!({
            "input_tokens": self.input,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": self.cache_read,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"thinking_tokens": thinking},
            "service_tier": "standard",
        })
    }
}

/// Words in all texts of system and messages, four for each message, a quarter of the bytes of the tools.
pub(super) fn input_tokens(body: &Value) -> u64 {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let said: u64 = messages.iter().map(|message| 4 + words(&message["content"])).sum();
    let tools = body.get("tools").map_or(0, |tools| text::byte_tokens(&tools.to_string()));
    said + words(&body["system"]) + tools
}

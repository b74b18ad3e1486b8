//! `usageMetadata`: a snapshot of what has been counted so far.

use serde_json::{Map, Value, json};

use super::tools::declarations;
use crate::answer::text;
use crate::openai::usage::words;

/// Prompts from this many tokens on have been seen before, as far as the cache is concerned.
const CACHED_FROM: u64 = 1024;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) prompt: u64,
    pub(crate) candidates: u64,
    pub(crate) thoughts: u64,
}

impl Usage {
    /// As in all JSON of protocol buffers, what is zero is left out.
    pub(crate) fn json(&self) -> Value {
        let mut members = Map::new();
        let cached = if self.prompt >= CACHED_FROM { CACHED_FROM } else { 0 };
        for (name, count) in [
            ("promptTokenCount", self.prompt),
            ("cachedContentTokenCount", cached),
            ("candidatesTokenCount", self.candidates),
            ("thoughtsTokenCount", self.thoughts),
            ("totalTokenCount", self.prompt + self.candidates + self.thoughts),
        ] {
            if count > 0 {
                members.insert(name.to_owned(), json!(count));
            }
        }
        members.insert("promptTokensDetails".to_owned(), details(self.prompt));
        Value::Object(members)
    }
}

pub(super) fn details(tokens: u64) -> Value {
    json!([{"modality": "TEXT", "tokenCount": tokens}])
}

/// Words in all texts of system and contents, four for each content, a quarter of the bytes of the declarations.
pub(super) fn prompt_tokens(body: &Value) -> u64 {
    let contents = body["contents"].as_array().into_iter().flatten();
    let said: u64 = contents.map(|content| 4 + in_content(content)).sum();
    let tools: u64 = declarations(body).map(|declaration| text::byte_tokens(&declaration.to_string())).sum();
    said + in_content(&body["systemInstruction"]) + tools
}

/// The words of texts, calls and responses; images and signatures have none.
pub(super) fn in_content(content: &Value) -> u64 {
    let parts = content["parts"].as_array().into_iter().flatten();
    let said = parts.map(|part| words(&part["text"]) + words(&part["functionCall"]) + words(&part["functionResponse"]));
    said.sum()
}

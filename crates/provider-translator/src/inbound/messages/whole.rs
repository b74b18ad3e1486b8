//! Blocks as the content of a whole message.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    answer::{Ending, Opening},
    blocks::{Delta, Sink, Start},
    spelled,
    usage::Usage,
};

/// Gathers the blocks of a message.
#[derive(Default)]
pub(super) struct Whole {
    blocks: Vec<Gathered>,
}

struct Gathered {
    start: Start,
    /// As they are spelled.
    text: String,
    signature: String,
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block<'a>>,
    stop_reason: &'static str,
    stop_sequence: Option<&'a str>,
    usage: Usage,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: Box<RawValue> },
    Thinking { thinking: Box<RawValue>, signature: Box<RawValue> },
    RedactedThinking { data: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: Box<RawValue> },
}

impl Whole {
    pub(super) fn write(&self, opening: &Opening, ending: &Ending) -> Bytes {
        let message = Message {
            id: &opening.id,
            kind: "message",
            role: "assistant",
            model: &opening.model,
            content: self.blocks.iter().map(Gathered::write).collect(),
            stop_reason: ending.reason,
            stop_sequence: ending.sequence.as_deref(),
            usage: ending.usage,
        };
        // Strings, numbers and JSON: writing them cannot fail.
        Bytes::from(serde_json::to_vec(&message).unwrap_or_default())
    }
}

impl Gathered {
    fn write(&self) -> Block<'_> {
        let Self { start, text, signature } = self;
        match start {
            Start::Text => Block::Text { text: spelled::quote(text) },
            Start::Thinking => Block::Thinking { thinking: spelled::quote(text), signature: spelled::quote(signature) },
            Start::Redacted { data } => Block::RedactedThinking { data },
            Start::ToolUse { id, name } => Block::ToolUse { id, name, input: input(&spelled::read(text)) },
        }
    }
}

/// The arguments of a call as they are spelled. What is no object, because a model was cut off or erred, is handed
/// on under a name: the tool refuses it, and the model is told so.
fn input(arguments: &str) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Raw<'a> {
        _raw: &'a str,
    }
    let arguments = arguments.trim();
    let text = if arguments.is_empty() { "{}" } else { arguments };
    let raw = RawValue::from_string(text.to_owned()).ok().filter(|raw| raw.get().starts_with('{'));
    // A string: writing it cannot fail.
    raw.or_else(|| serde_json::value::to_raw_value(&Raw { _raw: arguments }).ok()).unwrap_or_default()
}

impl Sink for Whole {
    fn start(&mut self, _: u32, start: &Start) {
        self.blocks.push(Gathered { start: start.clone(), text: String::new(), signature: String::new() });
    }

    fn delta(&mut self, _: u32, delta: Delta<'_>) {
        let Some(block) = self.blocks.last_mut() else { return };
        match delta {
            Delta::Text(text) | Delta::Thinking(text) | Delta::Input(text) => block.text.push_str(&text),
            Delta::Signature(signature) => block.signature.push_str(&signature),
        }
    }

    fn stop(&mut self, _: u32) {}
}

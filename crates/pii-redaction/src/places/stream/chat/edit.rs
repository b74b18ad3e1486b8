use bytes::Bytes;
use llm_layers_wire::{
    json::{Array, Limits, Object},
    openai::{Chunk, ChunkChoice},
};

use super::pieces::{At, TEXTS};
use crate::places::stream::Kind;

/// What changes in a chunk: a piece of a running text, or what stands whole in the chunk, in a choice of it, or in what
/// that adds.
pub(super) enum Edit {
    Piece { choice: usize, kind: Kind, at: At, text: String },
    OfChunk { name: String, json: String },
    OfChoice { choice: usize, name: String, json: String },
    OfDelta { choice: usize, name: String, json: String },
}

impl Edit {
    /// Whether it leaves nothing of a piece.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Piece { text, .. } if text.is_empty())
    }

    pub(super) fn make(self, chunk: &mut Chunk) {
        // What is set is JSON, of ours or of the walk.
        match self {
            Self::OfChunk { name, json } => {
                let _ = chunk.object_mut().set_raw(&name, json);
            }
            Self::OfChoice { choice, name, json } => {
                if let Some(choice) = chunk.choices_mut().get_mut(choice) {
                    let _ = choice.object_mut().set_raw(&name, json);
                }
            }
            Self::OfDelta { choice, name, json } => {
                if let Some(choice) = chunk.choices_mut().get_mut(choice) {
                    let _ = choice.delta_mut().set_raw(&name, json);
                }
            }
            Self::Piece { choice, kind, at, text } => {
                if let Some(choice) = chunk.choices_mut().get_mut(choice) {
                    set_piece(choice, kind, at, &text);
                }
            }
        }
    }
}

fn set_piece(choice: &mut ChunkChoice, kind: Kind, at: At, text: &str) {
    match (at, kind) {
        (At::Choice, _) => choice.object_mut().set("text", text),
        (At::Member, Kind::Transcript) => set_member(choice, "audio", &["transcript"], text),
        (At::Member, Kind::FunctionCall) => set_member(choice, "function_call", &["arguments"], text),
        (At::Member, kind) => {
            if let Some((name, _)) = TEXTS.iter().find(|(_, other)| *other == kind) {
                choice.delta_mut().set(name, text);
            }
        }
        (At::Part(part), _) => set_item(choice, "content", part, &["text"], text),
        (At::Call(call), Kind::Arguments) => set_item(choice, "tool_calls", call, &["function", "arguments"], text),
        (At::Call(call), _) => set_item(choice, "tool_calls", call, &["custom", "input"], text),
        (At::Thought, _) => {}
    }
}

fn set_member(choice: &mut ChunkChoice, name: &str, path: &[&str], text: &str) {
    if let Some(json) = choice.delta().get_bytes(name).and_then(|value| set_within(value, path, text)) {
        let _ = choice.delta_mut().set_raw(name, json);
    }
}

fn set_item(choice: &mut ChunkChoice, name: &str, at: usize, path: &[&str], text: &str) {
    let items = choice.delta().get_bytes(name).and_then(|items| Array::parse(items).ok());
    let Some(mut items) = items else { return };
    if let Some(json) = items.get(at).and_then(|item| set_within(item, path, text)) {
        let _ = items.set(at, json);
        let _ = choice.delta_mut().set_raw(name, items.to_bytes());
    }
}

/// An object with a text put where the path leads.
fn set_within(value: Bytes, path: &[&str], text: &str) -> Option<Bytes> {
    let mut object = Object::parse_with(value, &Limits::LENIENT).ok()?;
    match path {
        [] => return None,
        [name] => object.set(name, text),
        [name, rest @ ..] => {
            let inner = set_within(object.get_bytes(name)?, rest, text)?;
            object.set_raw(name, inner).ok()?;
        }
    }
    Some(object.to_bytes())
}

use bytes::Bytes;
use llm_layers_wire::{
    json::{Array, Limits, Object},
    openai::{Chunk, ChunkChoice},
};

use super::pieces::{OF_CHOICE, TEXTS};
use crate::places::stream::Kind;

/// What changes in a chunk: a piece of a running text, or what stands whole in the chunk, in a choice of it, or in what
/// that adds.
pub(super) enum Edit {
    Piece { choice: usize, kind: Kind, at: usize, text: String },
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

fn set_piece(choice: &mut ChunkChoice, kind: Kind, at: usize, text: &str) {
    let within = |value: Option<Bytes>, path: &[&str]| value.and_then(|value| set_within(value, path, text));
    match kind {
        Kind::Text if at == OF_CHOICE => choice.object_mut().set("text", text),
        Kind::Transcript | Kind::FunctionCall => {
            let (name, member) =
                if kind == Kind::Transcript { ("audio", "transcript") } else { ("function_call", "arguments") };
            if let Some(json) = within(choice.delta().get_bytes(name), &[member]) {
                let _ = choice.delta_mut().set_raw(name, json);
            }
        }
        Kind::Arguments | Kind::CustomInput => {
            let path = if kind == Kind::Arguments { ["function", "arguments"] } else { ["custom", "input"] };
            let calls = choice.delta().get_bytes("tool_calls").and_then(|calls| Array::parse(calls).ok());
            let Some(mut calls) = calls else { return };
            if let Some(json) = within(calls.get(at), &path) {
                let _ = calls.set(at, json);
                let _ = choice.delta_mut().set_raw("tool_calls", calls.to_bytes());
            }
        }
        kind => {
            if let Some((name, _)) = TEXTS.iter().find(|(_, other)| *other == kind) {
                choice.delta_mut().set(name, text);
            }
        }
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

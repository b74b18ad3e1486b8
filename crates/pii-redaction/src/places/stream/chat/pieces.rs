use std::borrow::Cow;

use llm_layers_wire::{
    json::{items, members},
    openai::{Chunk, ChunkChoice},
};

use crate::places::stream::{Channel, Kind, index_of, text_of};

/// Where in a chunk the running texts are, those of tool calls apart.
pub(super) const TEXTS: [(&str, Kind); 4] = [
    ("content", Kind::Text),
    ("refusal", Kind::Refusal),
    ("reasoning", Kind::Reasoning),
    ("reasoning_content", Kind::ReasoningContent),
];

/// Where the older completions have theirs: in the choice itself.
pub(super) const OF_CHOICE: usize = 1;

/// A piece of a running text in a chunk's choice.
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    /// The number that the provider gave the tool call, and which of the chunk's it is.
    pub(super) call: u32,
    pub(super) at: usize,
    pub(super) text: Cow<'a, str>,
}

impl Piece<'_> {
    /// The running text that it goes on with, of the choice with this number.
    pub(super) const fn channel(&self, of: u32) -> Channel {
        Channel::new(self.kind, of, self.call)
    }
}

/// The pieces of running texts in a choice, empty ones left out.
pub(super) fn pieces<'a>(choice: &'a ChunkChoice) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut push = |kind, call, at, value: Option<&'a [u8]>| {
        let text = value.and_then(text_of).filter(|text| !text.is_empty());
        pieces.extend(text.map(|text| Piece { kind, call, at, text }));
    };
    let delta = choice.delta();
    push(Kind::Text, 0, OF_CHOICE, choice.object().get("text"));
    for (name, kind) in TEXTS {
        push(kind, 0, 0, delta.get(name));
    }
    let member = |value, name: &[u8]| members(value).filter(|(other, _)| *other == name).last().map(|(_, value)| value);
    push(Kind::Transcript, 0, 0, delta.get("audio").and_then(|audio| member(audio, b"transcript")));
    push(Kind::FunctionCall, 0, 0, delta.get("function_call").and_then(|call| member(call, b"arguments")));
    for (at, call) in items(delta.get("tool_calls").unwrap_or_default()).enumerate() {
        let index = index_of(member(call, b"index")).unwrap_or(u32::try_from(at).unwrap_or(u32::MAX));
        let function = member(call, b"function").and_then(|function| member(function, b"arguments"));
        push(Kind::Arguments, index, at, function);
        push(Kind::CustomInput, index, at, member(call, b"custom").and_then(|custom| member(custom, b"input")));
    }
    pieces
}

/// How many pieces a chunk holds.
pub(super) fn pieces_of(chunk: &Chunk) -> usize {
    chunk.choices().iter().map(|choice| pieces(choice).len()).sum()
}

/// Whether tool calls, or a sound, hold nothing but a piece of what was begun before.
pub(super) fn is_continued(value: &[u8]) -> bool {
    let only = |call: &[u8]| {
        members(call).all(|(name, value)| match name {
            b"index" | b"type" | b"arguments" | b"input" | b"transcript" => true,
            b"function" | b"custom" => members(value).all(|(name, _)| matches!(name, b"arguments" | b"input")),
            _ => value == b"null",
        })
    };
    if value.starts_with(b"[") { items(value).all(only) } else { only(value) }
}

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

/// The number of the text that a choice of an older completion has.
pub(super) const OF_CHOICE: u32 = 1;

/// Thoughts that are signed, or will be.
pub(super) const THOUGHTS: [(&str, Kind); 2] =
    [("reasoning_details", Kind::Thought), ("thinking_blocks", Kind::ThoughtBlock)];

/// Where in a choice a piece stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// In the choice itself, as in the older completions.
    Choice,
    /// In a member of what the choice adds.
    Member,
    /// In one of the parts of its content.
    Part(usize),
    /// In one of its tool calls.
    Call(usize),
    /// In a thought, which stays as it is.
    Thought,
}

/// A piece of a running text in a chunk's choice.
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    /// The number that the provider gave the tool call, or the thought.
    pub(super) number: u32,
    pub(super) at: At,
    pub(super) text: Cow<'a, str>,
}

impl Piece<'_> {
    /// The running text that it goes on with, of the choice with this number.
    pub(super) const fn channel(&self, of: u32) -> Channel {
        Channel::new(self.kind, of, self.number)
    }
}

/// The pieces of running texts in a choice, empty ones left out.
pub(super) fn pieces<'a>(choice: &'a ChunkChoice) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut push = |kind, number, at, value: Option<&'a [u8]>| {
        let text = value.and_then(text_of).filter(|text| !text.is_empty());
        pieces.extend(text.map(|text| Piece { kind, number, at, text }));
    };
    let delta = choice.delta();
    // The older completions, and not the same text as a content's: what is left of it is sent in another shape.
    push(Kind::Text, OF_CHOICE, At::Choice, choice.object().get("text"));
    for (name, kind) in TEXTS {
        push(kind, 0, At::Member, delta.get(name));
    }
    for (at, part) in items(delta.get("content").unwrap_or_default()).enumerate() {
        push(Kind::Text, 0, At::Part(at), member(part, b"text"));
    }
    push(Kind::Transcript, 0, At::Member, delta.get("audio").and_then(|audio| member(audio, b"transcript")));
    push(Kind::FunctionCall, 0, At::Member, delta.get("function_call").and_then(|call| member(call, b"arguments")));
    for (at, call) in items(delta.get("tool_calls").unwrap_or_default()).enumerate() {
        let function = member(call, b"function").and_then(|function| member(function, b"arguments"));
        push(Kind::Arguments, number(call, at), At::Call(at), function);
        let custom = member(call, b"custom").and_then(|custom| member(custom, b"input"));
        push(Kind::CustomInput, number(call, at), At::Call(at), custom);
    }
    for (name, kind) in THOUGHTS {
        for (at, thought) in items(delta.get(name).unwrap_or_default()).enumerate() {
            for name in [&b"text"[..], b"thinking", b"summary"] {
                push(kind, number(thought, at), At::Thought, member(thought, name));
            }
        }
    }
    pieces
}

/// The member of an object; the last of namesakes.
fn member<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    members(object).filter(|(other, _)| *other == name).last().map(|(_, value)| value)
}

/// The number of one of several, which is its place where it has none.
fn number(object: &[u8], at: usize) -> u32 {
    index_of(member(object, b"index")).unwrap_or(u32::try_from(at).unwrap_or(u32::MAX))
}

/// How many pieces a chunk holds.
pub(super) fn pieces_of(chunk: &Chunk) -> usize {
    chunk.choices().iter().map(|choice| pieces(choice).len()).sum()
}

/// Whether tool calls, a sound or the parts of a content hold nothing but a piece of what was begun before.
pub(super) fn is_continued(value: &[u8]) -> bool {
    let only = |call: &[u8]| {
        members(call).all(|(name, value)| match name {
            b"index" | b"type" | b"arguments" | b"input" | b"transcript" | b"text" => {
                text_of(value).is_some() || name == b"index"
            }
            b"function" | b"custom" => {
                members(value).all(|(name, value)| matches!(name, b"arguments" | b"input") && text_of(value).is_some())
            }
            _ => value == b"null",
        })
    };
    if value.starts_with(b"[") { items(value).all(only) } else { only(value) }
}

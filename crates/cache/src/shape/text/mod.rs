//! The shape of a completion of the older kind: `text_completion`, streamed in pieces of the same shape.
//!
//! A stream is joined as that of a chat completion whose content is the text: the rules for all else are the same.

mod split;

use std::borrow::Cow;

use llm_layers_wire::{
    json::{Object, items},
    openai::{Chunk, ChunkChoice, Completion},
    sse::Event,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{UNBOUNDED, Unfit, chat, check, write::Writer};

pub(super) use split::replay;

#[derive(Debug)]
pub(super) struct Recorder(chat::Recorder);

impl Recorder {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self(chat::Recorder::new(max_bytes))
    }

    /// Joins an event, and says whether it could be.
    pub(super) fn push(&mut self, event: &Event) -> bool {
        event.chunk().and_then(as_chat).is_some_and(|chunk| self.0.join(&chunk))
    }

    pub(super) fn finish(self) -> Option<Object> {
        let mut answer = self.0.finish()?;
        let completion = Completion::parse_with(answer.to_bytes(), &UNBOUNDED).ok()?;
        answer.set_raw("choices", choices(&completion)).ok()?;
        answer.set("object", "text_completion");
        Some(answer)
    }
}

/// The chunk with each `text` as the content of a message.
fn as_chat(chunk: &Chunk) -> Option<Chunk> {
    let choices: Option<_> = chunk.choices().iter().map(as_chat_choice).collect();
    Some(Chunk::new(chunk.object().clone(), choices?))
}

fn as_chat_choice(choice: &ChunkChoice) -> Option<ChunkChoice> {
    let mut object = choice.object().clone();
    let mut delta = Object::new();
    if let Some(text) = object.get_bytes("text") {
        object.remove("text");
        delta.set_raw("content", text).ok()?;
    }
    Some(ChunkChoice::new(object, delta))
}

/// The choices, with the content of each message as their `text`.
fn choices(completion: &Completion) -> Vec<u8> {
    let mut out = vec![b'['];
    for choice in completion.choices() {
        if out.len() > 1 {
            out.push(b',');
        }
        let mut writer = Writer::new(&mut out);
        writer.member("text", choice.message().get("content").filter(|text| *text != b"null").unwrap_or(b"\"\""));
        for (name, value) in choice.object().iter().filter(|(name, _)| name != "message") {
            writer.member(&name, value);
        }
        writer.finish();
    }
    out.push(b']');
    out
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    #[serde(borrow)]
    text: &'a RawValue,
    #[serde(borrow)]
    finish_reason: Option<Cow<'a, str>>,
}

pub(super) fn check(answer: &Object, request: &Object) -> Result<(), Unfit> {
    let mut places = check::Places::default();
    for choice in check::choices(answer)? {
        let Choice { index, text, finish_reason } = check::read(choice)?;
        places.take(index)?;
        if !text.get().starts_with('"') {
            return Err(Unfit::Malformed);
        }
        check::finish_reason(finish_reason.as_deref(), &["stop", "length"])?;
    }
    places.are_all(request, prompts(request))
}

/// How many prompts a request has: each is answered by itself. A list of tokens is one.
fn prompts(request: &Object) -> usize {
    let prompts = items(request.get("prompt").unwrap_or_default());
    prompts.filter(|prompt| matches!(prompt, [b'"' | b'[', ..])).count().max(1)
}

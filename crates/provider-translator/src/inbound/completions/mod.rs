//! OpenAI's old completions: a prompt in, text out.
//!
//! For providers that have chat alone: the prompt becomes what a user says. What only a completion can do is
//! refused. Source: OpenAI's `openapi.json` 2.3.0 and the types of its Python SDK 3.52.0, read in November 2026.

mod answer;
#[cfg(test)]
mod tests;

use llm_layers_core::{Body, Failure};
use llm_layers_wire::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;

use self::answer::Answer;
use super::Inbound;
use crate::{place::Place, warnings::Warnings};

/// What a completion may have of tokens where its client does not say.
const MAX_TOKENS: u32 = 16;

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a RawValue,
}

/// Turns a completion into a chat call. Members that both have go through as they are.
pub(super) fn request(object: &Object) -> Result<Inbound, Failure> {
    let prompt = prompt(object)?;
    let is_set = |name: &str, neutral: &[&[u8]]| {
        object.get(name).is_some_and(|value| value != b"null" && !neutral.contains(&value))
    };
    for (name, neutral) in
        [("suffix", &[&b"\"\""[..]][..]), ("best_of", &[b"1"]), ("echo", &[b"false"]), ("logprobs", &[])]
    {
        if is_set(name, neutral) {
            return Err(Place::new(name).unsupported("it answers by chat completions"));
        }
    }
    let mut chat = object.clone();
    for name in ["prompt", "suffix", "best_of", "echo", "logprobs"] {
        chat.remove(name);
    }
    chat.set("messages", &[Message { role: "user", content: prompt }]);
    if !is_set("max_tokens", &[]) {
        chat.set("max_tokens", &MAX_TOKENS);
    }
    Ok(Inbound { body: Body::from(chat), warnings: Warnings::default(), answer: Box::new(Answer) })
}

/// The prompt, as it is spelled.
fn prompt(object: &Object) -> Result<&RawValue, Failure> {
    let place = Place::new("prompt");
    let raw = object.read::<&RawValue>("prompt").ok().flatten().ok_or_else(|| place.missing())?;
    let prompts = if raw.get().starts_with('[') { place.list(raw)? } else { vec![raw] };
    match prompts.as_slice() {
        [] => Err(place.invalid("it is empty")),
        [prompt] if prompt.get().starts_with('"') => Ok(prompt),
        [prompt] if !prompt.get().starts_with(|first: char| first == '[' || first.is_ascii_digit()) => {
            Err(place.expected("a string"))
        }
        [first, ..] if first.get().starts_with('"') => Err(place.unsupported("it takes one prompt at a time")),
        _ => Err(place.unsupported("it takes text and no tokens")),
    }
}

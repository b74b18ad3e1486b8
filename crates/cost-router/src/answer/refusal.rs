//! Answers of status 200 that hold a refusal and not a word else.
//!
//! OpenAI and Azure end with `finish_reason: content_filter` (API reference of chat completions); Anthropic with
//! `stop_reason: refusal` (Messages API, since Claude 4); OpenAI's responses with `incomplete_details.reason:
//! content_filter`. All read in November 2026.

use llm_layers_wire::{
    json::{Array, Limits, Object},
    openai::ChunkChoice,
    sse::Event,
};

use memchr::memmem;

use super::name::wrapped;

const CONTENT_FILTER: &str = "content_filter";

/// Whether a plain answer is a refusal.
pub(super) fn is_whole(object: &Object) -> bool {
    let says_so = |choices: &[u8]| memmem::find(choices, CONTENT_FILTER.as_bytes()).is_some();
    // Nearly all of them do not, and are not taken apart.
    if object.get("choices").is_some_and(|choices| choices.starts_with(b"[") && !says_so(choices)) {
        return false;
    }
    if let Some(choices) = array(object, "choices") {
        return !choices.is_empty() && choices.iter().all(is_choice);
    }
    if object.text("stop_reason").as_deref() == Some("refusal") {
        return array(object, "content").is_some_and(|content| content.is_empty());
    }
    is_response(object)
}

fn is_choice(choice: &Object) -> bool {
    let says_nothing = |name: &str| choice.get(name).is_none_or(is_nothing);
    choice.text("finish_reason").as_deref() == Some(CONTENT_FILTER)
        && says_nothing("text")
        && wrapped(choice, "message").is_none_or(|message| {
            ["content", "tool_calls", "reasoning_content", "reasoning"]
                .iter()
                .all(|name| message.get(name).is_none_or(is_nothing))
        })
}

fn is_response(object: &Object) -> bool {
    wrapped(object, "incomplete_details").is_some_and(|why| why.text("reason").as_deref() == Some(CONTENT_FILTER))
        && array(object, "output").is_none_or(|output| output.is_empty())
}

/// The objects of an array. None of what is no array of objects.
fn array(object: &Object, name: &str) -> Option<Vec<Object>> {
    let value = object.get_bytes(name).filter(|value| value.starts_with(b"["))?;
    let items = Array::parse_with(value, &Limits::LENIENT).ok()?;
    items.iter().map(|item| Object::parse_with(item, &Limits::LENIENT).ok()).collect()
}

fn is_nothing(value: &[u8]) -> bool {
    matches!(value, b"null" | b"\"\"" | b"[]" | b"{}")
}

/// Whether the first words of a stream are its refusal.
pub(super) fn is_stream<'a>(held: impl Iterator<Item = &'a Event>) -> bool {
    // All but the last have said nothing: with the first word waiting is over.
    let Some(last) = held.last().and_then(Event::chunk) else { return false };
    let choices = last.choices();
    if !choices.is_empty() {
        return choices.iter().all(is_filtered);
    }
    let object = last.object();
    match object.text("type").as_deref() {
        Some("message_delta") => {
            wrapped(object, "delta").is_some_and(|delta| delta.text("stop_reason").as_deref() == Some("refusal"))
        }
        Some("response.incomplete") => wrapped(object, "response").is_some_and(|response| is_response(&response)),
        _ => false,
    }
}

fn is_filtered(choice: &ChunkChoice) -> bool {
    choice.finish_reason().as_deref() == Some(CONTENT_FILTER)
        && choice.delta().iter().all(|(name, value)| name == "role" || is_nothing(value))
        && choice.object().get("text").is_none_or(is_nothing)
}

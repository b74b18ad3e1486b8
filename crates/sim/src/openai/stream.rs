//! The chunks of a streamed chat completion: rules S1 to S20 of the wire reference.

use serde_json::{Map, Value, json};

use super::chat::Head;
use super::choice::{Style, call_id, finish_reason, logprobs};
use super::{CREATED, EXTRA, FINGERPRINT};
use crate::answer::{Answer, ToolCall, text};
use crate::reply::Event;

/// The bytes of one fragment of arguments.
const FRAGMENT: usize = 9;

/// All events up to `[DONE]`. The chunks of several choices take turns.
pub(super) fn chat(head: &Head, answers: &[Answer], style: Style, words: usize, usage: Option<Value>) -> Vec<Event> {
    let chunk = |choices: Value, total: Option<Value>| {
        let mut value = json!({
            "id": head.id, "object": "chat.completion.chunk", "created": CREATED, "model": head.model,
            "service_tier": "default", "x_sim": EXTRA, "system_fingerprint": FINGERPRINT, "choices": choices,
        });
        if let (Some(members), Some(total)) = (value.as_object_mut(), total) {
            members.insert("usage".to_owned(), total);
        }
        Event::json(value)
    };
    // With usage asked for every chunk has the member, null up to the last.
    let null = usage.as_ref().map(|_| Value::Null);
    let mut tracks: Vec<_> =
        answers.iter().enumerate().map(|(index, answer)| track(index, answer, style, words).into_iter()).collect();
    let mut events = Vec::new();
    loop {
        let before = events.len();
        for track in &mut tracks {
            events.extend(track.next().map(|choice| chunk(json!([choice]), null.clone())));
        }
        if events.len() == before {
            break;
        }
    }
    if let Some(usage) = usage {
        events.push(chunk(json!([]), Some(usage)));
    }
    events.push(Event::done());
    events
}

/// What one choice has to say, chunk by chunk.
fn track(index: usize, answer: &Answer, style: Style, words: usize) -> Vec<Value> {
    let choice = |delta: Value, logprobs: Value, finish: Value| json!({"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish});
    let plain = |delta: Value| choice(delta, Value::Null, Value::Null);
    let silent = answer.text.is_empty() && !answer.calls.is_empty();
    let content = if silent { Value::Null } else { json!("") };
    let mut out = vec![plain(json!({"role": "assistant", "content": content, "refusal": null}))];
    for piece in text::chunks(answer.thinking.as_deref().unwrap_or_default(), words) {
        out.push(plain(json!({"reasoning_content": piece})));
    }
    for piece in text::chunks(&answer.text, words) {
        out.push(choice(json!({"content": piece}), logprobs(piece, style), Value::Null));
    }
    for piece in text::chunks(answer.refusal.as_deref().unwrap_or_default(), words) {
        out.push(plain(json!({"refusal": piece})));
    }
    if style.legacy {
        if let Some(call) = answer.calls.first() {
            out.push(plain(json!({"function_call": {"name": call.name, "arguments": ""}})));
            let fragments = text::fragments(&call.arguments, FRAGMENT).into_iter();
            out.extend(fragments.map(|piece| plain(json!({"function_call": {"arguments": piece}}))));
        }
    } else {
        for (at, call) in answer.calls.iter().enumerate() {
            out.extend(tool_call(at, call).into_iter().map(|delta| plain(json!({"tool_calls": [delta]}))));
        }
    }
    out.push(choice(json!({}), Value::Null, json!(finish_reason(answer, style))));
    out
}

/// The opening with id and name, then fragments with neither.
fn tool_call(at: usize, call: &ToolCall) -> Vec<Value> {
    let (kind, said) = if call.custom { ("custom", "input") } else { ("function", "arguments") };
    let wrap = |inner: Value| Map::from_iter([("index".to_owned(), json!(at)), (kind.to_owned(), inner)]);
    let mut opening = wrap(json!({"name": call.name, said: ""}));
    opening.insert("id".to_owned(), json!(call_id(call)));
    opening.insert("type".to_owned(), json!(kind));
    let mut out = vec![Value::Object(opening)];
    out.extend(
        text::fragments(&call.arguments, FRAGMENT).into_iter().map(|piece| Value::Object(wrap(json!({said: piece})))),
    );
    out
}

//! The events of a streamed message, in the one order in which they come.

use serde_json::{Value, json};

use super::chat::{Message, call_id, logprobs};
use crate::answer::text;
use crate::reply::Event;

/// The bytes of one fragment of a tool's arguments.
const FRAGMENT: usize = 9;

pub(super) fn events(message: &Message, words: usize) -> Vec<Event> {
    let answer = &message.answer;
    let start = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
    let mut events = vec![Event::named(
        "message-start",
        json!({"type": "message-start", "id": message.id, "delta": {"message": start}}),
    )];
    let plan = message.plan.as_deref().map(|plan| text::chunks(plan, words)).unwrap_or_default();
    events.extend(plan.into_iter().map(|piece| {
        Event::named("tool-plan-delta", json!({"type": "tool-plan-delta", "delta": {"message": {"tool_plan": piece}}}))
    }));

    let mut index = 0;
    if let Some(thinking) = &answer.thinking {
        content(&mut events, index, "thinking", text::chunks(thinking, words), message);
        index += 1;
    }
    if !answer.text.is_empty() {
        content(&mut events, index, "text", text::chunks(&answer.text, words), message);
    }
    for (at, call) in answer.calls.iter().enumerate() {
        let function = json!({"name": call.name, "arguments": ""});
        let open = json!({"id": call_id(&call.name, call.seed), "type": "function", "function": function});
        events.push(call_event("tool-call-start", at, open));
        events.extend(
            text::fragments(&call.arguments, FRAGMENT)
                .into_iter()
                .map(|piece| call_event("tool-call-delta", at, json!({"function": {"arguments": piece}}))),
        );
        events.push(Event::named("tool-call-end", json!({"type": "tool-call-end", "index": at})));
    }
    let delta = json!({"finish_reason": message.finish_reason(), "usage": message.usage});
    events.push(Event::named("message-end", json!({"type": "message-end", "id": message.id, "delta": delta})));
    events
}

fn content(events: &mut Vec<Event>, index: usize, kind: &str, pieces: Vec<&str>, message: &Message) {
    let block = json!({"type": kind, kind: ""});
    events.push(content_event("content-start", index, block));
    for piece in pieces {
        let mut event = content_event("content-delta", index, json!({kind: piece}));
        if let Some(members) =
            event.value_mut().and_then(Value::as_object_mut).filter(|_| message.logprobs && kind == "text")
        {
            members.insert("logprobs".to_owned(), logprobs(piece));
        }
        events.push(event);
    }
    if let Some(citation) = message.citation.as_ref().filter(|_| kind == "text") {
        let delta = json!({"message": {"citations": citation}});
        let start = json!({"type": "citation-start", "index": 0, "delta": delta});
        events.push(Event::named("citation-start", start));
        events.push(Event::named("citation-end", json!({"type": "citation-end", "index": 0})));
    }
    events.push(Event::named("content-end", json!({"type": "content-end", "index": index})));
}

fn content_event(kind: &'static str, index: usize, content: Value) -> Event {
    Event::named(kind, json!({"type": kind, "index": index, "delta": {"message": {"content": content}}}))
}

/// One call, as an object and not in a list.
fn call_event(kind: &'static str, index: usize, call: Value) -> Event {
    Event::named(kind, json!({"type": kind, "index": index, "delta": {"message": {"tool_calls": call}}}))
}

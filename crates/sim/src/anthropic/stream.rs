//! The events of a streamed message, in the one order in which they come.

use serde_json::{Value, json};

use super::messages::{Message, tool_id};
use super::signature;
use crate::answer::text;
use crate::reply::Event;

/// The bytes of one fragment of a tool's input.
const FRAGMENT: usize = 9;

pub(super) fn events(message: &Message, words: usize) -> Vec<Event> {
    let start = json!({
        "id": message.id, "type": "message", "role": "assistant", "model": message.model, "content": [],
        "stop_reason": null, "stop_sequence": null, "stop_details": null, "usage": message.usage.at_start(),
    });
    let mut events = vec![Event::named("message_start", json!({"type": "message_start", "message": start}))];
    let mut blocks = Blocks { next: 0, events: Vec::new() };

    if let Some(thinking) = message.thinking() {
        let mut deltas = deltas("thinking_delta", "thinking", text::chunks(thinking, words));
        deltas.push(json!({"type": "signature_delta", "signature": signature::sign(thinking)}));
        blocks.push(json!({"type": "thinking", "thinking": "", "signature": ""}), deltas);
    }
    if !message.answer.text.is_empty() {
        let deltas = deltas("text_delta", "text", text::chunks(&message.answer.text, words));
        blocks.push(json!({"type": "text", "text": ""}), deltas);
    }
    for call in &message.answer.calls {
        let start = json!({"type": "tool_use", "id": tool_id(call.seed), "name": call.name, "input": {}});
        // The first fragment is empty, and a call without arguments has no other.
        let mut pieces = vec![""];
        if call.arguments != "{}" {
            pieces.extend(text::fragments(&call.arguments, FRAGMENT));
        }
        blocks.push(start, deltas("input_json_delta", "partial_json", pieces));
    }

    // The first ping comes right behind the first block's start; further ones could come anywhere.
    let at = usize::from(!blocks.events.is_empty());
    blocks.events.insert(at, Event::named("ping", json!({"type": "ping"})));
    events.append(&mut blocks.events);
    let delta = json!({
        "stop_reason": message.stop_reason(), "stop_sequence": message.stop_sequence(),
        "stop_details": message.stop_details(),
    });
    let usage = message.usage.json();
    events.push(Event::named("message_delta", json!({"type": "message_delta", "delta": delta, "usage": usage})));
    events.push(Event::named("message_stop", json!({"type": "message_stop"})));
    events
}

struct Blocks {
    next: usize,
    events: Vec<Event>,
}

impl Blocks {
    fn push(&mut self, start: Value, deltas: Vec<Value>) {
        let index = self.next;
        self.next += 1;
        let start = json!({"type": "content_block_start", "index": index, "content_block": start});
        self.events.push(Event::named("content_block_start", start));
        self.events.extend(deltas.into_iter().map(|delta| {
            let delta = json!({"type": "content_block_delta", "index": index, "delta": delta});
            Event::named("content_block_delta", delta)
        }));
        let stop = json!({"type": "content_block_stop", "index": index});
        self.events.push(Event::named("content_block_stop", stop));
    }
}

fn deltas(kind: &str, member: &str, pieces: Vec<&str>) -> Vec<Value> {
    pieces.into_iter().map(|piece| json!({"type": kind, member: piece})).collect()
}

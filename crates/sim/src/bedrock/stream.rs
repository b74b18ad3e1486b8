//! The events of a streamed message, in the one order in which they come.

use serde_json::{Value, json};

use super::converse::{Message, tool_id};
use crate::answer::text;
use crate::ids;
use crate::reply::Event;

/// The bytes of one fragment of a tool's input.
const FRAGMENT: usize = 9;

pub(super) fn events(message: &Message, words: usize, seed: u64) -> Vec<Event> {
    let mut events = vec![Event::named("messageStart", json!({"role": "assistant"}))];
    let mut blocks = Blocks { next: 0, events: Vec::new() };
    if let Some((thinking, signature)) = message.thinking() {
        let texts = text::chunks(thinking, words).into_iter().map(|piece| json!({"text": piece}));
        let seal = signature.map(|signature| json!({"signature": signature}));
        blocks.push(None, texts.chain(seal).map(|delta| json!({"reasoningContent": delta})));
    }
    if !message.answer.text.is_empty() {
        let pieces = text::chunks(&message.answer.text, words);
        blocks.push(None, pieces.into_iter().map(|piece| json!({"text": piece})));
    }
    for call in &message.answer.calls {
        let start = json!({"toolUse": {"toolUseId": tool_id(call.seed), "name": call.name}});
        // A call without arguments has no delta.
        let pieces = if call.arguments == "{}" { Vec::new() } else { text::fragments(&call.arguments, FRAGMENT) };
        blocks.push(Some(start), pieces.into_iter().map(|piece| json!({"toolUse": {"input": piece}})));
    }
    events.append(&mut blocks.events);
    let mut stop = json!({"stopReason": message.stop_reason()});
    if let (Some(extra), Some(members)) = (&message.extra, stop.as_object_mut()) {
        members.insert("additionalModelResponseFields".to_owned(), extra.clone());
    }
    events.push(Event::named("messageStop", stop));
    let metadata = json!({"usage": message.usage, "metrics": {"latencyMs": 310}});
    events.push(Event::named("metadata", metadata));
    pad(&mut events, seed);
    events
}

struct Blocks {
    next: usize,
    events: Vec<Event>,
}

impl Blocks {
    /// Only calls of tools announce themselves; texts and thinking begin with their first delta.
    fn push(&mut self, start: Option<Value>, deltas: impl Iterator<Item = Value>) {
        let index = self.next;
        self.next += 1;
        if let Some(start) = start {
            let start = json!({"contentBlockIndex": index, "start": start});
            self.events.push(Event::named("contentBlockStart", start));
        }
        self.events.extend(
            deltas.map(|delta| Event::named("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta}))),
        );
        self.events.push(Event::named("contentBlockStop", json!({"contentBlockIndex": index})));
    }
}

/// The real service hides the lengths of words behind a member of so many letters.
fn pad(events: &mut [Event], seed: u64) {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (at, event) in events.iter_mut().enumerate() {
        let length = usize::try_from(ids::derive(seed, at as u64) % 40).unwrap_or(0) + 1;
        if let Some(members) = event.value_mut().and_then(Value::as_object_mut) {
            members.insert("p".to_owned(), json!(LETTERS.get(..length)));
        }
    }
}

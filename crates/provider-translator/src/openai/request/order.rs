//! The order in which roles may follow each other.

use llm_layers_wire::json::Object;
use serde_json::value::RawValue;

use crate::{openai::quirks::Order, warnings::Warnings};

/// What an assistant says between a tool's result and the user's next word, where somebody has to.
const BRIDGE: &str = r#"{"role":"assistant","content":"OK."}"#;

/// Makes the turns follow each other as the provider demands; says whether something had to be done.
pub(super) fn repair(messages: &mut Vec<Object>, order: Order, warnings: &mut Warnings) -> bool {
    let changed = match order {
        Order::Free => false,
        Order::AssistantAfterTool => bridge(messages),
        Order::Alternating => merge(messages),
    };
    if changed {
        warnings.emulated("messages", "role_order");
    }
    changed
}

fn bridge(messages: &mut Vec<Object>) -> bool {
    let before = messages.len();
    let mut made: Vec<Object> = Vec::with_capacity(before);
    for message in messages.drain(..) {
        if made.last().is_some_and(|last| is(last, "tool")) && is(&message, "user") {
            made.extend(Object::parse(BRIDGE));
        }
        made.push(message);
    }
    *messages = made;
    messages.len() != before
}

fn is(message: &Object, role: &str) -> bool {
    message.text("role").as_deref() == Some(role)
}

/// Joins neighbours of one role, if both hold no more than words and parts.
fn merge(messages: &mut Vec<Object>) -> bool {
    let before = messages.len();
    let mut made: Vec<Object> = Vec::with_capacity(before);
    for message in messages.drain(..) {
        let joined = made.last().filter(|last| last.get("role") == message.get("role")).and_then(|last| {
            let plain = |message: &Object| message.iter().all(|(name, _)| name == "role" || name == "content");
            if plain(last) && plain(&message) { join(last.get("content")?, message.get("content")?) } else { None }
        });
        match (joined, made.last_mut()) {
            (Some(content), Some(last)) => drop(last.set_raw("content", content)),
            _ => made.push(message),
        }
    }
    *messages = made;
    messages.len() != before
}

/// What a message says.
enum Content<'a> {
    Text(String),
    Parts(Vec<&'a RawValue>),
}

impl<'a> Content<'a> {
    fn read(raw: &'a [u8]) -> Option<Self> {
        if raw.starts_with(b"[") {
            serde_json::from_slice(raw).ok().map(Self::Parts)
        } else {
            serde_json::from_slice(raw).ok().map(Self::Text)
        }
    }

    /// As parts, without the brackets around them.
    fn parts(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(format!(r#"{{"type":"text","text":{}}}"#, serde_json::to_string(text).ok()?)),
            Self::Parts(parts) => Some(parts.iter().map(|part| part.get()).collect::<Vec<_>>().join(",")),
        }
    }
}

/// Two contents as one: two texts as one text, else the parts of both.
fn join(first: &[u8], second: &[u8]) -> Option<String> {
    match (Content::read(first)?, Content::read(second)?) {
        (Content::Text(first), Content::Text(second)) => serde_json::to_string(&format!("{first}\n\n{second}")).ok(),
        (first, second) => Some(format!("[{},{}]", first.parts()?, second.parts()?)),
    }
}

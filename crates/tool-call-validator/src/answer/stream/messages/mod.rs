//! Anthropic's events: its page on streaming messages, and the types of anthropic 2.12.0 for Python, read in November 2026.
//!
//! Only `tool_use` blocks are calls for the client; what the provider runs itself has blocks of other types.

mod spell;
#[cfg(test)]
mod tests;
mod usage;

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::{
    json::{Object, items, members},
    sse::Event,
};

use self::usage::Usage;
use super::{
    Shape,
    held::is_structured,
    items::{At, Class, Ending, Item, Items, Named, Reading, Tell, What, Wire, index, parse, raw, text},
};
use crate::{
    contract::Contract,
    judge::{CallKind, End},
    layer::Settings,
};

pub(super) fn shape(
    contract: &Arc<Contract>,
    settings: &Arc<Settings>,
    reasks: u32,
    spent: Option<Bytes>,
) -> Box<dyn Shape> {
    let messages = Messages { wants_text: is_structured(contract), usage: Usage::new(spent) };
    Box::new(Items::new(messages, contract, settings, reasks))
}

struct Messages {
    /// Whether text is to be JSON.
    wants_text: bool,
    usage: Usage,
}

impl Wire for Messages {
    fn read(&mut self, event: &mut Event) -> Reading {
        let Some(data) = event.data_bytes() else { return Reading::of(Class::Aside) };
        let Some(object) = parse(data) else { return Reading::of_no_object(event) };
        let (class, tell) = match &*kind(event, &object) {
            "ping" => (Class::Aside, None),
            "message_start" => return self.start(event, object),
            "content_block_start" => self.block(&object),
            "content_block_delta" => self.delta(&object),
            "content_block_stop" => (Class::Quiet, Some(Tell::Over { at: at(&object) })),
            "message_delta" => {
                let ending = ending(&object);
                self.usage.update(event, object);
                // Without a reason it tells of usage alone.
                (ending.map_or(Class::Quiet, |_| Class::Ending), ending.map(Tell::End))
            }
            "message_stop" => (Class::Last, None),
            "error" => (Class::Failed, None),
            _ if Failure::is_told_by(event) => (Class::Failed, None),
            _ => (Class::Said, None),
        };
        Reading { class, tells: tell.into_iter().collect(), number: None }
    }

    fn spell(&self, event: Event, touched: &[usize], items: &mut [Item], out: &mut Vec<Event>) {
        if let Some(item) = touched.first().and_then(|index| items.get_mut(*index)) {
            spell::event(event, item, out);
        }
    }

    /// The end tells with `refusal` that it was none of what was asked for.
    fn declines_in_text(&self) -> bool {
        true
    }

    fn usage(&self) -> Option<Bytes> {
        self.usage.told()
    }
}

impl Messages {
    fn start(&mut self, event: &mut Event, object: Object) -> Reading {
        let message = object.get("message").unwrap_or_default();
        let content = members(message).filter(|(name, _)| *name == b"content").last();
        if content.is_some_and(|(_, content)| items(content).next().is_some()) {
            // Blocks of which no events would tell.
            return Reading::of(Class::Unreadable);
        }
        self.usage.start(event, object);
        Reading::of(Class::Quiet)
    }

    fn block(&self, object: &Object) -> (Class, Option<Tell>) {
        let Some(block) = object.get_bytes("content_block").and_then(parse) else { return (Class::Said, None) };
        let at = at(object);
        match &*text(&block, "type") {
            "tool_use" => {
                let (id, name) = (text(&block, "id"), text(&block, "name"));
                let what = What::Call(Named { id, name, kind: CallKind::Function });
                (Class::Said, Some(Tell::Begins { at, what, text: raw(&block, "input") }))
            }
            "text" => {
                let text = raw(&block, "text");
                (said(&text), self.wants_text.then_some(Tell::Begins { at, what: What::Text, text }))
            }
            "thinking" => (said(&raw(&block, "thinking")), None),
            // Nobody can read it.
            "redacted_thinking" => (Class::Quiet, None),
            _ => (Class::Said, None),
        }
    }

    fn delta(&self, object: &Object) -> (Class, Option<Tell>) {
        let Some(delta) = object.get_bytes("delta").and_then(parse) else { return (Class::Said, None) };
        let at = at(object);
        match &*text(&delta, "type") {
            // Without a beginning it belongs to a tool that the provider runs.
            "input_json_delta" => (Class::Said, Some(Tell::More { at, text: raw(&delta, "partial_json"), or: None })),
            "text_delta" => {
                let (text, or) = (raw(&delta, "text"), Some(What::Text));
                (said(&text), self.wants_text.then_some(Tell::More { at, text, or }))
            }
            "thinking_delta" => (said(&raw(&delta, "thinking")), None),
            "signature_delta" => (Class::Quiet, None),
            _ => (Class::Said, None),
        }
    }
}

/// What an event is. Clients go by the name of the event, too.
fn kind(event: &Event, object: &Object) -> String {
    let name = || event.name().map(|name| String::from_utf8_lossy(name).into_owned());
    object.text("type").map(Into::into).or_else(name).unwrap_or_default()
}

fn at(object: &Object) -> At {
    (index(object, "index"), 0)
}

/// Whether a piece of text says anything.
fn said(text: &[u8]) -> Class {
    if matches!(text, b"\"\"" | b"null") { Class::Quiet } else { Class::Said }
}

/// How the message ends. What nobody knows is taken for an end in the middle: nothing is mended then.
fn ending(object: &Object) -> Option<Ending> {
    let delta = object.get_bytes("delta").and_then(parse)?;
    let (end, is_empty) = match &*delta.text("stop_reason")? {
        "end_turn" | "stop_sequence" | "tool_use" => (End::Complete, false),
        // The client is to let it go on.
        "pause_turn" | "compaction" => (End::Complete, true),
        "refusal" => (End::CutOff, true),
        _ => (End::CutOff, false),
    };
    Some(Ending { end, is_empty })
}

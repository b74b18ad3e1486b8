//! Anthropic's events: its page on streaming messages, and the types of anthropic 2.12.0 for Python, read in November 2026.
//!
//! Only `tool_use` blocks are calls for the client; what the provider runs itself has blocks of other types.

mod blocks;
mod spell;
#[cfg(test)]
mod tests;
mod usage;

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::{json::Object, sse::Event};

use self::{
    blocks::{Blocks, Taker},
    usage::Usage,
};
use super::{
    Shape,
    held::is_structured,
    items::{At, Class, Ending, Item, Items, Named, Reading, Tell, What, Wire, index, raw, text},
};
use crate::{
    answer::{
        end,
        nested::{Unreadable, list, object, parse},
    },
    contract::Contract,
    judge::CallKind,
    layer::Settings,
};

pub(super) fn shape(
    contract: &Arc<Contract>,
    settings: &Arc<Settings>,
    reasks: u32,
    spent: Option<Bytes>,
) -> Box<dyn Shape> {
    let messages =
        Messages { wants_text: is_structured(contract), blocks: Blocks::default(), usage: Usage::new(spent) };
    Box::new(Items::new(messages, contract, settings, reasks))
}

struct Messages {
    /// Whether text is to be JSON.
    wants_text: bool,
    blocks: Blocks,
    usage: Usage,
}

/// What an event is, and what it tells.
type Told = (Class, Option<Tell>);

impl Wire for Messages {
    fn read(&mut self, event: &mut Event) -> Reading {
        let Some(data) = event.data_bytes() else { return Reading::of(Class::Aside) };
        let told = match parse(data) {
            Ok(Some(object)) => self.told(event, object),
            // Clients read objects.
            Ok(None) => Ok((Class::Said, None)),
            Err(unreadable) => Err(unreadable),
        };
        let (class, tell) = told.unwrap_or((Class::Unreadable, None));
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
    fn told(&mut self, event: &mut Event, object: Object) -> Result<Told, Unreadable> {
        Ok(match &*kind(event, &object) {
            "ping" => (Class::Aside, None),
            "message_start" => (self.start(event, object)?, None),
            "content_block_start" => self.block(&object)?,
            "content_block_delta" => self.delta(&object)?,
            "content_block_stop" => (Class::Quiet, Some(Tell::Over { at: at(&object)? })),
            "message_delta" => {
                let ending = ending(&object)?;
                self.usage.update(event, object);
                // Without a reason it tells of usage alone.
                (ending.map_or(Class::Quiet, |_| Class::Ending), ending.map(Tell::End))
            }
            "message_stop" => (Class::Last, None),
            "error" => (Class::Failed, None),
            _ if Failure::is_told_by(event) => (Class::Failed, None),
            _ => (Class::Said, None),
        })
    }

    fn start(&mut self, event: &mut Event, told: Object) -> Result<Class, Unreadable> {
        let message = object(&told, "message")?.unwrap_or_default();
        if list(&message, "content")?.is_some_and(|content| !content.is_empty()) {
            // Blocks of which no events would tell.
            return Err(Unreadable);
        }
        self.usage.start(event, told);
        Ok(Class::Quiet)
    }

    fn block(&mut self, told: &Object) -> Result<Told, Unreadable> {
        let block = object(told, "content_block")?.unwrap_or_default();
        let at = at(told)?;
        let (taker, told) = match &*text(&block, "type") {
            "tool_use" => {
                let (id, name) = (text(&block, "id"), text(&block, "name"));
                let what = What::Call(Named { id, name, kind: CallKind::Function });
                (Taker::Client, (Class::Said, Some(Tell::Begins { at, what, text: raw(&block, "input") })))
            }
            "text" => {
                let text = raw(&block, "text");
                let class = said(&text);
                (Taker::Nobody, (class, self.wants_text.then_some(Tell::Begins { at, what: What::Text, text })))
            }
            "thinking" => (Taker::Nobody, (said(&raw(&block, "thinking")), None)),
            // Nobody can read it.
            "redacted_thinking" => (Taker::Nobody, (Class::Quiet, None)),
            _ => (Taker::Provider, (Class::Said, None)),
        };
        self.blocks.begin(at.0, taker)?;
        Ok(told)
    }

    fn delta(&self, told: &Object) -> Result<Told, Unreadable> {
        let Some(delta) = object(told, "delta")? else { return Ok((Class::Said, None)) };
        Ok(match &*text(&delta, "type") {
            "input_json_delta" => {
                let at = at(told)?;
                let is_call = self.blocks.is_call(at.0)?;
                let text = raw(&delta, "partial_json");
                (Class::Said, is_call.then_some(Tell::More { at, text, or: None }))
            }
            "text_delta" if self.wants_text => {
                let (at, text, or) = (at(told)?, raw(&delta, "text"), Some(What::Text));
                (said(&text), Some(Tell::More { at, text, or }))
            }
            "text_delta" => (said(&raw(&delta, "text")), None),
            "thinking_delta" => (said(&raw(&delta, "thinking")), None),
            "signature_delta" => (Class::Quiet, None),
            _ => (Class::Said, None),
        })
    }
}

/// What an event is. Clients go by the name of the event, too.
fn kind(event: &Event, object: &Object) -> String {
    let name = || event.name().map(|name| String::from_utf8_lossy(name).into_owned());
    object.text("type").map(Into::into).or_else(name).unwrap_or_default()
}

fn at(object: &Object) -> Result<At, Unreadable> {
    Ok((index(object, "index")?, 0))
}

/// Whether a piece of text says anything.
fn said(text: &[u8]) -> Class {
    if matches!(text, b"\"\"" | b"null") { Class::Quiet } else { Class::Said }
}

/// How the message ends.
fn ending(told: &Object) -> Result<Option<Ending>, Unreadable> {
    let delta = object(told, "delta")?.unwrap_or_default();
    Ok(delta.text("stop_reason").map(|reason| {
        let (end, is_empty) = end::message(&reason);
        Ending { end, is_empty }
    }))
}

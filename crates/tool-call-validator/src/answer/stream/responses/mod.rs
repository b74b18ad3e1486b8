//! The events of OpenAI's Responses API: the types of openai 3.54.0 for Python, and how its stream helper puts them
//! together, read in November 2026.
//!
//! A call is told up to four times over: in pieces, as a whole behind them, with its item, and with the response at the end.
//! A client may take any of them, so all are the same here. Events keep the numbers that they came with: a client may go
//! on behind one of them (`starting_after`), and numbers only have to go up. One that is put in shares that of the event
//! before it.

mod output;
mod spell;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::Failure;
use llm_layers_wire::{json::Object, sse::Event};

use self::output::Output;
use super::{
    Shape,
    held::is_structured,
    items::{At, Class, Ending, Item, Items, Named, Reading, Tell, What, Wire, edit, index, raw, summed, text},
};
use crate::{
    answer::nested::{Unreadable, object, parse},
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
    let responses = Responses { wants_text: is_structured(contract), in_passing: Vec::new(), spent, usage: None };
    Box::new(Items::new(responses, contract, settings, reasks))
}

struct Responses {
    /// Whether text is to be JSON.
    wants_text: bool,
    /// Where the messages stand that the model says in passing, and that are never JSON.
    in_passing: Vec<u32>,
    /// What earlier answers have used.
    spent: Option<Bytes>,
    usage: Option<Bytes>,
}

/// More messages than this are not said in passing.
const IN_PASSING: usize = 256;

impl Wire for Responses {
    fn read(&mut self, event: &mut Event) -> Reading {
        let Some(data) = event.data_bytes() else { return Reading::of(Class::Aside) };
        match parse(data) {
            Ok(Some(object)) => {
                let number = object.read("sequence_number").ok().flatten();
                let mut tells = Vec::new();
                let class = self.told(event, object, &mut tells).unwrap_or(Class::Unreadable);
                Reading { class, tells, number }
            }
            // Clients read objects.
            Ok(None) => Reading::of(Class::Said),
            Err(Unreadable) => Reading::of(Class::Unreadable),
        }
    }

    fn spell(&self, event: Event, touched: &[usize], items: &mut [Item], out: &mut Vec<Event>) {
        spell::event(self, event, touched, items, out);
    }

    fn strip(&self, event: &mut Event) {
        let Some(Ok(Some(mut object))) = event.data_bytes().map(parse) else { return };
        // It is JSON.
        edit(&mut object, "response", |response| _ = response.set_raw("output", "[]"));
        event.set_data(object.to_bytes());
    }

    fn usage(&self) -> Option<Bytes> {
        self.usage.clone()
    }
}

impl Responses {
    fn told(&mut self, event: &mut Event, mut object: Object, tells: &mut Vec<Tell>) -> Result<Class, Unreadable> {
        let kind = text(&object, "type");
        Ok(match kind.strip_prefix("response.").unwrap_or(&kind) {
            "created" | "queued" | "in_progress" => {
                self.response(&object, tells)?;
                Class::Quiet
            }
            "output_item.added" => self.added(&object, tells)?,
            "output_item.done" => self.done(&object, tells)?,
            "content_part.added" | "content_part.done" => self.part(&kind, &object, tells)?,
            "output_text.delta" => {
                if let Some(at) = self.text_at(&object)? {
                    tells.push(Tell::More { at, text: raw(&object, "delta"), or: Some(What::Text) });
                }
                Class::Said
            }
            "output_text.done" => {
                if let Some(at) = self.text_at(&object)? {
                    tells.push(Tell::Whole { at, what: What::Text, text: raw(&object, "text") });
                }
                Class::Said
            }
            "function_call_arguments.delta" => more(&object, CallKind::Function, tells)?,
            "custom_tool_call_input.delta" => more(&object, CallKind::Custom, tells)?,
            "function_call_arguments.done" => whole(&object, CallKind::Function, tells)?,
            "custom_tool_call_input.done" => whole(&object, CallKind::Custom, tells)?,
            "refusal.delta" | "refusal.done" => {
                tells.push(Tell::Refusal);
                Class::Said
            }
            "completed" | "incomplete" | "cancelled" => {
                self.response(&object, tells)?;
                tells.push(Tell::End(ending(&kind, &object)?));
                self.count(event, &mut object);
                Class::Last
            }
            "failed" => {
                self.response(&object, tells)?;
                Class::Failed
            }
            "error" => Class::Failed,
            _ if Failure::is_told_by(event) => Class::Failed,
            _ => Class::Said,
        })
    }

    fn added(&mut self, told: &Object, tells: &mut Vec<Tell>) -> Result<Class, Unreadable> {
        let Some(item) = object(told, "item")? else { return Ok(Class::Quiet) };
        let place = index(told, "output_index")?;
        if output::is_in_passing(&item) && self.in_passing.len() < IN_PASSING {
            self.in_passing.push(place);
        }
        Output { place, wants_text: self.wants_text }.item(&item, |at, what, text| {
            tells.push(Tell::Begins { at, what, text });
        })?;
        output::class(&item)
    }

    fn done(&self, told: &Object, tells: &mut Vec<Tell>) -> Result<Class, Unreadable> {
        let Some(item) = object(told, "item")? else { return Ok(Class::Said) };
        let place = index(told, "output_index")?;
        Output { place, wants_text: self.wants_text }.item(&item, |at, what, text| {
            tells.push(Tell::Whole { at, what, text });
            tells.push(Tell::Over { at });
        })?;
        output::class(&item)
    }

    fn part(&self, kind: &str, told: &Object, tells: &mut Vec<Tell>) -> Result<Class, Unreadable> {
        let Some(part) = object(told, "part")? else { return Ok(Class::Said) };
        let (is_begin, what) = (kind.ends_with(".added"), What::Text);
        match &*text(&part, "type") {
            "output_text" => {
                if let Some(at) = self.text_at(told)? {
                    let text = raw(&part, "text");
                    tells.push(if is_begin { Tell::Begins { at, what, text } } else { Tell::Whole { at, what, text } });
                }
            }
            "refusal" => tells.push(Tell::Refusal),
            _ => {}
        }
        let is_empty = raw(&part, "text").len() <= 2;
        Ok(if is_empty && is_begin { Class::Quiet } else { Class::Said })
    }

    /// The items that a response repeats.
    fn response(&self, told: &Object, tells: &mut Vec<Tell>) -> Result<(), Unreadable> {
        let Some(response) = object(told, "response")? else { return Ok(()) };
        output::each(&response, self.wants_text, |at, what, text| tells.push(Tell::Repeated { at, what, text }))?;
        tells.extend(output::has_refusal(&response)?.then_some(Tell::Refusal));
        Ok(())
    }

    /// Where a piece of text stands, if it is to be JSON.
    fn text_at(&self, object: &Object) -> Result<Option<At>, Unreadable> {
        if !self.wants_text {
            return Ok(None);
        }
        let at = (index(object, "output_index")?, index(object, "content_index")?);
        Ok((!self.in_passing.contains(&at.0)).then_some(at))
    }

    /// Takes the usage of the response, and adds what earlier answers have used.
    fn count(&mut self, event: &mut Event, object: &mut Object) {
        edit(object, "response", |response| {
            let usage = response.get_bytes("usage").filter(|usage| usage.starts_with(b"{"));
            let sum = match &usage {
                Some(usage) => summed(usage, self.spent.as_ref()),
                None => self.spent.clone(),
            };
            if let Some(sum) = sum {
                // It is JSON.
                let _ = response.set_raw("usage", sum);
            }
            self.usage = usage;
        });
        if object.is_edited() {
            event.set_data(object.to_bytes());
        }
    }
}

/// A piece of a call's arguments.
fn more(object: &Object, kind: CallKind, tells: &mut Vec<Tell>) -> Result<Class, Unreadable> {
    let or = Some(What::Call(Named { kind, ..Named::default() }));
    tells.push(Tell::More { at: (index(object, "output_index")?, 0), text: raw(object, "delta"), or });
    Ok(Class::Said)
}

/// All of a call's arguments.
fn whole(object: &Object, kind: CallKind, tells: &mut Vec<Tell>) -> Result<Class, Unreadable> {
    let what = What::Call(Named { name: text(object, "name"), kind, ..Named::default() });
    let text = raw(object, output::arguments(kind));
    tells.push(Tell::Whole { at: (index(object, "output_index")?, 0), what, text });
    Ok(Class::Said)
}

/// How the response ends.
fn ending(kind: &str, told: &Object) -> Result<Ending, Unreadable> {
    let status = object(told, "response")?.map(|response| text(&response, "status"));
    let is_complete = kind == "response.completed" && status.is_none_or(|status| matches!(&*status, "" | "completed"));
    Ok(Ending { end: if is_complete { End::Complete } else { End::CutOff }, is_empty: false })
}

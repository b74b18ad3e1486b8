//! Calls, and how their input comes to be.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    native::Block,
    order::{Extras, Order},
};
use crate::{
    compact::compact,
    ir::{Event, MOST_HELD},
    names::{Names, Wrap},
};

/// A call that has begun.
#[derive(Debug)]
pub(super) struct Tool {
    /// None of one by which the answer is given: its input is text.
    index: Option<u32>,
    id: String,
    extras: Extras,
    wrap: Wrap,
    /// What the block began with, for providers that send the input there.
    initial: Option<String>,
    /// Input that must be whole before it can be unwrapped.
    held: String,
    has_input: bool,
}

impl Tool {
    /// A call, the `index`-th of its answer.
    pub(super) fn open(block: Block<'_>, index: u32, names: &Names, out: &mut Vec<Event>) -> Self {
        let name = names.original(block.name.as_deref().unwrap_or_default()).to_owned();
        let wrap = names.wrap(&name);
        let initial = input(&block).filter(|input| input != "{}");
        let id = block.id.unwrap_or_else(|| format!("call_{index}"));
        out.push(Event::ToolStart { choice: 0, index, id: id.clone(), name, kind: wrap.kind() });
        // That the model itself has called is what nobody needs to be told.
        let caller = block.caller.filter(|raw| !is_direct(raw)).map(RawValue::to_owned);
        let extras = Extras { caller, toolset_name: block.toolset_name.map(RawValue::to_owned) };
        Self { index: Some(index), id, extras, wrap, initial, held: String::new(), has_input: false }
    }

    /// The one by which the model gives its answer.
    pub(super) fn of_answer(block: &Block<'_>, wrap: Wrap) -> Self {
        let (id, extras, held) = (String::new(), Extras::default(), String::new());
        Self { index: None, id, extras, wrap, initial: input(block), held, has_input: false }
    }

    /// Says where it stood.
    pub(super) fn stood(&self, order: &mut Order) {
        if self.index.is_some() {
            order.call(&self.id, &self.extras);
        }
    }

    /// More of its input comes.
    pub(super) fn input(&mut self, fragment: String, out: &mut Vec<Event>) {
        if fragment.is_empty() || self.held.len() > MOST_HELD {
            return;
        }
        self.has_input = true;
        if self.wrap == Wrap::Plain {
            self.say(fragment, out);
        } else {
            self.held.push_str(&fragment);
        }
    }

    /// No more of it comes.
    pub(super) fn close(mut self, out: &mut Vec<Event>) {
        if let Some(initial) = self.initial.take().filter(|_| !self.has_input) {
            self.input(initial, out);
        }
        if !self.held.is_empty() {
            let fragment = self.wrap.open(&self.held);
            self.say(fragment, out);
        }
        out.extend(self.index.map(|index| Event::ToolEnd { choice: 0, index }));
    }

    fn say(&self, fragment: String, out: &mut Vec<Event>) {
        out.push(match self.index {
            Some(index) => Event::ToolInput { choice: 0, index, fragment },
            None => Event::Text { choice: 0, text: fragment },
        });
    }
}

/// What a block begins with, for providers that send the input there.
fn input(block: &Block<'_>) -> Option<String> {
    block.input.map(|input| compact(input.get())).filter(|input| input.starts_with('{'))
}

/// Whether the model itself has called a tool.
fn is_direct(caller: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Caller<'a> {
        #[serde(rename = "type", borrow)]
        kind: Option<Cow<'a, str>>,
    }
    let kind = serde_json::from_str::<Caller<'_>>(caller.get()).ok().and_then(|caller| caller.kind);
    kind.is_none_or(|kind| kind == "direct")
}

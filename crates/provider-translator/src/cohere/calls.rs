//! The calls of an answer, as they come.

use llm_layers_core::Rng;

use super::native::{Function, ToolCall};
use crate::{
    ids,
    ir::Event,
    names::{Names, Wrap},
};

/// Counts calls by itself: Cohere's own index counts other things too, depending on the model.
#[derive(Debug)]
pub(super) struct Calls {
    names: Names,
    /// The client wants one call at most.
    single: bool,
    rng: Rng,
    count: u32,
    /// Calls that have begun and not ended; in practice one.
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    at: Option<u64>,
    index: u32,
    wrap: Wrap,
    /// Input that must be whole before it can be unwrapped.
    held: String,
    ignored: bool,
}

impl Calls {
    pub(super) const fn new(names: Names, single: bool, rng: Rng) -> Self {
        Self { names, single, rng, count: 0, open: Vec::new() }
    }

    pub(super) fn start(&mut self, at: Option<u64>, call: ToolCall, out: &mut Vec<Event>) {
        let ignored = self.single && self.count > 0;
        let Function { name, arguments } = call.function.unwrap_or_default();
        let name = self.names.original(name.as_deref().unwrap_or_default()).to_owned();
        let (index, wrap) = (self.count, self.names.wrap(&name));
        if !ignored {
            self.count += 1;
            let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| ids::call(&self.rng));
            out.push(Event::ToolStart { choice: 0, index, id, name, kind: wrap.kind() });
        }
        self.open.push(Open { at, index, wrap, held: String::new(), ignored });
        self.grow(at, arguments.unwrap_or_default(), out);
    }

    /// A call grows: the one that has begun at this place, or the last.
    pub(super) fn grow(&mut self, at: Option<u64>, fragment: String, out: &mut Vec<Event>) {
        let Some(found) = self.find(at) else { return };
        let Some(open) = self.open.get_mut(found).filter(|open| !open.ignored && !fragment.is_empty()) else { return };
        if open.wrap == Wrap::Plain {
            out.push(Event::ToolInput { choice: 0, index: open.index, fragment });
        } else {
            open.held.push_str(&fragment);
        }
    }

    pub(super) fn end(&mut self, at: Option<u64>, out: &mut Vec<Event>) {
        if let Some(found) = self.find(at) {
            self.open.remove(found).close(out);
        }
    }

    pub(super) fn end_all(&mut self, out: &mut Vec<Event>) {
        self.open.drain(..).for_each(|open| open.close(out));
    }

    fn find(&self, at: Option<u64>) -> Option<usize> {
        self.open.iter().rposition(|open| open.at == at).or_else(|| self.open.len().checked_sub(1))
    }
}

impl Open {
    fn close(self, out: &mut Vec<Event>) {
        if self.ignored {
            return;
        }
        if !self.held.is_empty() {
            let fragment = self.wrap.open(&self.held);
            out.push(Event::ToolInput { choice: 0, index: self.index, fragment });
        }
        out.push(Event::ToolEnd { choice: 0, index: self.index });
    }
}

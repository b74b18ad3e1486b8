use llm_layers_wire::sse::Event;

use super::super::held::weight;

/// An event that waits.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) event: Event,
    /// The choice whose verdict it waits for; `None` if it only waits for its turn.
    pub(super) choice: Option<usize>,
    /// To which call each item of its `tool_calls` belongs.
    pub(super) calls: Vec<usize>,
    /// The call that its `function_call` belongs to.
    pub(super) legacy: Option<usize>,
    /// Where its piece of the text ends in the whole text, if it holds one.
    pub(super) text: Option<usize>,
}

/// The events that wait, in the order they came in.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: Vec<Entry>,
}

impl Entry {
    /// An event that says nothing yet.
    pub(super) const fn greeting(event: Event) -> Self {
        Self { event, choice: None, calls: Vec::new(), legacy: None, text: None }
    }

    /// Whether it holds anything of a call.
    pub(super) fn has_calls(&self) -> bool {
        self.legacy.is_some() || !self.calls.is_empty()
    }

    /// The calls that it holds something of.
    pub(super) fn all_calls(&self) -> impl Iterator<Item = usize> {
        self.calls.iter().copied().chain(self.legacy)
    }

    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() - size_of::<Event>() + weight(&self.event) + self.calls.len() * size_of::<usize>()
    }
}

impl Queue {
    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Takes some out.
    pub(super) fn take(&mut self, which: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        if !self.entries.iter().any(&which) {
            return Vec::new();
        }
        let (taken, left) = std::mem::take(&mut self.entries).into_iter().partition(which);
        self.entries = left;
        taken
    }
}

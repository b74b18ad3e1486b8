use std::collections::VecDeque;

use llm_layers_wire::sse::Event;

use super::{
    super::held::{Room, apart, weight},
    Class, Item,
};

/// The events that wait, in their order.
pub(super) struct Line {
    events: VecDeque<Held>,
    /// How many events lead the line in which the model has said nothing yet. They wait for the first in which it does, for
    /// as long as it may still be asked again.
    quiet: usize,
    is_quiet: bool,
    /// Whether there is a verdict.
    is_open: bool,
    next_number: u64,
}

/// An event, and the items that it tells of.
pub(super) struct Held {
    pub(super) event: Event,
    pub(super) class: Class,
    pub(super) items: Vec<usize>,
    pub(super) number: Option<u64>,
}

impl Line {
    pub(super) const fn new(is_quiet: bool) -> Self {
        Self { events: VecDeque::new(), quiet: 0, is_quiet, is_open: false, next_number: 0 }
    }

    /// Whether anything has gone on in which the model says something.
    pub(super) const fn has_spoken(&self) -> bool {
        !self.is_quiet
    }

    /// From now on nothing waits for the model to say something.
    pub(super) const fn speak(&mut self) {
        self.is_quiet = false;
    }

    /// There is a verdict.
    pub(super) const fn open(&mut self) {
        self.is_open = true;
        self.speak();
    }

    /// Whether an event need not wait.
    pub(super) fn admits(&mut self, held: &Held, items: &[Item]) -> bool {
        let is_quiet = self.is_quiet && held.class == Class::Quiet;
        let admits = self.events.is_empty() && !is_quiet && self.may_go(held, items);
        if admits {
            self.speak();
        }
        admits
    }

    pub(super) fn push(&mut self, mut held: Held, items: &[Item]) {
        let leads = self.quiet == self.events.len();
        self.quiet += usize::from(leads && held.class == Class::Quiet && self.may_go(&held, items));
        held.event = apart(&held.event);
        self.events.push_back(held);
    }

    /// The next that may go on.
    pub(super) fn next(&mut self, items: &[Item], room: &mut Room) -> Option<Held> {
        let first = if self.is_quiet { self.quiet } else { 0 };
        if !self.may_go(self.events.get(first)?, items) {
            return None;
        }
        self.speak();
        let held = self.events.pop_front()?;
        room.give(weight(&held.event));
        Some(held)
    }

    fn may_go(&self, held: &Held, items: &[Item]) -> bool {
        let has_verdict = self.is_open || !matches!(held.class, Class::Ending | Class::Last);
        has_verdict && held.items.iter().all(|index| items.get(*index).is_none_or(|item| item.is_free))
    }

    /// The last event of the answer, if it has come.
    pub(super) fn take_last(&mut self) -> Option<Held> {
        let is_last = self.events.back().is_some_and(|held| held.class == Class::Last);
        if is_last { self.events.pop_back() } else { None }
    }

    pub(super) fn clear(&mut self) {
        self.events = VecDeque::new();
    }

    /// Takes note of the number of an event that goes on.
    pub(super) fn count(&mut self, held: &Held) {
        if let Some(number) = held.number {
            self.next_number = number.saturating_add(1);
        }
    }

    /// The number of an event behind those that have gone on.
    pub(super) const fn next_number(&self) -> u64 {
        self.next_number
    }
}

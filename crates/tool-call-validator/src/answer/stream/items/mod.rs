//! Streams that tell an answer item by item, with events for the beginning of each, its pieces and its end: those of
//! Messages and of Responses.
//!
//! Clients put items where they come: an event that is held holds all that come behind it. So events go on in their order,
//! as they came.

mod item;
mod line;
mod take;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
mod text;
mod verdict;
mod wire;

use std::{collections::HashSet, sync::Arc};

use bytes::Bytes;
use llm_layers_wire::sse::Event;

pub(super) use self::wire::index;
pub(crate) use self::{
    item::Item,
    wire::{At, Class, Ending, Named, Reading, Tell, What, Wire, edit, raw, text},
};
use self::{
    line::{Held, Line},
    take::{Refusal, Touched},
    text::Flowing,
};
use super::{
    Flow, Outcome, Shape,
    held::{self, Room},
};
use crate::{
    OnInvalid, Policy,
    contract::Contract,
    errors,
    judge::{Judgement, Turn, Verdict},
    layer::Settings,
};

/// The checking of such a stream.
pub(crate) struct Items<W> {
    wire: W,
    contract: Arc<Contract>,
    settings: Arc<Settings>,
    reasks: u32,
    holds_calls: bool,
    holds_text: bool,
    may_ask: bool,
    items: Vec<Item>,
    /// Items whose events may not go on yet.
    waiting: usize,
    /// The ids of calls that have gone on.
    ids: HashSet<String>,
    line: Line,
    room: Room,
    text: Flowing,
    is_refusal: bool,
    ending: Option<Ending>,
    /// What of the answer is judged is over, one way or another.
    is_over: bool,
    /// Whether nothing is looked at any more, because it could not be.
    is_blind: bool,
    /// What is asked about, and what is done if there is no answer.
    asked: Option<(Judgement, OnInvalid)>,
    outcome: Outcome,
}

impl<W: Wire> Items<W> {
    pub(crate) fn new(wire: W, contract: &Arc<Contract>, settings: &Arc<Settings>, reasks: u32) -> Self {
        let mut settings = Arc::clone(settings);
        let holds_text = held::holds_text(contract, &settings);
        if held::is_structured(contract) && !holds_text && settings.policy(None).repair {
            // What has gone out cannot be mended.
            let policy = Policy::clone(settings.policy(None)).repair(false);
            Arc::make_mut(&mut settings).text_policy = Some(policy);
        }
        let may_ask = held::may_ask(contract, &settings, reasks);
        let text =
            if holds_text { Flowing::default() } else { Flowing::new(contract, &settings, wire.declines_in_text()) };
        Self {
            wire,
            contract: Arc::clone(contract),
            reasks,
            holds_calls: held::holds_calls(&settings),
            holds_text,
            may_ask,
            items: Vec::new(),
            waiting: 0,
            ids: HashSet::new(),
            line: Line::new(may_ask),
            room: Room::new(settings.max_held),
            settings,
            text,
            is_refusal: false,
            ending: None,
            is_over: false,
            is_blind: false,
            asked: None,
            outcome: Outcome::default(),
        }
    }

    /// Lets everything go on that may.
    fn flush(&mut self, out: &mut Vec<Event>) {
        while let Some(held) = self.line.next(&self.items, &mut self.room) {
            self.emit(held, out);
        }
    }

    fn emit(&mut self, held: Held, out: &mut Vec<Event>) {
        self.line.count(&held);
        if held.items.iter().any(|index| self.items.get(*index).is_some_and(Item::is_changed)) {
            self.wire.spell(held.event, &held.items, &mut self.items, out);
        } else {
            out.push(held.event);
        }
    }

    fn refuse(&mut self, refusal: Refusal, event: Event, out: &mut Vec<Event>) -> Flow {
        self.is_over = true;
        let failure = match refusal {
            Refusal::Unreadable => errors::unreadable_answer(),
            Refusal::Wrong(fault) => {
                self.outcome.calls += 1;
                self.outcome.invalid += 1;
                self.outcome.faults.push(fault);
                errors::invalid(&self.outcome.faults)
            }
        };
        if self.holds_calls || self.holds_text || self.text.is_strict() {
            self.line.clear();
            return Flow::Stop(Box::new(failure));
        }
        // Where nothing is held, nothing is kept back: the rest goes on unseen.
        self.is_blind = true;
        if self.outcome.invalid > 0 {
            out.extend(held::comment(self.outcome.invalid));
        }
        out.push(event);
        Flow::On
    }

    /// The answer has failed: what has no verdict by now never gets one.
    fn fail(&mut self, mut event: Event, touched: &[usize], number: Option<u64>, out: &mut Vec<Event>) {
        self.broken(out);
        // One that has gone on must not be told otherwise.
        let is_free = |index: &usize| self.items.get(*index).is_some_and(|item| item.is_free && !item.is_changed());
        if !touched.iter().all(is_free) {
            self.wire.strip(&mut event);
        }
        self.line.count(&Held { event: event.clone(), class: Class::Failed, items: Vec::new(), number });
        out.push(event);
    }
}

impl<W: Wire> Shape for Items<W> {
    fn event(&mut self, mut event: Event, out: &mut Vec<Event>) -> Flow {
        let Reading { class, tells, number } = self.wire.read(&mut event);
        if class == Class::Aside || self.is_blind {
            out.push(event);
            return Flow::On;
        }
        if self.is_over {
            // Nothing is said after the end.
            if tells.is_empty() && !matches!(class, Class::Unreadable | Class::Last | Class::Failed) {
                self.emit(Held { event, class, items: Vec::new(), number }, out);
            }
            return Flow::On;
        }
        let touched = match class {
            // The stream broke off here. Nobody can read it.
            Class::Unreadable if !event.is_terminated() => return Flow::On,
            Class::Unreadable => Err(Refusal::Unreadable),
            _ => self.take(tells),
        };
        let Touched { items, over } = match touched {
            Ok(touched) => touched,
            Err(refusal) => return self.refuse(refusal, event, out),
        };
        if class == Class::Failed {
            self.fail(event, &items, number, out);
            return Flow::On;
        }
        self.settle(&over);
        let held = Held { event, class, items, number };
        if self.line.admits(&held, &self.items) {
            self.emit(held, out);
        } else if self.room.take(held::weight(&held.event)) {
            self.line.push(held, &self.items);
        } else {
            let index = held.items.first().copied().unwrap_or(usize::MAX);
            let refusal = self.too_long(index);
            return self.refuse(refusal, held.event, out);
        }
        if class == Class::Last {
            return self.conclude(out);
        }
        self.flush(out);
        Flow::On
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Flow {
        if self.is_over { Flow::On } else { self.conclude(out) }
    }

    fn broken(&mut self, out: &mut Vec<Event>) {
        if self.is_over {
            return;
        }
        self.is_over = true;
        self.line.speak();
        self.flush(out);
        self.line.clear();
        let gone = |item: &&Item| item.call().is_some() && item.is_free;
        let calls: Vec<_> = self.items.iter().filter(gone).filter_map(|item| item.judged(false)).collect();
        let judgement = Judgement { calls: vec![Verdict::Valid; calls.len()], ..Judgement::default() };
        self.outcome.add(&Turn { calls, ..Turn::default() }, &judgement);
    }

    fn otherwise(&mut self, out: &mut Vec<Event>) -> Flow {
        match self.asked.take() {
            Some((judgement, otherwise)) => self.do_otherwise(&judgement, otherwise, out),
            None => Flow::On,
        }
    }

    fn next_number(&self) -> u64 {
        self.line.next_number()
    }

    fn outcome(&mut self) -> Outcome {
        std::mem::take(&mut self.outcome)
    }
}

/// The usage of an answer, with that of earlier ones.
pub(crate) fn summed(usage: &[u8], spent: Option<&Bytes>) -> Option<Bytes> {
    spent.map(|spent| crate::reask::sum(usage, spent))
}

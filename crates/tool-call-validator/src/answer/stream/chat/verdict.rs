use llm_layers_wire::sse::Event;

use super::{
    Asking, Checking, Stage, Stop,
    choice::note_shape,
    edit::{Change, Changes},
    queue::Entry,
    whole::{change, changes, is_rewritten},
};
use crate::{
    OnInvalid,
    judge::{Decision, End, Turn, Verdict, decide, judge},
};

impl Checking {
    /// Judges a choice that has ended, and sees to it that the verdict is carried out.
    pub(super) fn judged(&mut self, slot: usize, end: Option<End>, out: &mut Vec<Event>) -> Result<(), Stop> {
        /// A choice ends once. Some servers say so again.
        const MOST: u32 = 16;
        let (Some(end), Some(choice)) = (end, self.choices.get_mut(slot)) else { return Ok(()) };
        let end = if choice.end == Some(End::CutOff) { End::CutOff } else { end };
        choice.end = Some(end);
        if self.is_blind || choice.judgement.is_some() && !choice.is_new {
            self.release(slot, out);
            return Ok(());
        }
        choice.verdicts += 1;
        choice.is_new = false;
        if choice.verdicts > MOST {
            return Err(Stop::Unreadable);
        }
        self.search(slot, end);
        let Some(choice) = self.choices.get_mut(slot) else { return Ok(()) };
        let turn = choice.turn(end, super::is_structured(&self.contract));
        let mut judgement = judge(&self.contract, &self.settings, &turn);
        choice.settle(&mut judgement, &self.settings);
        let decision = decide(&self.settings, std::slice::from_ref(&judgement), self.reasks);
        let faults: Vec<_> = judgement.all_faults().cloned().collect();
        choice.judgement = Some(judgement);
        match decision {
            Decision::Ask { otherwise } if self.may_ask && !self.is_said && self.choices.len() == 1 => {
                self.stage = Stage::Asking(Asking { choice: slot, otherwise, done: None });
                Ok(())
            }
            Decision::Reject | Decision::Ask { otherwise: OnInvalid::Reject } => Err(Stop::Flow(self.reject(&faults))),
            Decision::Pass | Decision::Report | Decision::Ask { .. } => {
                self.release(slot, out);
                Ok(())
            }
        }
    }

    /// Lets all go that waits for the verdict on a choice, mended where it says so.
    pub(super) fn release(&mut self, slot: usize, out: &mut Vec<Event>) {
        let entries = self.queue.take(|entry| entry.choice.is_none_or(|choice| choice == slot));
        self.room.give(entries.iter().map(Entry::weight).sum());
        self.is_said = true;
        let Some(choice) = self.choices.get_mut(slot) else { return };
        let mut changes = choice
            .judgement
            .as_ref()
            .map_or_else(Changes::default, |judgement| changes(choice, judgement, &self.settings));
        out.extend(entries.into_iter().filter_map(|entry| changes.make(entry)));
        (choice.flowed, choice.waits_from) = (choice.text.len(), None);
        let verdicts = choice.judgement.iter().flat_map(|judgement| &judgement.calls);
        for (call, verdict) in choice.calls.list_mut().iter_mut().zip(verdicts) {
            call.release(verdict.clone());
        }
    }

    /// Lets a call go before the end of its choice, if it is right as it is and nothing is to come that changes that.
    pub(super) fn let_go(&mut self, slot: usize, at: usize, out: &mut Vec<Event>) {
        let may_ask = self.may_ask && !self.is_said;
        let Some(choice) = self.choices.get_mut(slot) else { return };
        if may_ask || choice.is_stuck || !self.contract.parallel {
            return;
        }
        // Calls go in their order. Once one waits, all behind it do.
        choice.is_stuck = true;
        let calls = choice.calls.list();
        let Some(call) = calls.get(at) else { return };
        let is_next = calls.iter().take(at).all(|call| call.released.is_some());
        let has_twin = calls.iter().enumerate().any(|(other, twin)| other != at && twin.id() == call.id());
        let is_misread = choice.misread(&[], &self.settings).get(at).is_none_or(|is_misread| *is_misread);
        let is_of_it = |entry: &Entry| entry.choice == Some(slot) && entry.all_calls().any(|call| call == at);
        let is_alone = |entry: &Entry| entry.text.is_none() && entry.all_calls().all(|call| call == at);
        let mut entries = self.queue.entries().iter().filter(|entry| is_of_it(entry));
        if !is_next || has_twin || is_misread || call.is_cut() || !entries.all(is_alone) {
            return;
        }
        let turn = Turn { choice: choice.index, calls: vec![call.to_judge()], end: End::Open, ..Turn::default() };
        let judgement = judge(&self.contract, &self.settings, &turn);
        if judgement.calls != [Verdict::Valid] || !judgement.faults.is_empty() {
            return;
        }
        let mut changes = Changes::default();
        changes.calls.resize_with(at, Change::default);
        changes.calls.push(change(call, choice.calls.number(at), &Verdict::Valid, &self.settings));
        if let Some(call) = choice.calls.list_mut().get_mut(at) {
            let mut verdict = Verdict::Valid;
            if is_rewritten(call, &self.settings) {
                note_shape(&mut verdict);
            }
            call.release(verdict);
        }
        choice.is_stuck = false;
        let entries = self.queue.take(is_of_it);
        self.room.give(entries.iter().map(Entry::weight).sum());
        self.is_said = true;
        out.extend(entries.into_iter().filter_map(|entry| changes.make(entry)));
    }
}

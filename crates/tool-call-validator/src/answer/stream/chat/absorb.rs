use llm_layers_wire::sse::Event;

use super::{Checking, Stop, TextMode, calls::Call, delta::Delta};
use crate::{
    Fault,
    judge::{CallKind, Judgement, Verdict},
};

/// To which calls the pieces of an event were added.
#[derive(Debug, Default)]
pub(super) struct Added {
    pub(super) calls: Vec<usize>,
    pub(super) legacy: Option<usize>,
    /// The call that is over, because another has begun.
    pub(super) complete: Option<usize>,
}

impl Checking {
    /// Takes in what an event adds to a choice.
    pub(super) fn absorb(&mut self, slot: usize, delta: Delta, out: &mut Vec<Event>) -> Result<Added, Stop> {
        let weight = self.weight(&delta);
        let mut added = Added::default();
        let Some(choice) = self.choices.get_mut(slot).filter(|_| !self.is_blind) else { return Ok(added) };
        choice.is_refusal |= delta.is_refusal;
        choice.is_new |= delta.has_calls() || !delta.text.is_empty();
        for piece in delta.calls.into_iter().chain(delta.legacy) {
            let is_legacy = piece.kind == CallKind::Legacy;
            let to = choice.calls.add(piece)?;
            if to.is_new {
                added.complete = to.call.checked_sub(1);
            }
            if is_legacy {
                added.legacy = Some(to.call);
            } else {
                added.calls.push(to.call);
            }
        }
        let before = choice.text.len();
        if self.text != TextMode::Free {
            for piece in &delta.text {
                choice.text.push(piece)?;
            }
        }
        let added_text = choice.text.as_str().get(before..).unwrap_or_default();
        if let Some(Err(fault)) = choice.reader.as_mut().map(|reader| reader.push(added_text)) {
            let fault = Fault { choice: choice.index, ..fault };
            let text = Some(Verdict::Invalid(vec![fault.clone()]));
            choice.judgement = Some(Judgement { text, ..Judgement::default() });
            return Err(Stop::Flow(self.reject(&[fault])));
        }
        self.make_room(slot, weight, out)?;
        Ok(added)
    }

    /// How much room a delta takes: its calls, and its text.
    fn weight(&self, delta: &Delta) -> (usize, usize) {
        let pieces = delta.calls.iter().chain(&delta.legacy);
        let calls = pieces.map(|piece| size_of_val(piece) + piece.weight()).sum();
        (calls, if self.text == TextMode::Free { 0 } else { delta.text.iter().map(|piece| piece.len()).sum() })
    }

    fn make_room(&mut self, slot: usize, (calls, text): (usize, usize), out: &mut Vec<Event>) -> Result<(), Stop> {
        if self.text == TextMode::Searched && !self.room.take(text) {
            // A long text need not be an error.
            self.search_no_more(out);
        } else if self.text != TextMode::Searched && !(self.holds_calls || self.holds_text()) {
            if !self.room.take(calls + text) {
                // Nothing is held, so that what is too long to be judged can go on.
                self.too_long = Some(self.no_room(slot));
                self.is_blind = true;
            }
            return Ok(());
        } else if self.text != TextMode::Searched {
            return self.need(calls + text, slot);
        }
        self.need(calls, slot)
    }

    /// What is wrong where the room does not suffice.
    pub(super) fn no_room(&self, slot: usize) -> Fault {
        let choice = self.choices.get(slot);
        let call = choice.and_then(|choice| choice.calls.list().last());
        self.room.fault(choice.map_or(0, |choice| choice.index), call.map(Call::name))
    }
}

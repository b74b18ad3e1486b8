use llm_layers_wire::sse::Event;

use super::{
    super::{Again, Flow, held},
    Ending, Item, Items, What, Wire,
};
use crate::{
    Fault, OnInvalid, Reason, Repair, errors,
    judge::{Decision, End, Judgement, Mended, Turn, Verdict, decide, judge},
};

impl<W: Wire> Items<W> {
    /// Lets calls go on that have just ended, and are right whatever comes behind them.
    pub(super) fn settle(&mut self, over: &[usize]) {
        if self.may_ask || !self.contract.parallel || self.waiting != 1 {
            return;
        }
        for index in over {
            let Some(item) = self.items.get_mut(*index).filter(|item| !item.is_free) else { continue };
            // One without arguments may have been cut off before them, and of two with one id only the first may have it.
            if !item.is_said() || item.call().is_none_or(|call| call.id.is_empty() || self.ids.contains(&call.id)) {
                continue;
            }
            let calls = item.judged(false).into_iter().collect();
            let turn = Turn { calls, end: End::Open, ..Turn::default() };
            let judgement = judge(&self.contract, &self.settings, &turn);
            if judgement.faults.is_empty() && judgement.calls == [Verdict::Valid] {
                self.ids.extend(item.call().map(|call| call.id.clone()));
                item.settle(None);
                self.waiting -= 1;
            }
        }
    }

    /// What the model has said.
    fn turn(&self) -> Turn<'_> {
        let ending = self.ending.unwrap_or(Ending { end: End::CutOff, is_empty: false });
        let last = self.items.iter().rposition(|item| item.call().is_some());
        let is_cut = |index| {
            let is_last = last == Some(index) && index + 1 == self.items.len();
            ending.end == End::CutOff && is_last
        };
        let calls = self.items.iter().enumerate().filter_map(|(index, item)| item.judged(is_cut(index)));
        let calls: Vec<_> = calls.collect();
        let is_refusal = self.is_refusal || ending.is_empty;
        let is_judged = held::is_structured(&self.contract) && calls.is_empty() && !is_refusal;
        let texts = self.items.iter().filter(|item| item.what == What::Text);
        let text = is_judged.then(|| texts.map(Item::text).collect());
        Turn { choice: 0, calls, text, is_refusal, end: ending.end }
    }

    /// The verdict on all of it.
    pub(super) fn conclude(&mut self, out: &mut Vec<Event>) -> Flow {
        self.is_over = true;
        let turn = self.turn();
        let mut judgement = judge(&self.contract, &self.settings, &turn);
        self.note_misread(turn.end, &mut judgement);
        match decide(&self.settings, std::slice::from_ref(&judgement), self.reasks) {
            Decision::Pass => self.pass(&judgement, out),
            Decision::Reject => self.reject(&judgement),
            Decision::Report => self.report(&judgement, out),
            Decision::Ask { otherwise } if self.may_ask && !self.line.has_spoken() => {
                let again = Again { turn: turn.into_owned(), judgement: judgement.clone(), usage: self.wire.usage() };
                self.asked = Some((judgement, otherwise));
                Flow::Ask(Box::new(again))
            }
            Decision::Ask { otherwise } => self.do_otherwise(&judgement, otherwise, out),
        }
    }

    pub(super) fn do_otherwise(&mut self, judgement: &Judgement, otherwise: OnInvalid, out: &mut Vec<Event>) -> Flow {
        match otherwise {
            OnInvalid::Reject => self.reject(judgement),
            OnInvalid::Report => self.report(judgement, out),
        }
    }

    /// What clients may read in another way than it was judged is to be told in one, or else is wrong.
    fn note_misread(&self, end: End, judgement: &mut Judgement) {
        let repairs = |tool| end == End::Complete && self.settings.policy(tool).repair;
        let calls = self.items.iter().filter_map(|item| Some((item, item.call()?)));
        for ((item, call), verdict) in calls.zip(&mut judgement.calls) {
            if item.is_misread() {
                put_right(verdict, Some(&call.name), repairs(Some(&call.name)));
            }
        }
        let mut texts = self.items.iter().filter(|item| item.what == What::Text);
        if let Some(verdict) = judgement.text.as_mut().filter(|_| texts.any(Item::is_misread)) {
            put_right(verdict, None, repairs(None));
        }
    }

    /// Everything goes on, and what was mended with it.
    fn pass(&mut self, judgement: &Judgement, out: &mut Vec<Event>) -> Flow {
        self.note(judgement);
        self.free(judgement);
        self.line.open();
        self.flush(out);
        Flow::On
    }

    fn report(&mut self, judgement: &Judgement, out: &mut Vec<Event>) -> Flow {
        self.note(judgement);
        self.free(judgement);
        self.line.open();
        let last = self.line.take_last();
        self.flush(out);
        out.extend(held::comment(self.outcome.invalid));
        if let Some(last) = last {
            self.emit(last, out);
        }
        Flow::On
    }

    fn reject(&mut self, judgement: &Judgement) -> Flow {
        self.note(judgement);
        self.line.clear();
        Flow::Stop(Box::new(errors::invalid(&self.outcome.faults)))
    }

    /// Takes note of a verdict that is final.
    fn note(&mut self, judgement: &Judgement) {
        let mut outcome = std::mem::take(&mut self.outcome);
        outcome.add(&self.turn(), judgement);
        self.outcome = outcome;
    }

    /// Takes what was judged over into the items that still wait.
    fn free(&mut self, judgement: &Judgement) {
        let mut verdicts = judgement.calls.iter();
        let mut text = judgement.text.as_ref().and_then(mended).cloned();
        for item in &mut self.items {
            let is_text = item.what == What::Text;
            let verdict = if is_text { judgement.text.as_ref() } else { verdicts.next() };
            if matches!(verdict, Some(Verdict::Invalid(_))) {
                item.leave();
            } else if item.is_free {
                // It has gone on.
            } else if is_text {
                item.settle(text.as_ref());
                // All of it stands in the first.
                if let Some(text) = text.as_mut().and_then(|text| text.text.as_mut()) {
                    text.clear();
                }
            } else {
                item.settle(verdict.and_then(mended));
            }
        }
        self.waiting = 0;
    }
}

/// Has what is told in several ways told in one, if it may be changed.
fn put_right(verdict: &mut Verdict, tool: Option<&str>, repairs: bool) {
    const TORN: &str = "must be told in one way only";
    match verdict {
        Verdict::Invalid(_) => {}
        Verdict::Mended(mended) if repairs => mended.repairs.push(Repair::Shape),
        Verdict::Valid if repairs => {
            *verdict = Verdict::Mended(Mended { repairs: vec![Repair::Shape], ..Mended::default() });
        }
        Verdict::Valid | Verdict::Mended(_) => {
            let tool = tool.map(|tool| llm_layers_core::cut(tool, 64));
            *verdict = Verdict::Invalid(vec![Fault::whole(0, tool, Reason::NotJson, TORN)]);
        }
    }
}

fn mended(verdict: &Verdict) -> Option<&Mended> {
    match verdict {
        Verdict::Mended(mended) => Some(mended),
        Verdict::Valid | Verdict::Invalid(_) => None,
    }
}

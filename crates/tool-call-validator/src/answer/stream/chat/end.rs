use llm_layers_wire::sse::Event;

use super::{Checking, Stage, queue::Entry};
use crate::{
    OnInvalid,
    answer::stream::{
        Again, Flow, Shape as _,
        held::{apart, comment},
    },
    judge::End,
};

impl Checking {
    /// Keeps what comes behind the end of an answer that is to be asked for again.
    pub(super) fn swallow(&mut self, event: Event) -> Flow {
        let says = event.chunk().is_some_and(|chunk| self.says(chunk));
        let is_kept = match &mut self.stage {
            Stage::Asking(asking) => {
                if says {
                    // It comes too late to be judged.
                    asking.otherwise = OnInvalid::Reject;
                }
                asking.otherwise == OnInvalid::Report
            }
            _ => false,
        };
        let kept = if is_kept { self.wait(Entry::greeting(apart(&event))) } else { Ok(()) };
        match kept {
            Ok(()) => Flow::On,
            Err(stop) => self.stop(stop),
        }
    }

    /// The end of the stream: whatever has not ended by itself was cut off.
    pub(super) fn close(&mut self, done: Option<Event>, out: &mut Vec<Event>) -> Flow {
        for slot in 0..self.choices.len() {
            let end = self.choices.get(slot).map(|choice| choice.end.unwrap_or(End::CutOff));
            if matches!(self.stage, Stage::On)
                && let Err(stop) = self.judged(slot, end, out)
            {
                return self.stop(stop);
            }
        }
        if let Stage::Asking(asking) = &mut self.stage {
            asking.done = done;
            let slot = asking.choice;
            return match self.again(slot) {
                Some(again) => Flow::Ask(Box::new(again)),
                None => self.otherwise(out),
            };
        }
        let left = self.queue.take(|_| true);
        out.extend(self.events(left));
        let invalid = self.outcome().invalid;
        if invalid > 0 {
            out.extend(comment(invalid));
        }
        out.extend(done);
        self.end();
        Flow::On
    }

    fn again(&self, slot: usize) -> Option<Again> {
        let choice = self.choices.get(slot)?;
        let turn = choice.turn(choice.end.unwrap_or(End::CutOff), self.is_structured()).into_owned();
        Some(Again { turn, judgement: choice.judgement.clone()?, usage: self.usage.clone() })
    }
}

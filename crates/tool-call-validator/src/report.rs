use std::{collections::HashMap, sync::Arc};

use http::HeaderValue;
use llm_layers_core::{Caller, Deployment, Operation};

use crate::{
    Fault, Reason, Repair,
    judge::{Judgement, Turn, Verdict},
};

/// What the calls of an answer were like. An extension of plain answers, and what an
/// [audit hook](crate::ValidateLayer::audit) is given of all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The kind of call.
    pub operation: Operation,
    /// Who asked.
    pub caller: Option<Caller>,
    /// Who answered, where a router says so.
    pub deployment: Option<Deployment>,
    /// How many calls there were, and structured outputs.
    pub calls: usize,
    /// What became of them, tool by tool, in the order of first calls. Those that the model has thought up are counted
    /// together, under the first of their names.
    pub tools: Arc<[Called]>,
    /// What was mended.
    pub repaired: Arc<[Repaired]>,
    /// How often the model was asked again.
    pub reasks: u32,
    /// What was wrong in the end; nothing if all was right.
    pub faults: Arc<[Fault]>,
    /// How many calls were invalid in the end.
    pub invalid: usize,
}

/// What became of the calls of one tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Called {
    /// The tool, or `None` for structured output.
    pub tool: Option<Box<str>>,
    /// Whether the request offers it: else the model has thought it up.
    pub is_offered: bool,
    /// Calls that were right.
    pub valid: usize,
    /// Calls that were mended.
    pub repaired: usize,
    /// Calls that were invalid in the end.
    pub invalid: usize,
}

/// What was mended of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// Which choice of the answer, from 0.
    pub choice: usize,
    /// The tool, or `None` for structured output.
    pub tool: Option<Box<str>>,
    /// What was done.
    pub repairs: Box<[Repair]>,
}

impl Report {
    /// The report of an answer.
    pub(crate) fn new(operation: Operation, outcome: Outcome, reasks: u32) -> Self {
        let Outcome { calls, invalid, repaired, faults, tools, .. } = outcome;
        Self {
            operation,
            caller: None,
            deployment: None,
            calls,
            tools: tools.into(),
            repaired: repaired.into(),
            reasks,
            faults: faults.into(),
            invalid,
        }
    }

    /// `repaired=1,reasked=1,invalid=1`: what `x-llm-tool-calls` says. `None` if there is nothing to say.
    #[must_use]
    pub fn to_header(&self) -> Option<HeaderValue> {
        let counts = [("repaired", self.repaired.len()), ("reasked", self.reasks as usize), ("invalid", self.invalid)];
        let told: Vec<_> =
            counts.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name}={count}")).collect();
        if told.is_empty() { None } else { HeaderValue::try_from(told.join(",")).ok() }
    }
}

/// What an answer has come to, choice by choice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) calls: usize,
    /// Calls and texts that are invalid, and choices with the right calls in the wrong number.
    pub(crate) invalid: usize,
    pub(crate) repaired: Vec<Repaired>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) tools: Vec<Called>,
    /// Where each tool stands among those; under `None`, what was thought up.
    places: HashMap<Option<Option<Box<str>>>, usize>,
}

impl Outcome {
    /// Takes note of a choice, once its judgement is final.
    pub(crate) fn add(&mut self, turn: &Turn<'_>, judgement: &Judgement) {
        for (call, verdict) in turn.calls.iter().zip(&judgement.calls) {
            self.take(turn.choice, Some(&call.name), verdict);
        }
        if let Some(verdict) = &judgement.text {
            self.take(turn.choice, None, verdict);
        }
        self.faults.extend_from_slice(&judgement.faults);
        self.invalid += usize::from(!judgement.faults.is_empty() && judgement.invalid() == 0);
    }

    fn take(&mut self, choice: usize, tool: Option<&str>, verdict: &Verdict) {
        self.calls += 1;
        match verdict {
            Verdict::Valid => self.called(tool, true).valid += 1,
            Verdict::Mended(mended) => {
                let tool = mended.name.as_deref().or(tool);
                self.called(tool, true).repaired += 1;
                let repairs = mended.repairs.as_slice().into();
                self.repaired.push(Repaired { choice, tool: tool.map(Into::into), repairs });
            }
            Verdict::Invalid(faults) => {
                let is_offered = !faults.iter().any(|fault| fault.reason == Reason::UnknownTool);
                // As the faults spell it: an invented name is cut there.
                let named = faults.iter().find_map(|fault| fault.tool.as_deref());
                self.called(named.or(tool), is_offered).invalid += 1;
                self.invalid += 1;
                self.faults.extend_from_slice(faults);
            }
        }
    }

    fn called(&mut self, tool: Option<&str>, is_offered: bool) -> &mut Called {
        let tool: Option<Box<str>> = tool.map(Into::into);
        let index = *self.places.entry(is_offered.then(|| tool.clone())).or_insert(self.tools.len());
        if index == self.tools.len() {
            self.tools.push(Called { tool, is_offered, ..Called::default() });
        }
        #[allow(clippy::indexing_slicing, reason = "there since it has a place")]
        &mut self.tools[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Call, Mended};

    fn fault(reason: Reason) -> Fault {
        Fault::whole(1, Some("a"), reason, "")
    }

    fn call(name: &'static str) -> Call<'static> {
        Call { name: name.into(), ..Call::default() }
    }

    fn header(outcome: Outcome, reasks: u32) -> Option<String> {
        let header = Report::new(Operation::Message, outcome, reasks).to_header()?;
        Some(header.to_str().expect("text").to_owned())
    }

    #[test]
    fn the_header_tells_what_there_is_to_tell() {
        let turn = Turn { choice: 1, calls: vec![call("a"), call("b"), call("c")], ..Turn::default() };
        let mended = Verdict::Mended(Mended { repairs: vec![Repair::Fence], ..Mended::default() });
        let faults = vec![fault(Reason::Type), fault(Reason::Required)];
        let calls = vec![mended, Verdict::Valid, Verdict::Invalid(faults)];
        let mut outcome = Outcome::default();
        outcome.add(&turn, &Judgement { calls, ..Judgement::default() });
        assert_eq!((outcome.calls, outcome.invalid, outcome.faults.len()), (3, 1, 2));
        let repaired = Repaired { choice: 1, tool: Some("a".into()), repairs: [Repair::Fence].into() };
        assert_eq!(outcome.repaired, [repaired]);
        assert_eq!(header(outcome.clone(), 2).as_deref(), Some("repaired=1,reasked=2,invalid=1"));
        assert_eq!(header(Outcome { repaired: Vec::new(), ..outcome }, 0).as_deref(), Some("invalid=1"));
        assert_eq!(header(Outcome::default(), 0), None);
    }

    #[test]
    fn a_choice_that_is_wrong_as_a_whole_is_invalid_once() {
        let mut outcome = Outcome::default();
        outcome.add(&Turn::default(), &Judgement { faults: vec![fault(Reason::MissingCall)], ..Judgement::default() });
        assert_eq!((outcome.calls, outcome.invalid, outcome.faults.len()), (0, 1, 1));
        let (calls, faults) = (vec![Verdict::Invalid(vec![fault(Reason::Type)])], vec![fault(Reason::ParallelCalls)]);
        let turn = Turn { calls: vec![call("a")], ..Turn::default() };
        outcome.add(&turn, &Judgement { calls, faults, text: None });
        assert_eq!((outcome.calls, outcome.invalid, outcome.faults.len()), (1, 2, 3));
    }
}

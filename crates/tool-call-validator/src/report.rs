use std::sync::Arc;

use http::HeaderValue;
use llm_layers_core::{Caller, Deployment, Operation};

use crate::{Fault, Repair};

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
    /// What was mended.
    pub repaired: Arc<[Repaired]>,
    /// How often the model was asked again.
    pub reasks: u32,
    /// What was wrong in the end; nothing if all was right.
    pub faults: Arc<[Fault]>,
    /// How many calls were invalid in the end.
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
    /// `repaired=1,reasked=1,invalid=1`: what `x-llm-tool-calls` says. `None` if there is nothing to say.
    #[must_use]
    pub fn to_header(&self) -> Option<HeaderValue> {
        let counts =
            [("repaired", self.repaired.len()), ("reasked", self.reasks as usize), ("invalid", self.invalid)];
        let told: Vec<_> =
            counts.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name}={count}")).collect();
        if told.is_empty() { None } else { HeaderValue::try_from(told.join(",")).ok() }
    }
}

//! What to think of an answer: each call, and the text, against what was asked for.

use std::borrow::Cow;

use crate::{Fault, Policy, Repair, contract::Contract, layer::Settings};

/// What one choice of an answer says, as far as it is judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn<'a> {
    /// Which choice, from 0.
    pub(crate) choice: usize,
    pub(crate) calls: Vec<Call<'a>>,
    /// The text, if the request asks for JSON in it.
    pub(crate) text: Option<Cow<'a, str>>,
    /// Whether the model has declined, and no text or call is to be expected.
    pub(crate) is_refusal: bool,
    pub(crate) end: End,
}

/// A call as the model has made it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call<'a> {
    /// Empty where there is none.
    pub(crate) id: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    /// JSON, or what was to be JSON; for a free tool its input.
    pub(crate) arguments: Cow<'a, str>,
    pub(crate) kind: CallKind,
}

/// In which member a call stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CallKind {
    #[default]
    Function,
    /// A tool of free text.
    Custom,
    /// `function_call` of a chat, which has no id.
    Legacy,
}

/// How the answer has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// The model says that it is done.
    #[default]
    Complete,
    /// Cut off by a limit or a filter: nothing is mended.
    CutOff,
    /// Not known yet: the stream goes on. Only calls that are right as they are can be told to be so.
    Open,
}

/// What was found of one choice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judgement {
    /// In the order of the calls.
    pub(crate) calls: Vec<Verdict>,
    /// Of the text, where it was to be JSON.
    pub(crate) text: Option<Verdict>,
    /// What is wrong with the choice as a whole: no call where one must be.
    pub(crate) faults: Vec<Fault>,
}

/// What was found of a call, or of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Valid,
    Mended(Mended),
    Invalid(Vec<Fault>),
}

/// What a call is to become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mended {
    /// Where it changes.
    pub(crate) id: Option<String>,
    /// Where it changes.
    pub(crate) name: Option<String>,
    /// The arguments, or the text, where they change.
    pub(crate) text: Option<String>,
    pub(crate) repairs: Vec<Repair>,
}

/// What is to be done about an answer, all its choices together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// All is right, or has been mended.
    Pass,
    /// The model is asked again, if that is still possible; else `otherwise`.
    Ask { otherwise: crate::OnInvalid },
    Reject,
    Report,
}

/// Judges a choice.
pub(crate) fn judge(_contract: &Contract, _settings: &Settings, turn: &Turn<'_>) -> Judgement {
    Judgement { calls: vec![Verdict::Valid; turn.calls.len()], text: None, faults: Vec::new() }
}

/// What is to be done about these judgements, after so many times of asking again. The strictest policy counts.
pub(crate) fn decide(_settings: &Settings, _judgements: &[Judgement], _reasks: u32) -> Decision {
    Decision::Pass
}

impl Judgement {
    /// Everything that is wrong.
    pub(crate) fn all_faults(&self) -> impl Iterator<Item = &Fault> {
        let of = |verdict: &'_ Verdict| match verdict {
            Verdict::Invalid(faults) => faults.clone(),
            _ => Vec::new(),
        };
        let _ = of;
        self.faults.iter()
    }
}

impl Settings {
    /// What happens to calls of this tool; `None` is structured output.
    pub(crate) fn policy(&self, tool: Option<&str>) -> &Policy {
        match tool {
            Some(tool) => self.tools.get(tool).unwrap_or(&self.default_policy),
            None => self.text_policy.as_ref().unwrap_or(&self.default_policy),
        }
    }
}

//! What to think of an answer: each call, and the text, against what was asked for.

mod calls;
mod check;
mod decide;
mod ids;
mod value;

use std::borrow::Cow;

use crate::{
    Fault, Policy, Reason, Repair,
    contract::{Contract, Text},
    layer::Settings,
};
use check::Check;

pub use check::Checked;
pub(crate) use decide::{Decision, decide};

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

/// Judges a choice.
pub(crate) fn judge(contract: &Contract, settings: &Settings, turn: &Turn<'_>) -> Judgement {
    Judgement {
        calls: calls::judge(contract, settings, turn),
        text: judge_text(contract, settings, turn),
        faults: judge_number(contract, turn),
    }
}

/// The text, unless a call or a refusal stands in its place.
fn judge_text(contract: &Contract, settings: &Settings, turn: &Turn<'_>) -> Option<Verdict> {
    if !turn.calls.is_empty() || turn.is_refusal || turn.end == End::Open {
        return None;
    }
    let (text, schema) = (turn.text.as_deref()?, contract.text.schema(&settings.schemas)?);
    let wants_object = matches!(contract.text, Text::JsonObject);
    let repair = turn.end == End::Complete && settings.policy(None).repair;
    Some(match (Check { schema: &schema, wants_object, tool: None, repair }.run(text), turn.end) {
        (Ok(None), _) => Verdict::Valid,
        (Ok(Some(mended)), _) => {
            Verdict::Mended(Mended { text: Some(mended.text), repairs: mended.repairs, ..Mended::default() })
        }
        (Err(_), End::CutOff) => Verdict::Invalid(vec![Fault::cut_off(turn.choice, None)]),
        (Err(mismatches), _) => Verdict::Invalid(check::faults(turn.choice, None, mismatches)),
    })
}

/// Whether there are as many calls as there may and must be.
fn judge_number(contract: &Contract, turn: &Turn<'_>) -> Vec<Fault> {
    let fault = |tool: Option<&str>, reason, message| Fault::whole(turn.choice, tool, reason, message);
    let mut faults = Vec::new();
    if !contract.parallel && turn.calls.len() > 1 {
        faults.push(fault(None, Reason::ParallelCalls, "one call may be made at once, and no more"));
    }
    let is_over = turn.end == End::Complete && !turn.is_refusal;
    if is_over && turn.calls.is_empty() && contract.choice.wants_a_call() {
        let only = contract.choice.only();
        let message = if only.is_some() { "must be called" } else { "a tool must be called" };
        faults.push(fault(only, Reason::MissingCall, message));
    }
    faults
}

impl Turn<'_> {
    /// The same, in memory of its own.
    pub(crate) fn into_owned(self) -> Turn<'static> {
        let Self { choice, calls, text, is_refusal, end } = self;
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let call = |Call { id, name, arguments, kind }: Call<'_>| Call {
            id: own(id),
            name: own(name),
            arguments: own(arguments),
            kind,
        };
        Turn { choice, calls: calls.into_iter().map(call).collect(), text: text.map(own), is_refusal, end }
    }
}

impl Judgement {
    /// Everything that is wrong.
    pub(crate) fn all_faults(&self) -> impl Iterator<Item = &Fault> {
        self.verdicts().flat_map(Verdict::faults).chain(&self.faults)
    }

    /// How many calls and texts are invalid.
    pub(crate) fn invalid(&self) -> usize {
        self.verdicts().filter(|verdict| matches!(verdict, Verdict::Invalid(_))).count()
    }

    fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.calls.iter().chain(&self.text)
    }
}

impl Verdict {
    fn faults(&self) -> &[Fault] {
        match self {
            Self::Invalid(faults) => faults,
            Self::Valid | Self::Mended(_) => &[],
        }
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

#[cfg(test)]
mod tests;

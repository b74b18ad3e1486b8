//! What a model says, and what becomes of it.

use serde_json::Value;

use crate::{corpus::Tool, json::Json};

/// What must become of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// It is right, in whatever spelling: passed on as it is.
    Valid,
    /// It has one reading, which is the call before the mutation: mended to exactly that.
    Lossless,
    /// It has none, or several, or was cut off: refused.
    Never,
    /// Which of both is left open: refused, or mended exactly.
    Open,
}

/// A call, as a model makes it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// A call, as it is meant.
#[derive(Clone, Debug)]
pub(crate) struct Meant {
    pub(crate) name: String,
    pub(crate) arguments: Json,
}

#[derive(Clone)]
pub(crate) struct Case<'a> {
    pub(crate) kind: &'static str,
    pub(crate) label: Label,
    pub(crate) tool: &'a Tool,
    pub(crate) said: Vec<Said>,
    pub(crate) meant: Vec<Meant>,
    /// Instead of calls: what stands in the text.
    pub(crate) written: Option<String>,
    pub(crate) is_cut_off: bool,
    pub(crate) choice: Choice,
    pub(crate) is_parallel: bool,
    /// Whether it is about more than the arguments, so that the arguments alone do not show it.
    pub(crate) is_about_call: bool,
}

/// Which calls the request wants.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Choice {
    Auto,
    None,
    Required,
    /// The tool of the case.
    Tool,
    /// Another one.
    Other,
}

/// What the client reads.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// An error that says what it is, behind the calls of a stream that were right and had been let go.
    Refused(Vec<Said>),
    Came(Vec<Said>),
    /// Neither.
    Broken(String),
}

/// What an outcome comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// As it is meant.
    Right,
    Refused,
    /// Valid, and not what is meant.
    Invented,
    /// Something invalid was passed on.
    Missed,
    /// An answer that no client can read.
    Broken,
}

impl<'a> Case<'a> {
    /// One call of a tool with these arguments, meant as the call is.
    pub(crate) fn new(kind: &'static str, label: Label, tool: &'a Tool, text: String, meant: &Json) -> Self {
        let said =
            Said { id: Some("call_0Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op".to_owned()), name: tool.name.clone(), arguments: text };
        Self {
            kind,
            label,
            tool,
            said: vec![said],
            meant: vec![Meant { name: tool.name.clone(), arguments: meant.clone() }],
            written: None,
            is_cut_off: false,
            choice: Choice::Auto,
            is_parallel: true,
            is_about_call: false,
        }
    }

    /// Where a mutation by chance leaves something right, it is a control. `None` if it is right and says something else.
    pub(crate) fn settled(mut self) -> Option<Self> {
        let Some(json) = Json::read(&self.said[0].arguments) else { return Some(self) };
        if !self.tool.is_valid(&json) {
            return Some(self);
        }
        self.label = Label::Valid;
        // A member that the schema takes without declaring it says what it says.
        self.meant[0].arguments = json;
        Some(self)
    }

    pub(crate) fn verdict(&self, outcome: &Outcome, tools: &[&Tool]) -> Verdict {
        let is_right = |said: &Said| {
            tools.iter().find(|tool| tool.name == said.name).is_some_and(|tool| tool.is_right(&said.arguments))
        };
        let came = match outcome {
            Outcome::Refused(before) if before.iter().all(is_right) => return Verdict::Refused,
            Outcome::Refused(_) => return Verdict::Missed,
            Outcome::Broken(_) => return Verdict::Broken,
            Outcome::Came(came) => came,
        };
        let is_as_said = self.label != Label::Valid && self.written.is_none() && *came == self.said;
        // A call that was not recognised is a text to whoever reads it.
        if is_as_said || (came.is_empty() && !self.meant.is_empty()) {
            return Verdict::Missed;
        }
        let ids: Vec<&str> = came.iter().map(|said| said.id.as_deref().unwrap_or_default()).collect();
        let is_id_wrong = |(at, id): (usize, &&str)| id.is_empty() || ids.iter().take(at).any(|other| other == id);
        if ids.iter().enumerate().any(is_id_wrong) || !came.iter().all(is_right) {
            return Verdict::Missed;
        }
        let is_meant = |(said, meant): (&Said, &Meant)| {
            said.name == meant.name && Json::read(&said.arguments).is_some_and(|json| json.is(&meant.arguments))
        };
        let are_meant = came.len() == self.meant.len() && came.iter().zip(&self.meant).all(is_meant);
        if are_meant { Verdict::Right } else { Verdict::Invented }
    }

    pub(crate) fn is_kept(&self, verdict: Verdict) -> bool {
        match self.label {
            Label::Valid | Label::Lossless => verdict == Verdict::Right,
            Label::Never => verdict == Verdict::Refused,
            Label::Open => matches!(verdict, Verdict::Right | Verdict::Refused),
        }
    }
}

impl Choice {
    /// As a chat request says it.
    pub(crate) fn chat(self, tool: &str, other: &str) -> Value {
        let one = |name: &str| serde_json::json!({"type": "function", "function": {"name": name}});
        match self {
            Self::Auto => "auto".into(),
            Self::None => "none".into(),
            Self::Required => "required".into(),
            Self::Tool => one(tool),
            Self::Other => one(other),
        }
    }
}

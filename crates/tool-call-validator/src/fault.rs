use std::fmt;

use llm_layers_core::cut;

/// What is wrong with a call, or with an answer that was to be JSON.
///
/// It names places and what is expected there, and never repeats a value: values are the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Which choice of the answer, from 0.
    pub choice: usize,
    /// The tool that is called, or that should have been; `None` for structured output, and for an answer that has too many
    /// calls, or none where any would do.
    pub tool: Option<Box<str>>,
    /// What kind of fault it is.
    pub reason: Reason,
    /// Where in the arguments, as a JSON pointer; empty for all of them.
    pub path: String,
    /// What was expected, in words for a model or a person.
    pub message: String,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// No tool of this name was offered.
    UnknownTool,
    /// The call is not what `tool_choice` asks for.
    ToolChoice,
    /// `tool_choice` asks for a call, and there is none.
    MissingCall,
    /// Several calls where the request allows one.
    ParallelCalls,
    /// Two calls of the same id.
    DuplicateId,
    /// A call without an id.
    MissingId,
    /// The answer ended in the middle: `finish_reason` is `length` or `content_filter`.
    CutOff,
    /// It is no JSON, or names a member twice.
    NotJson,
    /// It is JSON, and no object.
    NotAnObject,
    /// A required member is missing.
    Required,
    /// A value of the wrong type.
    Type,
    /// A value that is none of those listed.
    Enum,
    /// A value that is not of its format or pattern.
    Format,
    /// A member that the schema does not allow.
    AdditionalProperties,
    /// Anything else that the schema forbids.
    Schema,
    /// Longer than what is held.
    TooLong,
}

impl Reason {
    /// As metrics and errors spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTool => "unknown_tool",
            Self::ToolChoice => "tool_choice",
            Self::MissingCall => "missing_call",
            Self::ParallelCalls => "parallel_calls",
            Self::DuplicateId => "duplicate_id",
            Self::MissingId => "missing_id",
            Self::CutOff => "cut_off",
            Self::NotJson => "not_json",
            Self::NotAnObject => "not_an_object",
            Self::Required => "required",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::Format => "format",
            Self::AdditionalProperties => "additional_properties",
            Self::Schema => "schema",
            Self::TooLong => "too_long",
        }
    }
}

impl Fault {
    /// A fault of a call or of an answer as a whole.
    pub(crate) fn whole(choice: usize, tool: Option<&str>, reason: Reason, message: &str) -> Self {
        Self { choice, tool: tool.map(Into::into), reason, path: String::new(), message: cut(message, 512).into() }
    }

    /// What was cut off is not judged any further.
    pub(crate) fn cut_off(choice: usize, tool: Option<&str>) -> Self {
        Self::whole(choice, tool, Reason::CutOff, "was cut off, by a limit or a filter")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.tool {
            Some(tool) => write!(f, "`{tool}`")?,
            None => f.write_str("the answer")?,
        }
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        write!(f, ": {}", self.message)
    }
}

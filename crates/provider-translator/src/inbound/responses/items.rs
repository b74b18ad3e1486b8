//! The items that an answer is made of.

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

use super::logprobs::Logprob;

/// A JSON string that grows by what other JSON strings hold, spelled as they are.
///
/// So a pair of surrogates that a provider has cut in two is whole again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Growing {
    inner: String,
}

impl Growing {
    /// Appends a JSON string; anything else adds nothing.
    pub(super) fn push(&mut self, string: &RawValue) {
        let inner = string.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        self.inner.push_str(inner.unwrap_or_default());
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }
}

impl Serialize for Growing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(format!("\"{}\"", self.inner)).map_err(S::Error::custom)?.serialize(serializer)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    InProgress,
    Completed,
    Incomplete,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item {
    Reasoning(Reasoning),
    Message(Message),
    FunctionCall(FunctionCall),
    CustomToolCall(CustomToolCall),
}

#[derive(Debug, Serialize)]
pub(super) struct Reasoning {
    pub(super) id: String,
    pub(super) summary: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encrypted_content: Option<String>,
    pub(super) status: Status,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "summary_text")]
pub(super) struct Summary {
    pub(super) text: Growing,
}

#[derive(Debug, Serialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) status: Status,
    pub(super) role: &'static str,
    pub(super) content: Vec<Part>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part {
    OutputText(OutputText),
    Refusal(Refusal),
}

#[derive(Debug, Default, Serialize)]
pub(super) struct OutputText {
    pub(super) text: Growing,
    pub(super) annotations: Vec<Annotation>,
    pub(super) logprobs: Vec<Logprob>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Refusal {
    pub(super) refusal: Growing,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "url_citation")]
pub(super) struct Annotation {
    pub(super) start_index: u64,
    pub(super) end_index: u64,
    pub(super) title: String,
    pub(super) url: String,
}

#[derive(Debug, Serialize)]
pub(super) struct FunctionCall {
    pub(super) id: String,
    pub(super) call_id: String,
    pub(super) name: Growing,
    pub(super) arguments: Growing,
    pub(super) status: Status,
}

/// Has no status in OpenAI's types.
#[derive(Debug, Serialize)]
pub(super) struct CustomToolCall {
    pub(super) id: String,
    pub(super) call_id: String,
    pub(super) name: Growing,
    pub(super) input: Growing,
}

impl Item {
    const fn status_mut(&mut self) -> Option<&mut Status> {
        match self {
            Self::Reasoning(Reasoning { status, .. })
            | Self::Message(Message { status, .. })
            | Self::FunctionCall(FunctionCall { status, .. }) => Some(status),
            Self::CustomToolCall(_) => None,
        }
    }

    pub(super) fn end(&mut self, end: Status) {
        if let Some(status) = self.status_mut() {
            *status = end;
        }
    }

    /// Nothing more comes of the answer. What has not ended was cut off.
    pub(super) fn abandon(&mut self) {
        if let Some(status) = self.status_mut().filter(|status| **status == Status::InProgress) {
            *status = Status::Incomplete;
        }
    }
}

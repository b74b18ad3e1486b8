//! What of Converse's answers is read. All else is ignored: new members may appear at any time, and a stream's events
//! hold random letters of random length, so that nobody can guess their content by their size.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage::Usage;

/// A whole answer, or an event of a stream, by whichever of its members is there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Incoming<'a> {
    #[serde(borrow)]
    pub(super) output: Option<Output<'a>>,
    pub(super) content_block_index: Option<u64>,
    #[serde(borrow)]
    pub(super) start: Option<Start<'a>>,
    #[serde(borrow)]
    pub(super) delta: Option<Delta<'a>>,
    pub(super) stop_reason: Option<String>,
    pub(super) usage: Option<Usage>,
    #[serde(borrow)]
    pub(super) additional_model_response_fields: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) metrics: Option<&'a RawValue>,
    /// What guardrails and prompt routers did.
    #[serde(borrow)]
    pub(super) trace: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) performance_config: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) service_tier: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Output<'a> {
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Vec<Block<'a>>,
}

/// A content block, by whichever of its members is there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block<'a> {
    pub(super) text: Option<String>,
    #[serde(borrow)]
    pub(super) tool_use: Option<ToolUse<'a>>,
    pub(super) reasoning_content: Option<Reasoning>,
    #[serde(borrow)]
    pub(super) citations_content: Option<Cited<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) tool_use_id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
}

impl ToolUse<'_> {
    /// A tool that the service runs itself, and no client can answer.
    pub(super) fn is_of_server(&self) -> bool {
        self.kind.as_deref() == Some("server_tool_use")
    }
}

/// Reasoning, in the members that a whole answer or an event has.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Reasoning {
    pub(super) reasoning_text: Option<Box<Reasoning>>,
    pub(super) text: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) redacted_content: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Cited<'a> {
    pub(super) content: Vec<CitedText>,
    #[serde(borrow)]
    pub(super) citations: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct CitedText {
    pub(super) text: Option<String>,
}

/// Only sources on the web have a URL.
#[derive(Deserialize)]
pub(super) struct Citation {
    pub(super) title: Option<String>,
    pub(super) location: Option<Location>,
}

#[derive(Deserialize)]
pub(super) struct Location {
    pub(super) web: Option<Web>,
}

#[derive(Deserialize)]
pub(super) struct Web {
    pub(super) url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Start<'a> {
    #[serde(borrow)]
    pub(super) tool_use: Option<ToolUse<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delta<'a> {
    pub(super) text: Option<String>,
    pub(super) tool_use: Option<Input>,
    pub(super) reasoning_content: Option<Reasoning>,
    #[serde(borrow)]
    pub(super) citation: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Input {
    pub(super) input: Option<String>,
}

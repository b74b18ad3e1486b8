//! The pieces of a call by Converse as they are written.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::conversation::CacheMark;

#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    pub(super) role: &'static str,
    pub(super) content: Vec<Block<'a>>,
}

/// A content block: an object of one member, which says what it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block<'a> {
    Text(Cow<'a, str>),
    Image(Media<'a>),
    Audio(Media<'a>),
    Document(Document<'a>),
    ToolUse(ToolUse),
    ToolResult(ToolResult<'a>),
    ReasoningContent(Reasoning<'a>),
    CachePoint(CachePoint),
}

/// An image or a sound.
#[derive(Debug, Serialize)]
pub(super) struct Media<'a> {
    pub(super) format: Cow<'a, str>,
    pub(super) source: Source<'a>,
}

#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    pub(super) format: &'static str,
    pub(super) name: String,
    pub(super) source: Source<'a>,
}

/// Base64.
#[derive(Debug, Serialize)]
pub(super) struct Source<'a> {
    pub(super) bytes: Cow<'a, str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse {
    pub(super) tool_use_id: String,
    pub(super) name: String,
    pub(super) input: Box<RawValue>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolResult<'a> {
    pub(super) tool_use_id: String,
    /// Never empty.
    pub(super) content: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Reasoning<'a> {
    ReasoningText { text: Cow<'a, str>, signature: Cow<'a, str> },
    RedactedContent(Cow<'a, str>),
}

/// The prompt is cached up to here.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct CachePoint {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'static str>,
}

impl From<CacheMark> for CachePoint {
    fn from(mark: CacheMark) -> Self {
        let ttl = match mark {
            // Five minutes is what it is anyway.
            CacheMark::Default | CacheMark::Short => None,
            CacheMark::Long => Some("1h"),
        };
        Self { kind: "default", ttl }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Tool<'a> {
    ToolSpec(ToolSpec<'a>),
    CachePoint(CachePoint),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolSpec<'a> {
    pub(super) name: String,
    /// Never blank.
    pub(super) description: Cow<'a, str>,
    pub(super) input_schema: InputSchema<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) strict: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct InputSchema<'a> {
    pub(super) json: Cow<'a, RawValue>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ToolChoice {
    Any {},
    Tool { name: String },
}

/// Marks that a call may have.
const MOST_MARKS: usize = 4;

/// What became of the marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    Kept,
    /// Some had to go: the last ones save the most.
    Fewer,
    /// There was at least one, and the model knows none.
    Unknown,
}

/// Leaves as many marks as the model takes.
pub(super) fn limit_marks<'a>(
    tools: &mut Vec<Tool<'_>>,
    system: &mut Vec<Block<'a>>,
    messages: &mut [Message<'a>],
    caches: bool,
) -> Marks {
    let is_tool_mark = |tool: &Tool<'_>| matches!(tool, Tool::CachePoint(_));
    let is_mark = |block: &Block<'_>| matches!(block, Block::CachePoint(_));
    let blocks = system.iter().chain(messages.iter().flat_map(|message| &message.content));
    let count = tools.iter().filter(|tool| is_tool_mark(tool)).count() + blocks.filter(|block| is_mark(block)).count();
    let mut surplus = if caches { count.saturating_sub(MOST_MARKS) } else { count };
    let outcome = match surplus {
        0 => Marks::Kept,
        _ if caches => Marks::Fewer,
        _ => Marks::Unknown,
    };
    let mut stays = |is_mark: bool| {
        let goes = is_mark && surplus > 0;
        surplus -= usize::from(goes);
        !goes
    };
    tools.retain(|tool| stays(is_tool_mark(tool)));
    system.retain(|block| stays(is_mark(block)));
    for message in messages {
        message.content.retain(|block| stays(is_mark(block)));
    }
    outcome
}

//! The pieces of a request as they are written.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeSeq};
use serde_json::value::RawValue;

use crate::conversation::CacheMark;

#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    pub(super) role: &'static str,
    pub(super) content: Vec<Block<'a>>,
}

/// A content block. `mark` is where a cache mark goes, for those blocks that can have one.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Text {
        text: Cow<'a, str>,
        #[serde(rename = "cache_control", skip_serializing_if = "Option::is_none")]
        mark: Option<Mark>,
    },
    /// A text and its sources, as Anthropic has told them.
    #[serde(rename = "text")]
    Cited {
        text: Cow<'a, str>,
        citations: &'a RawValue,
        #[serde(rename = "cache_control", skip_serializing_if = "Option::is_none")]
        mark: Option<Mark>,
    },
    Image {
        source: Source<'a>,
        #[serde(rename = "cache_control", skip_serializing_if = "Option::is_none")]
        mark: Option<Mark>,
    },
    Document {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<Cow<'a, str>>,
        #[serde(rename = "cache_control", skip_serializing_if = "Option::is_none")]
        mark: Option<Mark>,
    },
    ToolUse {
        id: String,
        name: String,
        input: Box<RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        caller: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        toolset_name: Option<&'a RawValue>,
        #[serde(rename = "cache_control", skip_serializing_if = "Option::is_none")]
        mark: Option<Mark>,
    },
    ToolResult {
        tool_use_id: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Block<'a>>,
        #[serde(skip_serializing_if = "is_false")]
        is_error: bool,
        #[serde(rename = "cache_control", skip_serializing_if = "Option::is_none")]
        mark: Option<Mark>,
    },
    Thinking {
        thinking: Cow<'a, str>,
        signature: Cow<'a, str>,
    },
    RedactedThinking {
        data: Cow<'a, str>,
    },
    /// A block of an earlier answer, as it came.
    #[serde(untagged)]
    Foreign(&'a RawValue),
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Source<'a> {
    Base64 { media_type: &'static str, data: Cow<'a, str> },
    Text { media_type: &'static str, data: String },
    Url { url: Cow<'a, str> },
}

/// The prompt is cached up to here.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Mark {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'static str>,
}

impl From<CacheMark> for Mark {
    fn from(mark: CacheMark) -> Self {
        let ttl = match mark {
            CacheMark::Default => None,
            CacheMark::Short => Some("5m"),
            CacheMark::Long => Some("1h"),
        };
        Self { kind: "ephemeral", ttl }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Tool<'a> {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Cow<'a, str>>,
    pub(super) input_schema: Cow<'a, RawValue>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) strict: bool,
    #[serde(rename = "cache_control", skip_serializing_if = "Option::is_none")]
    pub(super) mark: Option<Mark>,
}

/// All tools of a request: the client's, and those that Anthropic runs itself, as they came.
pub(super) struct Offered<'a> {
    pub(super) defined: &'a [Tool<'a>],
    pub(super) native: &'a [&'a RawValue],
}

impl Offered<'_> {
    pub(super) const fn is_empty(&self) -> bool {
        self.defined.is_empty() && self.native.is_empty()
    }
}

impl Serialize for Offered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.defined.len() + self.native.len()))?;
        self.defined.iter().try_for_each(|tool| list.serialize_element(tool))?;
        self.native.iter().try_for_each(|tool| list.serialize_element(tool))?;
        list.end()
    }
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToolChoice {
    Auto {
        #[serde(rename = "disable_parallel_tool_use", skip_serializing_if = "is_false")]
        single: bool,
    },
    Any {
        #[serde(rename = "disable_parallel_tool_use", skip_serializing_if = "is_false")]
        single: bool,
    },
    Tool {
        name: String,
        #[serde(rename = "disable_parallel_tool_use", skip_serializing_if = "is_false")]
        single: bool,
    },
    None,
}

impl ToolChoice {
    pub(super) const fn is_forced(&self) -> bool {
        matches!(self, Self::Any { .. } | Self::Tool { .. })
    }
}

impl Block<'_> {
    const fn mark_mut(&mut self) -> Option<&mut Option<Mark>> {
        match self {
            Self::Text { mark, .. }
            | Self::Cited { mark, .. }
            | Self::Image { mark, .. }
            | Self::Document { mark, .. }
            | Self::ToolUse { mark, .. }
            | Self::ToolResult { mark, .. } => Some(mark),
            Self::Thinking { .. } | Self::RedactedThinking { .. } | Self::Foreign(_) => None,
        }
    }
}

/// Anthropic takes four marks, and the last ones save the most. Says whether some had to go.
pub(super) fn limit_marks<'a>(
    tools: &mut [Tool<'_>],
    system: &mut [Block<'a>],
    messages: &mut [Message<'a>],
    most: usize,
) -> bool {
    let tools = tools.iter_mut().map(|tool| &mut tool.mark);
    let messages = messages.iter_mut().flat_map(|message| &mut message.content);
    let blocks = system.iter_mut().chain(messages).filter_map(Block::mark_mut);
    let marks: Vec<&mut Option<Mark>> = tools.chain(blocks).filter(|mark| mark.is_some()).collect();
    let surplus = marks.len().saturating_sub(most);
    for mark in marks.into_iter().take(surplus) {
        *mark = None;
    }
    surplus > 0
}

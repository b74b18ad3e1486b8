//! The messages that are written. What comes as a string leaves as it was spelled.

use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Debug, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum Message<'a> {
    System { content: Content<'a> },
    Developer { content: Content<'a> },
    User { content: Content<'a> },
    Assistant(Assistant<'a>),
    Tool { tool_call_id: &'a RawValue, content: Content<'a> },
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    /// A JSON string.
    Text(&'a RawValue),
    Parts(Vec<Part<'a>>),
}

/// All that an assistant says, thinks and calls in one turn.
#[derive(Debug, Default, Serialize)]
pub(super) struct Assistant<'a> {
    /// `null` beside calls; else it must be there.
    pub(super) content: Option<Content<'a>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) reasoning_content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reasoning_details: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_calls: Vec<ToolCall<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part<'a> {
    Text {
        text: &'a RawValue,
        #[serde(skip_serializing_if = "Option::is_none")]
        prompt_cache_breakpoint: Option<&'a RawValue>,
    },
    Refusal {
        refusal: &'a RawValue,
    },
    ImageUrl {
        image_url: ImageUrl<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        prompt_cache_breakpoint: Option<&'a RawValue>,
    },
    File {
        file: File<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        prompt_cache_breakpoint: Option<&'a RawValue>,
    },
    InputAudio {
        input_audio: &'a RawValue,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct ImageUrl<'a> {
    pub(super) url: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<&'a RawValue>,
}

#[derive(Debug, Serialize)]
pub(super) struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_id: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filename: Option<&'a RawValue>,
}

#[derive(Debug, Serialize)]
pub(super) struct ToolCall<'a> {
    pub(super) id: &'a RawValue,
    #[serde(flatten)]
    pub(super) called: Called<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extra_content: Option<Box<RawValue>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Called<'a> {
    Function { function: Function<'a> },
    Custom { custom: Custom<'a> },
}

#[derive(Debug, Serialize)]
pub(super) struct Function<'a> {
    pub(super) name: &'a RawValue,
    pub(super) arguments: &'a RawValue,
}

#[derive(Debug, Serialize)]
pub(super) struct Custom<'a> {
    pub(super) name: &'a RawValue,
    pub(super) input: &'a RawValue,
}

impl<'a> Content<'a> {
    /// One plain text is written as a string: not every provider reads lists in every role.
    pub(super) fn of(mut parts: Vec<Part<'a>>) -> Self {
        match parts.as_mut_slice() {
            [Part::Text { text, prompt_cache_breakpoint: None }] => Self::Text(text),
            _ => Self::Parts(parts),
        }
    }

    fn into_parts(self) -> Vec<Part<'a>> {
        match self {
            Self::Text(text) => vec![Part::Text { text, prompt_cache_breakpoint: None }],
            Self::Parts(parts) => parts,
        }
    }

    /// Both, one after the other.
    pub(super) fn and(self, later: Self) -> Self {
        let mut parts = self.into_parts();
        parts.extend(later.into_parts());
        Self::of(parts)
    }
}

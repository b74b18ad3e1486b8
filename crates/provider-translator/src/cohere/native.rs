//! What of Cohere's answers is read. All else is ignored: new members and events may appear at any time.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A whole answer.
#[derive(Deserialize)]
pub(super) struct Answer<'a> {
    pub(super) id: Option<String>,
    pub(super) finish_reason: Option<String>,
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    pub(super) usage: Option<Usage>,
}

/// The data of a stream's event.
#[derive(Deserialize)]
pub(super) struct Incoming<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) id: Option<String>,
    pub(super) index: Option<u64>,
    #[serde(borrow)]
    pub(super) delta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    pub(super) finish_reason: Option<String>,
    pub(super) error: Option<String>,
    pub(super) usage: Option<Usage>,
}

/// A message, or what it grows by: a stream has one object where a whole answer has a list of them.
#[derive(Default, Deserialize)]
pub(super) struct Message<'a> {
    pub(super) tool_plan: Option<String>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) citations: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Content {
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ToolCall {
    pub(super) id: Option<String>,
    pub(super) function: Option<Function>,
}

#[derive(Default, Deserialize)]
pub(super) struct Function {
    pub(super) name: Option<String>,
    pub(super) arguments: Option<String>,
}

/// `start` and `end` count the characters of one block of content.
#[derive(Deserialize)]
pub(super) struct Citation {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) start: Option<usize>,
    pub(super) end: Option<usize>,
    pub(super) content_index: Option<usize>,
    #[serde(default)]
    pub(super) sources: Vec<Source>,
}

/// A document, or a tool's output, with whatever members its author gave it.
#[derive(Deserialize)]
pub(super) struct Source {
    pub(super) document: Option<Described>,
    pub(super) tool_output: Option<Described>,
}

impl Source {
    pub(super) fn described(&self) -> Option<&Described> {
        self.document.as_ref().or(self.tool_output.as_ref())
    }
}

#[derive(Deserialize)]
pub(super) struct Described {
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
}

/// Tokens; Cohere writes them as floats.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Usage {
    pub(super) tokens: Option<Tokens>,
    pub(super) billed_units: Option<Tokens>,
    pub(super) cached_tokens: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Tokens {
    pub(super) input_tokens: Option<f64>,
    pub(super) output_tokens: Option<f64>,
}

/// One object, or a list of them.
pub(super) fn items<T: DeserializeOwned>(raw: Option<&RawValue>) -> serde_json::Result<Vec<T>> {
    match raw.map(RawValue::get) {
        None | Some("null") => Ok(Vec::new()),
        Some(text) if text.starts_with('[') => serde_json::from_str(text),
        Some(text) => serde_json::from_str(text).map(|item| vec![item]),
    }
}

/// The same, none of them read. What is neither is nothing.
pub(super) fn raw_items(raw: Option<&RawValue>) -> Vec<&RawValue> {
    match raw {
        Some(list) if list.get().starts_with('[') => serde_json::from_str(list.get()).unwrap_or_default(),
        Some(item) if item.get().starts_with('{') => vec![item],
        _ => Vec::new(),
    }
}

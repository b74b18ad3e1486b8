//! The events of a stream.

use llm_layers_wire::sse;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    items::{Annotation, Growing, Item, Part, Summary},
    logprobs::Logprob,
    response::Response,
};

/// What any of the events may hold. Each has a few of these members.
#[derive(Default, Serialize)]
pub(super) struct Event<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<&'a Response<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotation_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<AnyPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delta: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a Growing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<&'a Growing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<&'a Growing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<&'a Growing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logprobs: Option<&'a [Logprob]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotation: Option<&'a Annotation>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum AnyPart<'a> {
    Content(&'a Part),
    Summary(&'a Summary),
}

/// Numbers events, and keeps them until they are taken.
#[derive(Debug, Default)]
pub(super) struct Events {
    next: u64,
    made: Vec<sse::Event>,
    /// Of a whole answer nobody takes them.
    pub(super) wanted: bool,
}

impl Events {
    pub(super) fn send(&mut self, kind: &'static str, event: &Event<'_>) {
        #[derive(Serialize)]
        struct Numbered<'a> {
            r#type: &'static str,
            sequence_number: u64,
            #[serde(flatten)]
            event: &'a Event<'a>,
        }
        if self.wanted {
            let numbered = Numbered { r#type: kind, sequence_number: self.next, event };
            self.next += 1;
            // Strings, numbers and JSON that has been read: writing them cannot fail.
            let data = serde_json::to_vec(&numbered).unwrap_or_default();
            self.made.push(sse::Event::new(data).with_name(kind));
        }
    }

    pub(super) fn take(&mut self, out: &mut Vec<sse::Event>) {
        out.append(&mut self.made);
    }
}

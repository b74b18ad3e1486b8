//! What a chat message says, or what a delta adds to it.

use llm_layers_wire::json::Object;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::items::Annotation;

/// A member that is a string and not empty, as it is spelled.
pub(super) fn string<'a>(object: &'a Object, name: &str) -> Option<&'a RawValue> {
    any(object, name).filter(|raw| is_text(raw))
}

/// Reasoning, under the names that providers have for it. Where both are there they say the same.
pub(super) fn reasoning(object: &Object) -> Option<&RawValue> {
    string(object, "reasoning_content").or_else(|| string(object, "reasoning"))
}

/// A member that is a list and not empty.
pub(super) fn list<'a>(object: &'a Object, name: &str) -> Option<&'a RawValue> {
    any(object, name).filter(|raw| raw.get().starts_with('[') && raw.get() != "[]")
}

fn any<'a>(object: &'a Object, name: &str) -> Option<&'a RawValue> {
    object.read(name).ok().flatten()
}

fn is_text(raw: &RawValue) -> bool {
    raw.get().starts_with('"') && raw.get() != "\"\""
}

/// A call, or a fragment of one.
pub(super) struct Call<'a> {
    pub(super) index: u64,
    pub(super) id: Option<&'a RawValue>,
    pub(super) is_custom: bool,
    pub(super) name: Option<&'a RawValue>,
    pub(super) input: Option<&'a RawValue>,
    /// What its provider wants back with it.
    pub(super) extra: Option<&'a RawValue>,
}

/// The calls of a message, which have no index, or of a delta. What is none is left out.
pub(super) fn calls(object: &Object) -> impl Iterator<Item = Call<'_>> {
    #[derive(Deserialize)]
    struct ToolCall<'a> {
        index: Option<u64>,
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        function: Option<&'a RawValue>,
        #[serde(borrow)]
        custom: Option<&'a RawValue>,
        #[serde(borrow)]
        extra_content: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Called<'a> {
        #[serde(borrow)]
        name: Option<&'a RawValue>,
        #[serde(borrow)]
        arguments: Option<&'a RawValue>,
        #[serde(borrow)]
        input: Option<&'a RawValue>,
    }
    let list = list(object, "tool_calls").and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
    (0..).zip(list.unwrap_or_default()).filter_map(|(position, raw)| {
        let call: ToolCall<'_> = serde_json::from_str(raw.get()).ok()?;
        let is_custom = call.custom.is_some();
        let called: Called<'_> = serde_json::from_str(call.custom.or(call.function)?.get()).ok()?;
        let input = if is_custom { called.input } else { called.arguments };
        let text = |raw: Option<&'_ RawValue>| raw.is_some_and(is_text);
        Some(Call {
            index: call.index.unwrap_or(position),
            id: call.id.filter(|raw| text(Some(raw))),
            is_custom,
            name: called.name.filter(|raw| text(Some(raw))),
            input: input.filter(|raw| text(Some(raw))),
            extra: call.extra_content.filter(|raw| raw.get().starts_with('{')),
        })
    })
}

/// The sources that a message names. What is none is left out.
pub(super) fn annotations(object: &Object) -> Vec<Annotation> {
    #[derive(Deserialize)]
    struct Named {
        url_citation: Option<Citation>,
    }
    #[derive(Deserialize)]
    struct Citation {
        start_index: Option<u64>,
        end_index: Option<u64>,
        title: Option<String>,
        url: String,
    }
    let list = list(object, "annotations").and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
    let citation = |raw: &RawValue| serde_json::from_str::<Named>(raw.get()).ok()?.url_citation;
    let annotation = |Citation { start_index, end_index, title, url }| Annotation {
        start_index: start_index.unwrap_or_default(),
        end_index: end_index.unwrap_or_default(),
        title: title.unwrap_or_default(),
        url,
    };
    list.unwrap_or_default().into_iter().filter_map(citation).map(annotation).collect()
}

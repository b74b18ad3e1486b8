use bytes::Bytes;
use llm_layers_wire::json::{Array, Object};

use super::super::items::{At, Class, Named, What, raw, text};
use crate::{
    answer::nested::{Unreadable, list, parse},
    judge::CallKind,
};

/// An item of the output, at its place.
#[derive(Clone, Copy)]
pub(super) struct Output {
    pub(super) place: u32,
    pub(super) wants_text: bool,
}

impl Output {
    /// Tells of what is judged of an item: the call that it is, or the texts of the message. Texts are JSON.
    pub(super) fn item(self, item: &Object, mut tell: impl FnMut(At, What, Bytes)) -> Result<(), Unreadable> {
        match call_kind(item) {
            Some(kind) => {
                let what = What::Call(Named { id: text(item, "call_id"), name: text(item, "name"), kind });
                tell((self.place, 0), what, raw(item, arguments(kind)));
            }
            None if self.wants_text => {
                for (index, part) in (0..).zip(texts(item)?) {
                    if let Some(text) = part {
                        tell((self.place, index), What::Text, text);
                    }
                }
            }
            None => {}
        }
        Ok(())
    }
}

/// Tells of what is judged of a response.
pub(super) fn each(
    response: &Object,
    wants_text: bool,
    mut tell: impl FnMut(At, What, Bytes),
) -> Result<(), Unreadable> {
    for (place, item) in (0..).zip(objects(response, "output")?) {
        if let Some(item) = item {
            Output { place, wants_text }.item(&item, &mut tell)?;
        }
    }
    Ok(())
}

/// Whether the model has declined somewhere in a response.
pub(super) fn has_refusal(response: &Object) -> Result<bool, Unreadable> {
    for item in objects(response, "output")?.iter().flatten() {
        let parts = objects(item, "content")?;
        if parts.iter().flatten().any(|part| text(part, "type") == "refusal") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The items of a list; `None` of each that is no object.
fn objects(outer: &Object, member: &str) -> Result<Vec<Option<Object>>, Unreadable> {
    list(outer, member)?.iter().flat_map(Array::iter).map(parse).collect()
}

/// What kind of call an item is, if the client is to answer it.
pub(super) fn call_kind(item: &Object) -> Option<CallKind> {
    match &*item.text("type")? {
        "function_call" => Some(CallKind::Function),
        "custom_tool_call" => Some(CallKind::Custom),
        _ => None,
    }
}

/// The member with the arguments.
pub(super) const fn arguments(kind: CallKind) -> &'static str {
    if matches!(kind, CallKind::Custom) { "input" } else { "arguments" }
}

/// Whether a message is what the model says in passing.
pub(super) fn is_in_passing(item: &Object) -> bool {
    item.text("phase").as_deref() == Some("commentary")
}

/// Whether an item's text is to be JSON.
pub(super) fn is_answer(item: &Object) -> bool {
    item.text("type").as_deref() == Some("message") && !is_in_passing(item)
}

/// The parts of a message: their texts, where they have one.
fn texts(item: &Object) -> Result<Vec<Option<Bytes>>, Unreadable> {
    let parts = if is_answer(item) { objects(item, "content")? } else { Vec::new() };
    Ok(parts.iter().map(|part| text_of(part.as_ref()?)).collect())
}

/// The text of a part, as JSON.
pub(super) fn text_of(part: &Object) -> Option<Bytes> {
    (part.text("type").as_deref() == Some("output_text")).then(|| raw(part, "text"))
}

/// Whether an item says anything. Thoughts that nobody can read do not.
pub(super) fn class(item: &Object) -> Result<Class, Unreadable> {
    let is_empty = |member| Ok(list(item, member)?.is_none_or(|list| list.is_empty()));
    let is_silent = match item.text("type").as_deref() {
        Some("reasoning") => is_empty("summary")? && is_empty("content")?,
        Some("message") => is_empty("content")?,
        _ => false,
    };
    Ok(if is_silent { Class::Quiet } else { Class::Said })
}

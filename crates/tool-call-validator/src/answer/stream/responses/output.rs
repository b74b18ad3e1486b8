use bytes::Bytes;
use llm_layers_wire::json::{Array, Limits, Object};

use super::super::items::{At, Class, Named, What, parse, raw, text};
use crate::judge::CallKind;

/// An item of the output, at its place.
#[derive(Clone, Copy)]
pub(super) struct Output {
    pub(super) place: u32,
    pub(super) wants_text: bool,
}

impl Output {
    /// Tells of what is judged of an item: the call that it is, or the texts of the message. Texts are JSON.
    pub(super) fn item(self, item: &Object, mut tell: impl FnMut(At, What, Bytes)) {
        match call_kind(item) {
            Some(kind) => {
                let what = What::Call(Named { id: text(item, "call_id"), name: text(item, "name"), kind });
                tell((self.place, 0), what, raw(item, arguments(kind)));
            }
            None if self.wants_text => {
                for (index, part) in (0..).zip(texts(item)) {
                    if let Some(text) = part {
                        tell((self.place, index), What::Text, text);
                    }
                }
            }
            None => {}
        }
    }
}

/// Tells of what is judged of a response.
pub(super) fn each(response: &Object, wants_text: bool, mut tell: impl FnMut(At, What, Bytes)) {
    for (place, item) in (0..).zip(list(response, "output").iter().flat_map(Array::iter)) {
        if let Some(item) = parse(item) {
            Output { place, wants_text }.item(&item, &mut tell);
        }
    }
}

/// Whether the model has declined somewhere in a response.
pub(super) fn has_refusal(response: &Object) -> bool {
    let output = list(response, "output");
    let items = output.iter().flat_map(Array::iter).filter_map(parse);
    let mut parts = items.filter_map(|item| list(&item, "content")).flat_map(|parts| parts.iter().collect::<Vec<_>>());
    parts.any(|part| parse(part).is_some_and(|part| text(&part, "type") == "refusal"))
}

/// A member that is a list.
pub(super) fn list(object: &Object, member: &str) -> Option<Array> {
    Array::parse_with(object.get_bytes(member)?, &Limits::LENIENT).ok()
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
fn texts(item: &Object) -> Vec<Option<Bytes>> {
    let content = is_answer(item).then(|| list(item, "content")).flatten();
    content.iter().flat_map(Array::iter).map(|part| text_of(&parse(part)?)).collect()
}

/// The text of a part, as JSON.
pub(super) fn text_of(part: &Object) -> Option<Bytes> {
    (part.text("type").as_deref() == Some("output_text")).then(|| raw(part, "text"))
}

/// Whether an item says anything. Thoughts that nobody can read do not.
pub(super) fn class(item: &Object) -> Class {
    let is_empty = |member| list(item, member).is_none_or(|list| list.is_empty());
    let is_silent = match item.text("type").as_deref() {
        Some("reasoning") => is_empty("summary") && is_empty("content"),
        Some("message") => is_empty("content"),
        _ => false,
    };
    if is_silent { Class::Quiet } else { Class::Said }
}

//! What a stream tells of one item.

use bytes::Bytes;
use llm_layers_wire::json::{Array, Object};

use super::{
    super::{
        UNBOUNDED,
        steps::{Step, inner, joined},
    },
    LIMITS,
    part::{self, Place},
};

/// The events of an item. What cannot be told in pieces is told whole: a kind that nobody knows here, or one without the
/// id by which its pieces would be known.
pub(super) fn steps(index: usize, raw: Bytes) -> Vec<Step> {
    let mut steps = Vec::new();
    let begun = Object::parse_with(raw.clone(), &LIMITS).ok().and_then(|item| grow(item, index, &mut steps));
    let begun = begun.unwrap_or_else(|| {
        steps.clear();
        raw.clone()
    });
    let before = format!(",\"output_index\":{index},\"item\":");
    steps.insert(0, Step::new("response.output_item.added", before.clone(), begun, "}"));
    steps.push(Step::new("response.output_item.done", before, raw, "}"));
    steps
}

/// Takes out of an item what comes in further events, and leaves what it begins with.
fn grow(mut item: Object, index: usize, steps: &mut Vec<Step>) -> Option<Bytes> {
    let id = item.get_bytes("id").filter(|id| id.starts_with(b"\""))?;
    let at = joined(&[br#","item_id":"#, &id, format!(",\"output_index\":{index}").as_bytes()]);
    let kind = item.text("type")?.into_owned();
    match &*kind {
        "message" => parts(&mut item, "content", &at, Place::Content, steps)?,
        "reasoning" => {
            parts(&mut item, "summary", &at, Place::Summary, steps)?;
            if item.get("content").is_some_and(|content| content != b"null") {
                parts(&mut item, "content", &at, Place::Content, steps)?;
            }
        }
        "function_call" => {
            let (delta, done) = ("response.function_call_arguments.delta", "response.function_call_arguments.done");
            text(&mut item, "arguments", &at, [delta, done], steps)?;
        }
        "custom_tool_call" => {
            let (delta, done) = ("response.custom_tool_call_input.delta", "response.custom_tool_call_input.done");
            text(&mut item, "input", &at, [delta, done], steps)?;
        }
        _ => return None,
    }
    if item.contains("status") {
        item.set("status", "in_progress");
    }
    Some(item.to_bytes())
}

/// The events of a list of parts.
fn parts(item: &mut Object, member: &str, at: &Bytes, place: Place, steps: &mut Vec<Step>) -> Option<()> {
    let parts = Array::parse_with(item.get_bytes(member)?, &UNBOUNDED).ok()?;
    for (index, part) in parts.iter().enumerate() {
        part::steps(place, &place.at(at, index), &part, steps);
    }
    item.set(member, &[(); 0]);
    Some(())
}

/// The events of a text: its pieces, and all of it.
fn text(
    item: &mut Object,
    member: &str,
    at: &Bytes,
    [delta, done]: [&'static str; 2],
    steps: &mut Vec<Step>,
) -> Option<()> {
    let raw = item.get_bytes(member)?;
    let inner = inner(&raw)?;
    item.set(member, "");
    steps.push(Step::text(delta, joined(&[at, br#","delta":""#]), inner, "\"}"));
    steps.push(Step::new(done, joined(&[at, format!(",\"{member}\":").as_bytes()]), raw, "}"));
    Some(())
}

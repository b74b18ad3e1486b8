use std::iter;

use bytes::Bytes;
use llm_layers_wire::{
    json::{Array, Object},
    sse::Event,
};

use super::{
    super::{
        Replay, UNBOUNDED,
        steps::{Step, tell},
    },
    item,
};

/// The events of a stream that tells this response, the last one with all of it.
pub(in crate::shape) fn replay(answer: &Object, how: Replay) -> Box<dyn Iterator<Item = Event> + Send> {
    let begun = begun(answer);
    let begin = ["response.created", "response.in_progress"].map(|name| lifecycle(name, begun.clone()));
    let items = answer.get_bytes("output").and_then(|raw| Array::parse_with(raw, &UNBOUNDED).ok());
    let items = items.into_iter().flat_map(|items| {
        (0..items.len()).flat_map(move |index| item::steps(index, items.get(index).unwrap_or_default()))
    });
    let end = match answer.text("status").as_deref() {
        Some("incomplete") => "response.incomplete",
        Some("failed") => "response.failed",
        _ => "response.completed",
    };
    let end = lifecycle(end, answer.to_bytes());
    tell(begin.into_iter().chain(items).chain(iter::once(end)), how.piece_chars, true)
}

fn lifecycle(name: &'static str, response: Bytes) -> Step {
    Step::new(name, &br#","response":"#[..], response, "}")
}

/// The response as it is before there is anything in it.
fn begun(answer: &Object) -> Bytes {
    let mut begun = answer.clone();
    begun.set("status", "in_progress");
    begun.set("output", &[(); 0]);
    for name in ["completed_at", "error", "incomplete_details", "usage"] {
        if begun.contains(name) {
            begun.set(name, &());
        }
    }
    begun.to_bytes()
}

//! What a client is told of the cost.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use llm_layers_core::{Body, Cost, Usage};
use llm_layers_wire::{json::Object, openai::Chunk, sse::Event};
use rust_decimal::Decimal;

use crate::Entry;

/// What a whole answer cost, in US dollars.
const COST: HeaderName = HeaderName::from_static("x-llm-cost-usd");

/// Tells what a whole answer used and cost, to layers above and to the client.
pub(crate) fn tell(response: &mut Response<Body>, entry: &Entry, in_header: bool) {
    response.extensions_mut().insert(Usage::from(&entry.tokens));
    let Ok(cost) = entry.cost else { return };
    response.extensions_mut().insert(Cost(cost));
    if in_header && let Ok(value) = HeaderValue::try_from(plain(cost)) {
        response.headers_mut().insert(COST, value);
    }
}

/// Takes off what another may have said of the cost.
pub(crate) fn clear(response: &mut Response<Body>) {
    response.headers_mut().remove(COST);
}

/// Makes `cost` that of the object's `usage`: what a provider says itself may not be believed, and the client is told
/// what is in the ledger, if only that nothing is known. Says whether anything had to be changed.
pub(crate) fn set_cost(object: &mut Object, cost: Option<Decimal>) -> bool {
    let Some(usage) = object.get_bytes("usage").filter(|usage| usage.starts_with(b"{")) else { return false };
    let Ok(mut usage) = Object::parse(usage) else { return false };
    let is_changed = match cost.map(plain) {
        None => usage.remove("cost"),
        Some(cost) if usage.get("cost") == Some(cost.as_bytes()) => false,
        Some(cost) => usage.set_raw("cost", Bytes::from(cost)).is_ok(),
    };
    is_changed && object.set_raw("usage", usage.to_bytes()).is_ok()
}

/// The same for the usage of an event that is the last to tell it. `cost` is asked for only then.
pub(crate) fn set_cost_of_event(event: &mut Event, cost: impl FnOnce() -> Option<Decimal>) {
    let Some(chunk) = event.chunk() else { return };
    let in_response = is_end_of_response(event, chunk);
    if !in_response && !ends_with_usage(chunk) {
        return;
    }
    let cost = cost();
    event.edit_chunk(|chunk| {
        let object = chunk.object_mut();
        if !in_response {
            set_cost(object, cost);
            return;
        }
        let Some(Ok(mut response)) = object.get_bytes("response").map(Object::parse) else { return };
        // It was a JSON value before, and still is.
        if set_cost(&mut response, cost) {
            let _ = object.set_raw("response", response.to_bytes());
        }
    });
}

/// Some servers tell with each chunk what was used so far: the last one has no choice, or one that ends.
fn ends_with_usage(chunk: &Chunk) -> bool {
    let tells = chunk.object().get("usage").is_some_and(|usage| usage.starts_with(b"{"));
    let ends = || chunk.choices().iter().any(|choice| choice.finish_reason().is_some_and(|reason| !reason.is_empty()));
    tells && (chunk.choices().is_empty() || ends())
}

fn is_end_of_response(event: &Event, chunk: &Chunk) -> bool {
    let is_end = |name: &[u8]| matches!(name, b"response.completed" | b"response.incomplete");
    match event.name() {
        Some(name) => is_end(name),
        None => chunk.object().text("type").is_some_and(|name| is_end(name.as_bytes())),
    }
}

/// A decimal as people write it: without zeros at the end.
pub(crate) fn plain(cost: Decimal) -> String {
    cost.normalize().to_string()
}

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

/// Adds `cost` to the object's `usage`. Says whether it did: not where there is no usage, or a cost already.
pub(crate) fn add_cost(object: &mut Object, cost: Decimal) -> bool {
    let Some(usage) = object.get_bytes("usage").filter(|usage| usage.starts_with(b"{")) else { return false };
    let Ok(mut usage) = Object::parse(usage) else { return false };
    if usage.get("cost").is_some_and(|cost| cost != b"null") {
        return false;
    }
    usage.set_raw("cost", Bytes::from(plain(cost))).is_ok() && object.set_raw("usage", usage.to_bytes()).is_ok()
}

/// Adds `cost` to the usage of an event that is the last to tell it. `cost` is asked for only then.
pub(crate) fn add_cost_to_event(event: &mut Event, cost: impl FnOnce() -> Option<Decimal>) {
    let Some(chunk) = event.chunk() else { return };
    let in_response = is_end_of_response(event, chunk);
    if !in_response && !ends_with_usage(chunk) {
        return;
    }
    let Some(cost) = cost() else { return };
    event.edit_chunk(|chunk| {
        let object = chunk.object_mut();
        if !in_response {
            add_cost(object, cost);
            return;
        }
        let Some(Ok(mut response)) = object.get_bytes("response").map(Object::parse) else { return };
        // It was a JSON value before, and still is.
        if add_cost(&mut response, cost) {
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

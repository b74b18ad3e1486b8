use bytes::Bytes;
use llm_layers_wire::{json::Object, sse::Event};

use super::read::object_in;
use crate::Operation;

/// Asks for the usage of a stream whose client does not (`stream_options.include_usage`). Says whether the answer's
/// usage is to be hidden from the client: [`Metering::hides_usage`](super::Metering::hides_usage).
///
/// It is not where the client has asked in OpenRouter's words, `"usage": {"include": true}`, to which a layer below
/// may have an answer. Whether the body has changed ([`head::body_replaced`](crate::head::body_replaced)), the object
/// itself [says](Object::is_edited).
pub fn ask_for_usage(operation: Option<Operation>, request: &mut Object) -> bool {
    // The other shapes of streams tell it unasked.
    let asks = matches!(operation, Some(Operation::ChatCompletion | Operation::Completion));
    if !asks || !request.is_true("stream") {
        return false;
    }
    let options = match request.get_bytes("stream_options").filter(|options| options != "null") {
        None => Bytes::from_static(br#"{"include_usage":true}"#),
        Some(given) => {
            // What is no object is for others to refuse.
            let Ok(mut given) = Object::parse(given) else { return false };
            if given.is_true("include_usage") {
                return false;
            }
            given.set("include_usage", &true);
            given.to_bytes()
        }
    };
    let is_shown = object_in(request, "usage").is_some_and(|usage| usage.is_true("include"));
    request.set_raw("stream_options", options).is_ok() && !is_shown
}

/// Takes usage off an event. `false`: the event was for nothing else.
#[must_use]
pub fn hide_usage(event: &mut Event) -> bool {
    let Some(chunk) = event.chunk() else { return true };
    let Some(usage) = chunk.object().get("usage") else { return true };
    if chunk.choices().is_empty() && usage.starts_with(b"{") {
        return false;
    }
    event.edit_chunk(|chunk| {
        chunk.object_mut().remove("usage");
    });
    true
}

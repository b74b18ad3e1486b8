//! What is done to an answer before it goes to the client.

mod channels;
mod events;
mod whole;

use std::sync::Arc;

use http::{Response, header::CONTENT_LENGTH};
use llm_layers_core::{Body, Caller, Operation, encoding, head};

use crate::{Action, Restorer, errors, layer::Settings};

/// Puts back into an answer what was taken out of its request, and takes out what the model itself should not have said.
pub(crate) async fn restore(
    settings: Arc<Settings>,
    operation: Operation,
    caller: Option<Caller>,
    restorer: Restorer,
    wants_json: bool,
    mut response: Response<Body>,
) -> Response<Body> {
    if response.body().is_events() || head::is_event_stream(response.headers()) {
        let events = std::mem::take(response.body_mut()).into_events(settings.sse_limits);
        let events =
            events::Restored::new(events, channels::Channels::new(settings, operation, caller, restorer, wants_json));
        *response.body_mut() = Body::from_events(events);
        // What is put back has another length.
        response.headers_mut().remove(CONTENT_LENGTH);
        return response;
    }
    if is_text(&response) {
        return whole::restore(&settings, operation, caller, &restorer, response).await;
    }
    if settings.answers != Action::Ignore && encoding::is_encoded(response.headers()) {
        // A stream that nobody has asked to be compressed, and in which nobody could look.
        return errors::unreadable_answer().into_response();
    }
    response
}

/// Whether an answer is JSON or other text: not a sound, or a picture.
fn is_text(response: &Response<Body>) -> bool {
    let kind = response.headers().get(http::header::CONTENT_TYPE);
    let kind = kind.map(|kind| kind.as_bytes().trim_ascii_start().to_ascii_lowercase()).unwrap_or_default();
    kind.is_empty()
        || kind.starts_with(b"application/json")
        || kind.starts_with(b"text/") && !kind.starts_with(b"text/event-stream")
}

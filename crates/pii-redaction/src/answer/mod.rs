//! What is done to an answer before it goes to the client.

mod channels;
mod events;
mod right;
mod whole;

use http::{HeaderMap, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, head};

use self::{channels::Channels, events::Restored};
use crate::{Restorer, call::Call, errors};

/// Puts back into an answer what was taken out of its request, and takes out what the model itself should not have said.
pub(crate) async fn restore(
    call: Call,
    restorer: Restorer,
    wants_json: bool,
    response: Response<Body>,
) -> Response<Body> {
    if response.body().is_events() || head::is_event_stream(response.headers()) {
        let (mut head, body) = response.into_parts();
        let events = body.into_events(call.settings.sse_limits);
        let body = Body::from_events(Restored::new(events, Channels::new(call, restorer, wants_json)));
        // What is put back has another length, and other sums.
        head::body_replaced(&mut head.headers, &body);
        return Response::from_parts(head, body);
    }
    if is_text(response.headers()) {
        return whole::restore(&call, &restorer, response).await;
    }
    if call.searches_answers() && !is_media(response.headers()) {
        return errors::unreadable_answer().into_response();
    }
    response
}

/// Whether an answer is JSON or other text that can be read, compressed or not.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = essence(headers);
    let is_json = ["/json", "+json", "/x-ndjson", "/jsonl", "/jsonlines"].iter().any(|end| kind.ends_with(end));
    let is_markup = ["/xml", "+xml"].iter().any(|end| kind.ends_with(end));
    kind.is_empty() || is_json || is_markup || kind.starts_with("text/") && kind != "text/event-stream"
}

/// Whether it is what nobody has asked to be searched: a sound, a picture, a file.
fn is_media(headers: &HeaderMap) -> bool {
    let kind = essence(headers);
    let is_media = ["audio/", "image/", "video/"].iter().any(|start| kind.starts_with(start));
    is_media || matches!(&*kind, "application/octet-stream" | "application/pdf" | "application/zip")
}

/// The media type without its parameters, in lower case.
fn essence(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

//! What comes of a call: an answer that can be shared, or one that cannot.

use http::{Response, response::Parts};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, Events, Failure, FailureKind, encoding, head};
use llm_layers_wire::json::{Limits, Object};

use super::{Bounds, Calling};

pub(super) enum Arrived {
    /// A JSON object, all there.
    Whole(Response<Object>),
    /// A stream, of which nothing is read yet.
    Stream(Parts, Events),
    /// Neither, or too long. Not a byte of it is lost.
    Alone(Response<Body>),
    Nothing,
}

pub(super) async fn arrive(calling: Calling, bounds: Bounds) -> Arrived {
    let Some(response) = calling.await else { return Arrived::Nothing };
    let is_encoded = encoding::is_encoded(response.headers());
    if !is_encoded && (response.body().is_events() || head::is_event_stream(response.headers())) {
        let (head, body) = response.into_parts();
        return Arrived::Stream(head, body.into_events(bounds.sse_limits));
    }
    let is_too_long = response.body().size_hint().lower() > bounds.max_bytes as u64;
    if is_too_long || !head::is_media_type(response.headers(), "application/json") {
        return Arrived::Alone(response);
    }
    whole(response, bounds.max_bytes).await
}

/// Reads an answer that says that it is JSON.
async fn whole(response: Response<Body>, max_bytes: usize) -> Arrived {
    let (mut head, mut body) = response.into_parts();
    if body.read_ahead(max_bytes).await.is_err() {
        return broken_off(head).await;
    }
    let is_all = body.is_replayable() && body.content_length().is_some_and(|length| length <= max_bytes as u64);
    let object = if is_all { object(&head, &mut body, max_bytes).await } else { None };
    let Some(object) = object else { return Arrived::Alone(Response::from_parts(head, body)) };
    if encoding::is_encoded(&head.headers) {
        head::body_replaced(&mut head.headers, &Body::from(object.clone()));
    }
    Arrived::Whole(Response::from_parts(head, object))
}

/// The object that a body in memory is, decoded if need be. The body stays as it is.
async fn object(head: &Parts, body: &mut Body, max_bytes: usize) -> Option<Object> {
    let limits = Limits::LENIENT.with_max_bytes(max_bytes);
    if encoding::is_encoded(&head.headers) {
        let bytes = body.bytes(max_bytes).await.ok()?;
        let text = encoding::decode(&head.headers, bytes, max_bytes).ok()?;
        return Object::parse_with(text, &limits).ok();
    }
    body.object(&limits).await.ok().cloned()
}

/// The answer in the place of one that broke off: to all who wait for it. Of its head stays what is not about its body,
/// such as request ids.
async fn broken_off(mut head: Parts) -> Arrived {
    let failure = Failure::bad_gateway("The provider's answer broke off.").with_kind(FailureKind::Unreachable);
    let (failed, mut body) = failure.into_response().into_parts();
    head.status = failed.status;
    head::body_replaced(&mut head.headers, &body);
    head.headers.extend(failed.headers);
    head.extensions.extend(failed.extensions);
    match body.object(&Limits::DEFAULT).await.map(std::mem::take) {
        Ok(object) => Arrived::Whole(Response::from_parts(head, object)),
        Err(_) => Arrived::Nothing,
    }
}

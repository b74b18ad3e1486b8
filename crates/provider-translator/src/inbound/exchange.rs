//! One call: the chat request to the layers below, and its answer back.

use std::sync::Arc;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, Uri,
    header::{ACCEPT_ENCODING, CONTENT_TYPE},
    request,
};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Failure, Operation, encoding, head};
use llm_layers_wire::openai;
use tower_service::Service;

use super::{Options, Shape, WasInbound, errors, layer::Settings};
use crate::{claude, framing::Framing, headers, stream, translate::Translate, warnings::Warnings};

/// What becomes of a call.
enum Prepared {
    /// It goes on in its own shape.
    Native,
    Chat {
        warnings: Warnings,
        answer: Box<dyn Translate>,
    },
}

/// An answer in the caller's own shape. What a layer on the way has refused has OpenAI's, and Anthropic's clients do
/// not know it.
async fn native(settings: &Settings, shape: Shape, response: Response<Body>) -> Response<Body> {
    if shape != Shape::Messages {
        return response;
    }
    let (mut head, mut body) = response.into_parts();
    if !head.status.is_success() {
        let mut bytes = read(settings, &head.headers, &mut body).await.unwrap_or_default();
        if !claude::is_error(&bytes) {
            let failure = Failure::new(head.status, errors::read(head.status, &bytes));
            (head.status, bytes) = tell(shape, &failure, &head.headers);
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        body = Body::from(bytes);
        head::body_replaced(&mut head.headers, &body);
    }
    name_request(&mut head.headers);
    Response::from_parts(head, body)
}

pub(super) async fn exchange<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Operation,
    shape: Shape,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    let awaits_continue = head::awaits_continue(&head.headers);
    let (warnings, answer) = match prepare(&settings, operation, shape, &mut head, &mut body).await {
        Ok(Prepared::Chat { warnings, answer }) => (warnings, answer),
        Ok(Prepared::Native) => {
            let response = service.call(Request::from_parts(head, body)).await?.map(Body::new);
            return Ok(native(&settings, shape, response).await);
        }
        Err(failure) => {
            body.discard_refused(awaits_continue).await;
            return Ok(refuse(shape, failure));
        }
    };
    let response = service.call(Request::from_parts(head, body)).await?;

    let (mut head, body) = response.into_parts();
    let mut body = Body::new(body);
    let failure = if head.status.is_success() {
        translate(&settings, &mut head.headers, &mut body, answer).await.err()
    } else {
        let bytes = read(&settings, &head.headers, &mut body).await.unwrap_or_default();
        Some(Failure::new(head.status, errors::read(head.status, &bytes)))
    };
    if let Some(failure) = failure {
        let (status, bytes) = tell(shape, &failure, &head.headers);
        head.status = status;
        body = Body::from(bytes);
        head::body_replaced(&mut head.headers, &body);
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if shape == Shape::Messages {
        name_request(&mut head.headers);
    }
    if let Some(warnings) = warnings.into_header() {
        // A list: what the layers below have left out stands beside it.
        head.headers.append(HeaderName::from_static("x-llm-warning"), warnings);
    }
    Ok(Response::from_parts(head, body))
}

async fn prepare(
    settings: &Settings,
    operation: Operation,
    shape: Shape,
    head: &mut request::Parts,
    body: &mut Body,
) -> Result<Prepared, Failure> {
    encoding::decode_request(&mut head.headers, body, settings.request_limits.max_bytes).await?;
    let object = body.object(&settings.request_limits).await?;
    if let Some(is_native) = &settings.native {
        let model = openai::ChatRequest::new(object).model()?.unwrap_or_default();
        if is_native(operation, &model) {
            head::set_content_length(&mut head.headers, body.content_length());
            return Ok(Prepared::Native);
        }
    }
    let inbound = shape.request(object, &Options { clock: settings.clock, rng: &settings.rng })?;
    *body = inbound.body;
    head.uri = chat_uri(&head.uri, shape).ok_or_else(|| Failure::bad_request("The path is too long."))?;
    head::remove_hop_by_hop_and(&mut head.headers, |name| name.starts_with("anthropic-"));
    head.extensions.insert(WasInbound);
    head::body_replaced(&mut head.headers, body);
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    head.headers.insert(ACCEPT_ENCODING, encoding::ACCEPTED);
    Ok(Prepared::Chat { warnings: inbound.warnings, answer: inbound.answer })
}

/// The same place, but for its last segment. `beta` in the query is a switch of Anthropic's SDK.
fn chat_uri(uri: &Uri, shape: Shape) -> Option<Uri> {
    let path = uri.path();
    let prefix = path.strip_suffix('/').unwrap_or(path).strip_suffix(shape.segment())?;
    let mut path = format!("{prefix}chat/completions");
    let pairs = uri.query().unwrap_or_default().split('&');
    for pair in pairs.filter(|pair| !pair.is_empty() && *pair != "beta" && !pair.starts_with("beta=")) {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(pair);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// A successful answer.
async fn translate(
    settings: &Settings,
    headers: &mut HeaderMap,
    body: &mut Body,
    answer: Box<dyn Translate>,
) -> Result<(), Failure> {
    if Framing::Sse.is_stream(headers) && !encoding::is_encoded(headers) {
        *body = stream::follow(std::mem::take(body).into_events(settings.sse_limits), answer);
        head::body_replaced(headers, body);
        headers::set_event_stream(headers);
        return Ok(());
    }
    let bytes = read(settings, headers, body).await?;
    *body = Body::from(answer.whole(bytes)?);
    head::body_replaced(headers, body);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(())
}

async fn read(settings: &Settings, headers: &HeaderMap, body: &mut Body) -> Result<Bytes, Failure> {
    let limit = settings.max_response;
    let bytes = body.bytes(limit).await.map_err(|error| errors::unreadable(&error))?;
    encoding::decode(headers, bytes, limit).map_err(|error| errors::unreadable(&error))
}

/// A call that nobody was asked for.
fn refuse(shape: Shape, failure: Failure) -> Response<Body> {
    let (status, bytes) = tell(shape, &failure, &HeaderMap::new());
    let mut response = failure.into_response();
    *response.status_mut() = status;
    *response.body_mut() = Body::from(bytes);
    response
}

/// A failure in the caller's shape, with the id by which the call is known.
fn tell(shape: Shape, failure: &Failure, headers: &HeaderMap) -> (http::StatusCode, Bytes) {
    let mut error = failure.error().clone();
    if let Some(id) = request_id(headers).and_then(|id| id.to_str().ok()).filter(|_| shape == Shape::Messages) {
        error = error.with("request_id", id);
    }
    shape.failure(failure.status(), &error)
}

fn request_id(headers: &HeaderMap) -> Option<&HeaderValue> {
    ["x-request-id", "x-llm-layers-upstream-request-id"].iter().find_map(|name| headers.get(*name))
}

/// The id under the name that Anthropic's clients look for.
fn name_request(headers: &mut HeaderMap) {
    if let Some(id) = request_id(headers).cloned() {
        headers.entry(HeaderName::from_static("request-id")).or_insert(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_segment_changes() {
        for (uri, shape, chat) in [
            ("/v1/messages", Shape::Messages, "/v1/chat/completions"),
            ("/anthropic/v1/messages/", Shape::Messages, "/anthropic/v1/chat/completions"),
            ("/messages?beta=true", Shape::Messages, "/chat/completions"),
            ("/v1/messages?beta=true&x=%20&y", Shape::Messages, "/v1/chat/completions?x=%20&y"),
            ("http://h:1/v1/responses?a=b", Shape::Responses, "http://h:1/v1/chat/completions?a=b"),
            ("/v1/completions", Shape::Completions, "/v1/chat/completions"),
        ] {
            let uri: Uri = uri.parse().expect("a URI");
            assert_eq!(chat_uri(&uri, shape).expect("a URI"), chat);
        }
    }
}

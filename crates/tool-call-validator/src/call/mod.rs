//! The course of one call whose answer is checked: all of the layer that waits for anything.

mod asker;
mod plain;
mod watch;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, Request, Response, header::ACCEPT_ENCODING};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Failure, Operation, encoding, head};
use tower_service::Service;

use crate::{
    answer::stream::{self, Checked},
    contract::{Contract, Reader},
    layer::Settings,
};

pub(crate) use asker::{Asked, Asking};
pub(crate) use watch::Watch;

use asker::Asker;
use plain::{Other, Plain};

/// What was found in an answer, as its head tells.
const TOOL_CALLS: HeaderName = HeaderName::from_static("x-llm-tool-calls");

/// Whether an answer to this request may have to be checked, as far as that can be told without waiting.
pub(crate) fn may_ask(operation: Operation, request: &Request<Body>) -> bool {
    if !matches!(operation, Operation::ChatCompletion | Operation::Response | Operation::Message) {
        return false;
    }
    let body = request.body();
    if let Some(object) = body.as_object() {
        return Contract::is_asked(operation, object);
    }
    let is_plain = !encoding::is_encoded(request.headers());
    body.as_bytes().filter(|_| is_plain).is_none_or(|body| Contract::may_be_asked(operation, body))
}

/// Sends a request on, and checks the answer by what the request asks for.
pub(crate) async fn call<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Operation,
    mut request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let contract = match read(&settings, operation, &mut request).await {
        Ok(Some(contract)) => Arc::new(contract),
        Ok(None) => return Ok(service.call(request).await?.map(Body::new)),
        Err(failure) => return Ok(failure.into_response()),
    };
    request.headers_mut().insert(ACCEPT_ENCODING, encoding::ACCEPTED);
    let copy = if settings.may_ask(&contract, 0) { asker::copy(&request) } else { None };
    let sse_limits = settings.sse_limits;
    let wants_stream = request.body().as_object().is_some_and(|object| object.is_true("stream"));
    let mut watch = Watch::new(settings, contract, request.extensions_mut());
    let mut response = service.call(request).await?.map(Body::new);
    // Only what was found here is told here.
    response.headers_mut().remove(TOOL_CALLS);
    watch.answered_by(response.extensions());
    let asking = copy.map(|copy| -> Box<dyn Asking> { Box::new(Asker::new(service, copy, operation, sse_limits)) });
    Ok(check(watch, asking, response, wants_stream).await)
}

/// What the request asks for; nothing where it asks for nothing that can be checked.
async fn read(
    settings: &Settings,
    operation: Operation,
    request: &mut Request<Body>,
) -> Result<Option<Contract>, Box<Failure>> {
    let (mut head, mut body) = std::mem::take(request).into_parts();
    let max = settings.limits.max_bytes;
    let reader = Reader { schemas: &settings.schemas, strict: settings.strict };
    let contract = match encoding::decode_request(&mut head.headers, &mut body, max).await {
        Ok(()) => match body.object(&settings.limits).await {
            Ok(object) => Contract::read(operation, object, &reader),
            Err(error) => Err(Box::new(error.into())),
        },
        Err(error) => Err(Box::new(error.into())),
    };
    if contract.is_err() {
        body.discard_refused(head::awaits_continue(&head.headers)).await;
    }
    *request = Request::from_parts(head, body);
    contract
}

async fn check(
    watch: Watch,
    asking: Option<Box<dyn Asking>>,
    response: Response<Body>,
    wants_stream: bool,
) -> Response<Body> {
    if !response.status().is_success() {
        return response;
    }
    // What an answer is its head may not know. Nobody waits for the parts of one that was not asked for as a stream.
    if wants_stream && is_stream(&response) {
        return streamed(watch, asking, response);
    }
    match Plain::read(&watch, response).await {
        Ok(plain) => plain::check(watch, asking, plain).await,
        Err(other) => match *other {
            Other::Events(response) => streamed(watch, asking, response),
            Other::Final(response) => response,
        },
    }
}

/// Checks an answer in events.
fn streamed(watch: Watch, asking: Option<Box<dyn Asking>>, response: Response<Body>) -> Response<Body> {
    let Some(shape) = stream::shape(&watch.contract, &watch.settings, 0, None) else {
        watch.approve();
        return response;
    };
    let (mut head, body) = response.into_parts();
    let events = body.into_events(watch.settings.sse_limits);
    let body = Body::from_events(Checked::new(events, shape, watch, asking));
    head::body_replaced(&mut head.headers, &body);
    Response::from_parts(head, body)
}

/// Whether an answer is a stream of events that can be read.
pub(crate) fn is_stream(response: &Response<Body>) -> bool {
    response.body().is_events() || head::is_event_stream(response.headers())
}

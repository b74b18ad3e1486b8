use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, FailureKind, Operation, Rejection, head, opening};
use tokio::time::Instant;
use tower_service::Service;

use super::{read::Named, stored_for};
use crate::{
    InFlight, Outcome,
    answer::{self, Begun, Name, Seen, Wanted},
    headers,
    layer::Settings,
};

/// Asks the one deployment that was asked for, and nobody else. Its prompt is not counted; the call is.
pub(super) async fn call<S, RB>(
    inner: &mut S,
    settings: &Settings,
    operation: Operation,
    mut request: Request<Body>,
    named: Named,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let Named { deployment, counted, name } = named;
    request.extensions_mut().insert(deployment.clone());
    let object = request.body().as_object();
    let is_streamed = object.is_some_and(|object| object.is_true("stream"));
    let stored_for = object.and_then(|object| stored_for(operation, request.extensions(), object));
    let call = counted.map(|direct| direct.begin(is_streamed));
    let started = Instant::now();
    let mut response = match inner.call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            if let Some(call) = call {
                call.end(Outcome::Failure(FailureKind::Unreachable));
            }
            return Err(error);
        }
    };
    let mut model = None;
    match name.filter(|_| response.status().is_success()) {
        Some(name) => {
            let begun;
            (response, begun) = renamed(response, settings, name, call, started, stored_for.is_some()).await;
            if let Some(caller) = stored_for {
                settings.engine.remember(caller.as_ref(), &begun.ids, &deployment);
            }
            model = begun.model;
        }
        None => response = counted_at_its_end(response, call),
    }
    response.extensions_mut().insert(deployment.clone());
    if settings.tells {
        headers::tell_deployment(response.headers_mut(), &deployment);
        headers::tell_model(response.headers_mut(), model.as_deref().unwrap_or(deployment.model()));
    }
    Ok(response)
}

/// An answer that is waited for, since it is to have another name, and what is known of it.
async fn renamed(
    mut response: Response<Body>,
    settings: &Settings,
    name: Name,
    call: Option<InFlight>,
    started: Instant,
    with_ids: bool,
) -> (Response<Body>, Begun) {
    opening::open(&mut response, &settings.hold).await;
    answer::read_plain(&mut response).await;
    if !response.status().is_success() {
        return (counted_at_its_end(response, call), Begun::default());
    }
    if let Some(call) = &call {
        call.first_word(started.elapsed());
    }
    // A refusal is an answer to who asked for this deployment.
    let begun = Begun::of(&mut response, &settings.hold, Wanted { ids: with_ids, refusals: false }).await;
    if !head::is_event_stream(response.headers()) {
        name.put_into(&mut response);
        return (counted_at_its_end(response, call), begun);
    }
    (answer::watch(response, &settings.hold, Seen { name: Some(name), hides_usage: false, call }), begun)
}

/// Nobody looks into this answer: a stream is over at its end, and a plain one when it has begun.
fn counted_at_its_end(response: Response<Body>, call: Option<InFlight>) -> Response<Body> {
    let Some(call) = call else { return response };
    if response.extensions().get::<Rejection>().is_some() {
        return response;
    }
    if let Some(kind) = FailureKind::of(&response) {
        call.end(Outcome::Failure(kind));
        return response;
    }
    if !head::is_media_type(response.headers(), "text/event-stream") {
        call.end(Outcome::Success);
        return response;
    }
    response.map(|body| body.on_end(|how| call.end(how.into())))
}

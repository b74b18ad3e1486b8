use std::mem;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, FailureKind, Operation, Rejection, head, opening};
use tower_service::Service;

use super::{read::Named, stored_for};
use crate::{
    InFlight, Outcome,
    answer::{self, Begun, Form, Name, Seen, Wanted},
    headers,
    layer::Settings,
};

/// Asks the one deployment that was asked for, and nobody else. Its prompt is not counted; the call is.
pub(super) fn call<S, RB>(
    inner: &mut S,
    settings: &Settings,
    operation: Operation,
    mut request: Request<Body>,
    named: Named,
) -> impl Future<Output = Result<Response<Body>, S::Error>>
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
    // Called here and not in the future, which need not hold the request.
    let answer = inner.call(request);
    async move {
        let mut response = match answer.await {
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
                let begun = renamed(&mut response, settings, name, call, stored_for.is_some()).await;
                if let Some(caller) = stored_for {
                    settings.engine.remember(caller.as_ref(), &begun.ids, &deployment);
                }
                model = begun.model;
            }
            None => count_at_its_end(&mut response, call),
        }
        if settings.tells {
            let headers = response.headers_mut();
            headers::tell_deployment(headers, &deployment);
            headers::tell_model(headers, model.as_deref().unwrap_or(deployment.model()));
        }
        response.extensions_mut().insert(deployment);
        Ok(response)
    }
}

/// Gives an answer another name, for which it is waited for. Says what is known of it.
async fn renamed(
    response: &mut Response<Body>,
    settings: &Settings,
    name: Name,
    call: Option<InFlight>,
    with_ids: bool,
) -> Begun {
    opening::open(response, &settings.hold).await;
    let form = Form::of(response);
    if form == Form::Plain {
        answer::read_plain(response).await;
    }
    if !response.status().is_success() {
        count_at_its_end(response, call);
        return Begun::default();
    }
    if let Some(call) = &call {
        call.first_word_now();
    }
    // A refusal is an answer to who asked for this deployment.
    let wanted = Wanted { ids: with_ids, refusals: false };
    match form {
        Form::Stream => {
            let begun = Begun::of_stream(response.body_mut(), &settings.hold, wanted).await;
            let seen = Seen { name: Some(name), hides_usage: false, call };
            *response = answer::watch(mem::take(response), &settings.hold, seen);
            begun
        }
        Form::Plain => {
            let begun = Begun::renamed(response, &name, wanted).await;
            count_at_its_end(response, call);
            begun
        }
        Form::Unread => {
            count_at_its_end(response, call);
            Begun::default()
        }
    }
}

/// Nobody looks into this answer: a stream is over at its end, and a plain one when it has begun.
fn count_at_its_end(response: &mut Response<Body>, call: Option<InFlight>) {
    let Some(call) = call else { return };
    if response.extensions().get::<Rejection>().is_some() {
        return;
    }
    if let Some(kind) = FailureKind::of(response) {
        call.end(Outcome::Failure(kind));
        return;
    }
    if !head::is_media_type(response.headers(), "text/event-stream") {
        call.end(Outcome::Success);
        return;
    }
    let body = mem::take(response.body_mut());
    *response.body_mut() = body.on_end(|how| call.end(how.into()));
}

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{
    Body, BoxError, Deadline, Failure,
    opening::{self, Hold},
};
use tower::{retry::Retry, util::AndThen};
use tower_service::Service;

use crate::{attempts, layer::Settings, policy::CallPolicy, replay};

/// One call, in as many attempts as it takes.
pub(crate) async fn call<S, RB>(
    mut inner: S,
    settings: Arc<Settings>,
    mut request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let is_off = settings.rules.are_off();
    if !is_off && let Err(failure) = replay::read(&mut request, settings.max_replay).await {
        return Ok(refusal(failure));
    }
    if request.extensions().get().copied().is_some_and(Deadline::is_over) {
        return Ok(refusal(Failure::deadline_exceeded("The deadline passed before a provider was asked.")));
    }
    if is_off || !request.body().is_replayable() {
        let mut response = inner.call(request).await?.map(Body::new);
        attempts::count(&mut response, 0);
        return Ok(response);
    }
    let policy = CallPolicy::new(Arc::clone(&settings));
    let opened = move |response: Response<RB>| async move { Ok::<_, S::Error>(open(response, &settings.hold).await) };
    Retry::new(policy, AndThen::new(inner, opened)).call(request).await
}

/// Waits for an answer to begin, so that what is judged is an answer and not the promise of one.
pub(crate) async fn open<RB>(response: Response<RB>, hold: &Hold) -> Response<Body>
where
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let mut response = response.map(Body::new);
    opening::open(&mut response, hold).await;
    response
}

/// This layer's own answer, for which nobody was asked.
pub(crate) fn refusal(failure: Failure) -> Response<Body> {
    let mut response = failure.into_response();
    attempts::count(&mut response, 0);
    response
}

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
///
/// The future is moved once and kept for as long as the provider takes, with all that any way through it may need: what
/// is rare is boxed, and no argument is kept twice, as an `async fn` does.
pub(crate) fn call<S, RB>(
    mut inner: S,
    settings: Arc<Settings>,
    mut request: Request<Body>,
) -> impl Future<Output = Result<Response<Body>, S::Error>>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let is_off = settings.rules.are_off();
    async move {
        if !is_off && !request.body().is_replayable() {
            let read = Box::pin(replay::read(&mut request, settings.max_replay));
            if let Err(failure) = read.await {
                return Ok(refusal(failure));
            }
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
        // What is judged is an answer, and not the promise of one.
        let opened = move |response: Response<RB>| {
            let mut response = response.map(Body::new);
            async move {
                opening::open(&mut response, &settings.hold).await;
                Ok::<_, S::Error>(response)
            }
        };
        Retry::new(policy, AndThen::new(inner, opened)).call(request).await
    }
}

/// Waits for an answer to begin.
pub(crate) fn open<RB>(response: Response<RB>, hold: &Hold) -> impl Future<Output = Response<Body>>
where
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let mut response = response.map(Body::new);
    async move {
        opening::open(&mut response, hold).await;
        response
    }
}

/// This layer's own answer, for which nobody was asked.
pub(crate) fn refusal(failure: Failure) -> Response<Body> {
    let mut response = failure.into_response();
    attempts::count(&mut response, 0);
    response
}

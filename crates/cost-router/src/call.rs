//! One call: what it asks for, and who answers.

mod attempt;
mod complexity;
mod direct;
mod read;
mod routed;

use std::sync::Arc;

use bytes::Bytes;
use http::{Extensions, Request, Response, header::ACCEPT_ENCODING};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Caller, Deadline, Operation, encoding, head};
use llm_layers_wire::json::Object;
use tower_service::Service;

use self::read::Asked;
use crate::{engine, errors, layer::Settings};

/// Answers one call.
#[allow(clippy::manual_async_fn, reason = "the future of an async function holds its arguments twice")]
pub(crate) fn call<S, RB>(
    mut inner: S,
    settings: Arc<Settings>,
    operation: Operation,
    mut request: Request<Body>,
) -> impl Future<Output = Result<Response<Body>, S::Error>>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    async move {
        let awaits_continue = head::awaits_continue(request.headers());
        let asked = match read::read(&settings, &mut request).await {
            Ok(asked) => asked,
            Err(failure) => {
                request.body_mut().discard_refused(awaits_continue).await;
                return Ok(failure.into_response());
            }
        };
        if request.extensions().get::<Deadline>().is_some_and(|deadline| deadline.is_over()) {
            return Ok(errors::too_late().into_response());
        }
        if asked.is_read() {
            request.headers_mut().insert(ACCEPT_ENCODING, encoding::ACCEPTED);
        }
        match asked {
            Asked::Deployment(named) => direct::call(&mut inner, &settings, operation, request, named).await,
            Asked::Alias { route, directives } => {
                // Boxed, to keep the future of a call to one deployment small.
                Box::pin(routed::call(&mut inner, &settings, operation, request, route, directives)).await
            }
        }
    }
}

/// In whose name the provider keeps the answer, if it does.
fn stored_for(operation: Operation, extensions: &Extensions, object: &Object) -> Option<Option<Caller>> {
    let is_stored = operation == Operation::Response && engine::is_stored(object);
    is_stored.then(|| extensions.get().cloned())
}

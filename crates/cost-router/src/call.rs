//! One call: what it asks for, and who answers.

mod complexity;
mod direct;
mod read;
mod routed;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deadline, Operation, head};
use tower_service::Service;

use self::read::Asked;
use crate::{errors, layer::Settings};

/// Answers one call.
pub(crate) async fn call<S, RB>(
    mut inner: S,
    settings: Arc<Settings>,
    operation: Operation,
    mut request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let awaits_continue = head::awaits_continue(request.headers());
    let asked = match read::read(&settings, &mut request).await {
        Ok(asked) => asked,
        Err(failure) => {
            request.body_mut().discard_refused(awaits_continue).await;
            return Ok(failure.into_response());
        }
    };
    if request.extensions().get::<Deadline>().is_some_and(|deadline| deadline.remaining().is_zero()) {
        return Ok(errors::too_late().into_response());
    }
    match asked {
        Asked::Deployment { deployment, name } => direct::call(&mut inner, &settings, request, deployment, name).await,
        Asked::Alias { route, directives } => {
            // Boxed, to keep the future of a call to one deployment small.
            Box::pin(routed::call(&mut inner, &settings, operation, request, route, directives)).await
        }
    }
}

//! Where a model is, and where else to go when it fails there.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use llm_layers_core::{Body, Deadline, Deployment, Failure, FailureKind, Rejection, encoding, head, opening};
use llm_layers_wire::{json::Limits, openai::ChatRequest};
use tower_service::Service;

use super::models;
use crate::config::RouteTable;

/// Puts the deployment into a request that its `model` leads to, and tries those of an alias one after the other. The
/// cost router takes its place once it is there.
#[derive(Clone)]
pub(crate) struct Route<S> {
    inner: S,
    routes: Arc<RouteTable>,
}

impl<S> Route<S> {
    pub(super) fn new(inner: S, routes: RouteTable) -> Self {
        Self { inner, routes: Arc::new(routes) }
    }
}

impl<S> Service<Request<Body>> for Route<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let routes = Arc::clone(&self.routes);
        Box::pin(async move {
            let targets = match resolve(&routes, &mut request).await {
                Ok(targets) => targets,
                Err(failure) => {
                    let awaits_continue = head::awaits_continue(request.headers());
                    request.body_mut().discard_refused(awaits_continue).await;
                    return Ok(failure.into_response());
                }
            };
            let Some((last, others)) = targets.split_last() else { return Ok(models::unknown("").into_response()) };
            if !others.is_empty() {
                // Boxed, to keep the future of a call to one deployment small.
                if let Some(answer) = Box::pin(first_that_answers(&mut inner, others, &mut request)).await? {
                    return Ok(answer);
                }
            }
            request.extensions_mut().insert(last.clone());
            inner.call(request).await
        })
    }
}

/// The answer of the first deployment that gives one; nothing if the last resort is to be asked.
async fn first_that_answers<S>(
    inner: &mut S,
    deployments: &[Deployment],
    request: &mut Request<Body>,
) -> Result<Option<Response<Body>>, Infallible>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    for deployment in deployments {
        // A body that was split into its members can be had again.
        let Some(body) = request.body().try_clone() else { return Ok(None) };
        let mut attempt = request_with(request, body);
        attempt.extensions_mut().insert(deployment.clone());
        let mut answer = inner.call(attempt).await?;
        opening::open(&mut answer, &opening::Hold::default()).await;
        let is_late = request.extensions().get::<Deadline>().is_some_and(|deadline| deadline.remaining().is_zero());
        if is_late || !another_may_do_better(&answer) {
            return Ok(Some(answer));
        }
        tracing::debug!(deployment = deployment.name(), status = %answer.status(), "going on to the next deployment");
        poll_fn(|cx| inner.poll_ready(cx)).await?;
    }
    Ok(None)
}

/// The same request with this body.
fn request_with(request: &Request<Body>, body: Body) -> Request<Body> {
    let mut same = Request::new(body);
    *same.method_mut() = request.method().clone();
    *same.uri_mut() = request.uri().clone();
    *same.version_mut() = request.version();
    *same.headers_mut() = request.headers().clone();
    *same.extensions_mut() = request.extensions().clone();
    same
}

/// Whether it is this deployment that fails, and not the request.
fn another_may_do_better(answer: &Response<Body>) -> bool {
    match (answer.extensions().get::<Rejection>(), FailureKind::of(answer)) {
        (Some(rejection), _) => {
            matches!(rejection, Rejection::CircuitOpen | Rejection::Limited | Rejection::Unreachable)
        }
        (None, None | Some(FailureKind::BadRequest | FailureKind::ContentFilter | FailureKind::TooLarge)) => false,
        (None, Some(_)) => true,
    }
}

async fn resolve(routes: &RouteTable, request: &mut Request<Body>) -> Result<Arc<[Deployment]>, Failure> {
    if encoding::is_encoded(request.headers()) {
        decode(request).await?;
    }
    let object = request.body_mut().object(&Limits::DEFAULT).await?;
    let model = ChatRequest::new(object).model()?;
    let missing =
        || Failure::bad_request("`model` is missing.").with_param("model").with_code("missing_required_parameter");
    let model = model.ok_or_else(missing)?;
    routes.resolve(&model).ok_or_else(|| models::unknown(&model))
}

async fn decode(request: &mut Request<Body>) -> Result<(), Failure> {
    let limit = Limits::DEFAULT.max_bytes;
    let bytes = request.body_mut().bytes(limit).await?;
    let plain = Body::from(encoding::decode(request.headers(), bytes, limit)?);
    head::body_replaced(request.headers_mut(), &plain);
    *request.body_mut() = plain;
    Ok(())
}

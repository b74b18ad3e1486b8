//! Where a model is.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response, header::EXPECT};
use llm_layers_core::{Body, Deployment, Failure, encoding};
use llm_layers_wire::{json::Limits, openai::ChatRequest};
use tower_service::Service;

use super::models;
use crate::config::RouteTable;

/// Puts the deployment into a request that its `model` leads to. The cost router takes its place once it is there.
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
            match resolve(&routes, &mut request).await {
                Ok(deployment) => {
                    request.extensions_mut().insert(deployment);
                    inner.call(request).await
                }
                Err(failure) => {
                    if !request.headers().contains_key(EXPECT) {
                        request.body_mut().discard_refused().await;
                    }
                    Ok(failure.into_response())
                }
            }
        })
    }
}

async fn resolve(routes: &RouteTable, request: &mut Request<Body>) -> Result<Deployment, Failure> {
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
    llm_layers_core::head::body_replaced(request.headers_mut(), &plain);
    *request.body_mut() = plain;
    Ok(())
}

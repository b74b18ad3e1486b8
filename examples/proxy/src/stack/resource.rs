//! What is no LLM call: `/providers/NAME/…`, a provider's own words, and OpenAI's further resources (audio, images,
//! files, batches, moderations), which go to a provider that is compatible with it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, Deployment, Failure, head};
use llm_layers_wire::{json::Limits, openai::ChatRequest};
use tower_service::Service;

use super::models;
use crate::config::{Config, Dialect, RouteTable};

/// Names the provider that a resource is of, where its body names no model.
const PROVIDER: &str = "x-llm-provider";

/// The first segments of the resources, after `/v1/`.
const RESOURCES: [&str; 8] =
    ["audio", "images", "files", "uploads", "batches", "moderations", "vector_stores", "responses"];

/// Anthropic's count of a message's tokens, which goes to the provider of its model.
const COUNT_TOKENS: &str = "/v1/messages/count_tokens";

/// Finds the provider of a resource. What is native has it in its path, and goes on as it is.
#[derive(Clone)]
pub(crate) struct Resources<S> {
    inner: S,
    shared: Arc<Shared>,
}

struct Shared {
    routes: RouteTable,
    /// The names of the providers that are compatible with OpenAI's API, in the order of the file.
    compatible: Vec<Arc<str>>,
}

impl<S> Resources<S> {
    pub(super) fn new(inner: S, config: &Config, routes: RouteTable) -> Self {
        let is_compatible = |dialect| matches!(dialect, Dialect::OpenAi | Dialect::Azure);
        let compatible = config.providers().iter().filter(|provider| is_compatible(provider.dialect));
        let compatible = compatible.map(|provider| provider.name.clone()).collect();
        Self { inner, shared: Arc::new(Shared { routes, compatible }) }
    }

    /// Whether a call is one of these.
    pub(super) fn serves(request: &Request<Body>) -> bool {
        let path = request.uri().path();
        let resource = path.strip_prefix("/v1/").map(|rest| rest.split('/').next().unwrap_or(rest));
        path.starts_with("/providers/")
            || path == COUNT_TOKENS
            || resource.is_some_and(|resource| RESOURCES.contains(&resource))
    }
}

impl<S> Service<Request<Body>> for Resources<S>
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
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            if !request.uri().path().starts_with("/providers/") {
                match shared.resolve(&mut request).await {
                    Ok(deployment) => {
                        request.extensions_mut().insert(deployment);
                    }
                    Err(failure) => {
                        let awaits_continue = head::awaits_continue(request.headers());
                        request.body_mut().discard_refused(awaits_continue).await;
                        return Ok(failure.into_response());
                    }
                }
            }
            inner.call(request).await
        })
    }
}

impl Shared {
    /// By `x-llm-provider`, by the model that a JSON body names, or else the first that is compatible.
    async fn resolve(&self, request: &mut Request<Body>) -> Result<Deployment, Failure> {
        if let Some(named) = request.headers().get(PROVIDER) {
            let known = self.compatible.iter().find(|name| name.as_bytes() == named.as_bytes());
            let unknown = || Failure::not_found(format!("`{PROVIDER}` names no provider that has such an endpoint."));
            return known.map(|name| Deployment::new(&**name, &**name, "")).ok_or_else(unknown);
        }
        if is_json(request.headers()) {
            let object = request.body_mut().object(&Limits::DEFAULT).await?;
            if let Some(model) = ChatRequest::new(object).model()? {
                return self.routes.first(&model).ok_or_else(|| models::unknown(&model));
            }
        }
        let first = self.compatible.first().map(|name| Deployment::new(&**name, &**name, ""));
        first.ok_or_else(|| Failure::not_found("No provider is configured that has such an endpoint."))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

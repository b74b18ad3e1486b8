//! What is no LLM call: `/providers/NAME/…`, a provider's own words, and OpenAI's further resources (audio, images,
//! files, batches, moderations), which go to a provider that is compatible with it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use llm_layers_accounts::budgets::{Budgets, Refused};
use llm_layers_core::{Body, Caller, Deployment, Failure, head};
use llm_layers_cost_router::RouterLayer;
use llm_layers_wire::{json::Limits, openai::ChatRequest};
use tower_service::Service;

use crate::config::{Config, Dialect};

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
    router: RouterLayer,
    /// The names of the providers that are compatible with OpenAI's API, in the order of the file.
    compatible: Vec<Arc<str>>,
    budgets: Option<Budgets>,
}

impl<S> Resources<S> {
    pub(super) fn new(inner: S, config: &Config, router: RouterLayer, budgets: Option<Budgets>) -> Self {
        let is_compatible = |dialect| matches!(dialect, Dialect::OpenAi | Dialect::Azure);
        let compatible = config.providers().iter().filter(|provider| is_compatible(provider.dialect));
        let compatible = compatible.map(|provider| provider.name.clone()).collect();
        Self { inner, shared: Arc::new(Shared { router, compatible, budgets }) }
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
            if let Err(failure) = shared.admit(&mut request).await {
                let awaits_continue = head::awaits_continue(request.headers());
                request.body_mut().discard_refused(awaits_continue).await;
                return Ok(failure.into_response());
            }
            inner.call(request).await
        })
    }
}

impl Shared {
    /// Whether it may go on, and to whom.
    async fn admit(&self, request: &mut Request<Body>) -> Result<(), Failure> {
        if let Some(budgets) = &self.budgets {
            // What it costs nobody here can tell. Whose money is spent must not go on by this way.
            let caller = request.extensions().get::<Caller>().map(|caller| caller.name().to_owned());
            budgets.reserve(caller.as_deref(), None, None).await.map_err(Refused::into_failure)?;
        }
        if !request.uri().path().starts_with("/providers/") {
            let deployment = self.resolve(request).await?;
            request.extensions_mut().insert(deployment);
        }
        Ok(())
    }

    /// By `x-llm-provider`, by the model that a JSON body names, or else the first that is compatible.
    async fn resolve(&self, request: &mut Request<Body>) -> Result<Deployment, Failure> {
        if let Some(named) = request.headers().get(PROVIDER) {
            let known = self.compatible.iter().find(|name| name.as_bytes() == named.as_bytes());
            let unknown = || Failure::not_found(format!("`{PROVIDER}` names no provider that has such an endpoint."));
            return known.map(|name| Deployment::new(&**name, &**name, "")).ok_or_else(unknown);
        }
        if head::is_media_type(request.headers(), "application/json") {
            let object = request.body_mut().object(&Limits::DEFAULT).await?;
            if let Some(model) = ChatRequest::new(object).model()? {
                let model = model.into_owned();
                return self.router.first_allowed(&model, request.headers_mut());
            }
        }
        let first = self.compatible.first().map(|name| Deployment::new(&**name, &**name, ""));
        first.ok_or_else(|| Failure::not_found("No provider is configured that has such an endpoint."))
    }
}

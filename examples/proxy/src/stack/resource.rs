//! What is no LLM call: `/providers/NAME/…`, a provider's own words, and OpenAI's further resources (audio, images,
//! files, batches, moderations), which go to a provider that is compatible with it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_accounts::budgets::{Budgets, Refused};
use llm_layers_core::{Body, Caller, Deployment, Failure, encoding, head, take_readied};
use llm_layers_cost_router::{RouterLayer, Selection};
use llm_layers_wire::{json::Limits, openai::ChatRequest};
use tower_service::Service;

use super::{form, models};
use crate::config::{Config, Dialect};

/// The first segments of the resources, after `/v1/`.
const RESOURCES: [&str; 8] =
    ["audio", "images", "files", "uploads", "batches", "moderations", "vector_stores", "responses"];

/// Uploads of which none is for a model: they go on as they come, however long they are.
const UPLOADS: [&str; 2] = ["/v1/files", "/v1/uploads"];

/// Longer forms are not read: OpenAI takes 25 MB of sound.
const MAX_FORM: usize = 32 << 20;

/// Where calls in a provider's own words come in.
const NATIVE: &str = "/providers/";

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
    /// The providers that are compatible with OpenAI's API, by their names' order.
    compatible: Vec<Deployment>,
    /// Those that count a message's tokens.
    counting: Vec<Deployment>,
    budgets: Option<Budgets>,
}

impl<S> Resources<S> {
    pub(super) fn new(inner: S, config: &Config, router: RouterLayer, budgets: Option<Budgets>) -> Self {
        let providers = |dialects: [Dialect; 2]| {
            let those = config.providers().iter().filter(|provider| dialects.contains(&provider.dialect));
            those.map(|provider| provider_alone(&provider.name)).collect()
        };
        let compatible = providers([Dialect::OpenAi, Dialect::Azure]);
        let counting = providers([Dialect::Anthropic, Dialect::Vertex]);
        Self { inner, shared: Arc::new(Shared { router, compatible, counting, budgets }) }
    }

    /// Whether a call is one of these.
    pub(super) fn serves(request: &Request<Body>) -> bool {
        let path = request.uri().path();
        let resource = path.strip_prefix("/v1/").map(|rest| rest.split('/').next().unwrap_or(rest));
        path.starts_with(NATIVE)
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
        let mut inner = take_readied(&mut self.inner);
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
            let caller = request.extensions().get::<Caller>().cloned();
            let caller = caller.as_ref().map(Caller::name);
            budgets.reserve(caller, None, None).await.map_err(Refused::into_failure)?;
        }
        let selection = self.router.select(request.headers_mut())?;
        if let Some(below) = request.uri().path().strip_prefix(NATIVE) {
            let name = below.split('/').next().unwrap_or(below);
            selection.of_these([provider_alone(name)])?;
            return Ok(());
        }
        let deployment = self.resolve(&selection, request).await?;
        request.extensions_mut().insert(deployment);
        Ok(())
    }

    /// By the model that a JSON body or a form names, or else the first that may answer.
    async fn resolve(&self, selection: &Selection<'_>, request: &mut Request<Body>) -> Result<Deployment, Failure> {
        let able = if request.uri().path() == COUNT_TOKENS { &self.counting } else { &self.compatible };
        let of_model = |model: &str| {
            let serves = |deployment: &Deployment| able.iter().any(|one| one.provider() == deployment.provider());
            match selection.of_model(model, serves) {
                // Who says whose model it is need not say more.
                None if selection.names_providers() => Self::first(selection, able),
                None => Err(models::unknown(model)),
                Some(found) => found,
            }
        };
        let path = request.uri().path();
        let is_upload = UPLOADS.iter().any(|uploads| path.starts_with(uploads));
        // Clients say that it is JSON where there is nothing.
        if is_upload || request.body().content_length() == Some(0) {
            return Self::first(selection, able);
        }
        let named = if path == COUNT_TOKENS || head::is_media_type(request.headers(), "application/json") {
            let object = request.body_mut().object(&Limits::DEFAULT).await?;
            ChatRequest::new(object).model()?.map(|model| of_model(&model)).transpose()?
        } else if head::is_media_type(request.headers(), "multipart/form-data") {
            of_form(request, of_model).await?
        } else {
            // It may name a model, in words that a provider understands.
            return Err(Failure::bad_request("`content-type` is neither that of JSON nor that of a form."));
        };
        named.map_or_else(|| Self::first(selection, able), Ok)
    }

    fn first(selection: &Selection<'_>, able: &[Deployment]) -> Result<Deployment, Failure> {
        if able.is_empty() {
            return Err(Failure::not_found("No provider is configured that has such an endpoint."));
        }
        selection.of_these(able.iter().cloned())
    }
}

/// A provider, whatever its models.
fn provider_alone(name: &str) -> Deployment {
    Deployment::new(name, name, "")
}

/// Whom the model of a form leads to, if it names one. There it is called then as the provider knows it.
async fn of_form(
    request: &mut Request<Body>,
    of_model: impl FnOnce(&str) -> Result<Deployment, Failure>,
) -> Result<Option<Deployment>, Failure> {
    let (mut head, mut body) = std::mem::take(request).into_parts();
    let found = async {
        encoding::decode_request(&mut head.headers, &mut body, MAX_FORM).await?;
        let form = body.bytes(MAX_FORM).await?;
        let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let Some(place) = form::model(kind, &form)? else { return Ok(None) };
        let (before, rest) = form.split_at(place.start);
        let (named, behind) = rest.split_at(place.len());
        let deployment = of_model(&String::from_utf8_lossy(named))?;
        let model = deployment.model().as_bytes();
        if !model.is_empty() && model != named {
            body = Body::from(Bytes::from([before, model, behind].concat()));
            head::body_replaced(&mut head.headers, &body);
        }
        Ok(Some(deployment))
    }
    .await;
    *request = Request::from_parts(head, body);
    found
}

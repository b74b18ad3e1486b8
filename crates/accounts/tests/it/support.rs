//! What the tests of the layer share.

use std::{
    future::{Ready, ready},
    sync::{Arc, Mutex},
};

use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use llm_layers_accounts::{AccountsLayer, Entry, Ledger};
use llm_layers_catalogue::Catalogue;
use llm_layers_core::{Body, BoxError, Caller, Deployment};
use llm_layers_testkit::body::Script;
use tower::{Layer, Service, ServiceExt, util::BoxCloneSyncService};

/// Prices of the tests' own, chosen so that sums are easy: a dollar for a million tokens of input, two of output.
pub(crate) const ROWS: &str = concat!(
    r#"{"id":"small","price":{"input":"1","output":"2"},"source":"https://a.example","date":"2026-11-01"}"#,
    "\n",
    r#"{"id":"kinds","price":{"input":"10","cached_input":"1","cache_write":"12.5","cache_write_1h":"20","audio_input":"100","output":"50","reasoning":"60","audio_output":"200","flex":{"discount":"0.5"}},"source":"https://a.example","date":"2026-11-01"}"#,
    "\n",
    r#"{"id":"priceless","source":"https://a.example","date":"2026-11-01"}"#,
    "\n",
    r#"{"id":"embedder","kind":"embedding","price":{"input":"0.02"},"source":"https://a.example","date":"2026-11-01"}"#,
);

/// Keeps every entry.
#[derive(Clone, Default)]
pub(crate) struct Entries(Arc<Mutex<Vec<Entry>>>);

impl Ledger for Entries {
    fn record(&self, entry: &Entry) {
        self.0.lock().unwrap().push(entry.clone());
    }
}

impl Entries {
    pub(crate) fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The only entry there is.
    #[track_caller]
    pub(crate) fn one(&self) -> Entry {
        let mut entries = self.take();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries.remove(0)
    }
}

/// A layer with the tests' prices over provider `p`, and its ledger.
pub(crate) fn layer() -> (AccountsLayer, Entries) {
    let entries = Entries::default();
    let layer = AccountsLayer::new().provider("p").facts(facts()).ledger(entries.clone());
    (layer, entries)
}

pub(crate) fn facts() -> impl Fn(&Deployment) -> Option<Arc<llm_layers_catalogue::Model>> + Send + Sync + 'static {
    let catalogue = Catalogue::read("p", ROWS).unwrap();
    move |deployment| catalogue.find("p", deployment.model()).map(Arc::clone)
}

pub(crate) type Client = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;

/// A service that gives each request the answer that `answer` makes of it.
pub(crate) fn over(
    layer: &AccountsLayer,
    answer: impl Fn(Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
) -> Client {
    let upstream = tower::service_fn(move |request| -> Ready<Result<_, BoxError>> { ready(Ok(answer(request))) });
    BoxCloneSyncService::new(layer.layer(upstream))
}

pub(crate) async fn send<S>(service: &S, request: Request<Body>) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = BoxError> + Clone,
{
    service.clone().oneshot(request).await.unwrap()
}

pub(crate) fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).body(body.into()).unwrap()
}

pub(crate) fn chat(model: &str) -> Request<Body> {
    post("/v1/chat/completions", format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"Hello"}}]}}"#))
}

/// A streamed chat, with further members.
pub(crate) fn streamed(model: &str, more: &str) -> Request<Body> {
    post("/v1/chat/completions", format!(r#"{{"model":"{model}","messages":[],"stream":true{more}}}"#))
}

pub(crate) fn from(caller: &str, mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(Caller::new(caller));
    request
}

pub(crate) fn to(deployment: &Deployment, mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(deployment.clone());
    request
}

pub(crate) fn json(body: impl Into<Body>) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, "application/json").body(body.into()).unwrap()
}

pub(crate) fn usage(input: u64, output: u64) -> String {
    let total = input.saturating_add(output);
    format!(
        r#"{{"choices":[{{"finish_reason":"stop"}}],"usage":{{"prompt_tokens":{input},"completion_tokens":{output},"total_tokens":{total}}}}}"#
    )
}

pub(crate) fn events(script: &Script) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Body::new(script.body())).unwrap()
}

pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

pub(crate) async fn text(response: &mut Response<Body>) -> String {
    String::from_utf8(response.body_mut().bytes(4 << 20).await.unwrap().to_vec()).unwrap()
}

/// The cost of an entry, as text.
pub(crate) fn cost(entry: &Entry) -> Result<String, String> {
    entry.cost.as_ref().map(|cost| cost.normalize().to_string()).map_err(ToString::to_string)
}

//! What the tests of the layer share.

use std::future::{Ready, ready};

use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError, Caller};
use llm_layers_rate_limit::RateLimitLayer;
use llm_layers_testkit::body::Script;
use tower::{Layer, Service, ServiceExt, util::BoxCloneSyncService};

/// A service that gives each request the answer that `answer` makes of it.
pub(crate) fn over(
    layer: &RateLimitLayer,
    answer: impl Fn(Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
) -> BoxCloneSyncService<Request<Body>, Response<Body>, BoxError> {
    let upstream = tower::service_fn(move |request| -> Ready<Result<_, BoxError>> { ready(Ok(answer(request))) });
    BoxCloneSyncService::new(layer.layer(upstream))
}

pub(crate) async fn send<S>(service: &S, request: Request<Body>) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = BoxError> + Clone,
{
    service.clone().oneshot(request).await.unwrap()
}

/// A chat completion whose prompt counts for `prompt` tokens and whose answer for `max_tokens`.
pub(crate) fn chat(prompt: usize, max_tokens: u64) -> Request<Body> {
    let messages = "m".repeat((prompt * 4).saturating_sub(4));
    let body = format!(r#"{{"model":"m","messages":["{messages}"],"max_tokens":{max_tokens}}}"#);
    Request::post("/v1/chat/completions").body(Body::from(body)).unwrap()
}

pub(crate) fn from(caller: &str, mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(Caller::new(caller));
    request
}

pub(crate) fn json(body: impl Into<Body>) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, "application/json").body(body.into()).unwrap()
}

pub(crate) fn usage(total: u64) -> String {
    format!(r#"{{"choices":[],"usage":{{"prompt_tokens":{total},"completion_tokens":0,"total_tokens":{total}}}}}"#)
}

pub(crate) fn events(script: &Script) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Body::new(script.body())).unwrap()
}

pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

/// The three headers of `requests` or `tokens`.
pub(crate) fn levels(response: &Response<Body>, kind: &str) -> Option<(u64, u64, String)> {
    let get = |what| header(response.headers(), &format!("x-ratelimit-{what}-{kind}"));
    Some((get("limit")?.parse().unwrap(), get("remaining")?.parse().unwrap(), get("reset")?.to_owned()))
}

pub(crate) async fn text(response: &mut Response<Body>) -> String {
    String::from_utf8(response.body_mut().bytes(1 << 20).await.unwrap().to_vec()).unwrap()
}

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header::ALLOW, header::CONTENT_TYPE};
use llm_layers_core::{Body, Failure, Operation, Rejection, Rng};
use llm_layers_wire::openai;
use percent_encoding::percent_decode_str;
use tokio::sync::Notify;

use super::Metrics;
use crate::stack::{Answer, Stack};

/// All that the proxy answers: LLM calls by the stack, its own endpoints by itself. Cloning it shares everything.
#[derive(Clone)]
pub struct Front {
    shared: Arc<Shared>,
}

struct Shared {
    /// Changes with the configuration; a call goes on with the one that it began with.
    stack: ArcSwap<Stack>,
    metrics: Metrics,
    rng: Rng,
    draining: AtomicBool,
    changed: Notify,
}

const METRICS: &str = "/metrics";

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl Front {
    /// A front for a stack.
    #[must_use]
    pub fn new(stack: Stack, metrics: Metrics) -> Self {
        let stack = ArcSwap::from_pointee(stack);
        let shared =
            Shared { stack, metrics, rng: Rng::new(), draining: AtomicBool::new(false), changed: Notify::new() };
        Self { shared: Arc::new(shared) }
    }

    /// From now on calls go to this stack.
    pub fn replace(&self, stack: Stack) {
        self.shared.stack.store(Arc::new(stack));
        self.shared.changed.notify_one();
    }

    /// The stack that calls go to.
    pub(super) fn stack(&self) -> Arc<Stack> {
        self.shared.stack.load_full()
    }

    /// Does what the layers need done beside calls, for as long as it is polled.
    pub(super) async fn look_after(self) {
        loop {
            tokio::select! {
                () = self.stack().look_after() => self.shared.changed.notified().await,
                () = self.shared.changed.notified() => {}
            }
        }
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Tells load balancers to send no more.
    pub(super) fn drain(&self) {
        self.shared.draining.store(true, Ordering::Relaxed);
    }

    /// Answers one request.
    ///
    /// What can be decided at once is: a request that waits in futures within futures is copied into each of them.
    pub fn answer(&self, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send + use<> {
        let stack = self.shared.stack.load();
        let answer = match Operation::of(&request) {
            Some(Operation::Models) => {
                Answer::Made(stack.models(request.headers(), model_id(request.uri().path()).as_deref()))
            }
            Some(_) => stack.call(request),
            None if Stack::is_purge(&request) => stack.purge(request),
            None if Stack::is_resource(&request) => stack.resource(request),
            None if is_get(&request) && request.uri().path() == METRICS => {
                Answer::Later(Box::pin(self.shared.metrics.clone().answer()))
            }
            None => Answer::Made(self.own(&request)),
        };
        let id = request_id(&self.shared.rng);
        async move {
            let mut response = match answer {
                Answer::Made(response) => response,
                Answer::Coming(response) => {
                    let Ok(response) = response.await;
                    response
                }
                Answer::Passing(response) => {
                    let Ok(response) = response.await;
                    response
                }
                Answer::Later(response) => response.await,
            };
            response.headers_mut().insert(REQUEST_ID.clone(), id);
            response
        }
    }

    /// What is no LLM call.
    fn own(&self, request: &Request<Body>) -> Response<Body> {
        let get = is_get(request);
        let path = request.uri().path();
        match path {
            "/healthz" if get => text(StatusCode::OK, "ok\n"),
            "/readyz" if get && self.shared.draining.load(Ordering::Relaxed) => {
                text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
            }
            "/readyz" if get => text(StatusCode::OK, "ready\n"),
            _ => match allowed(path) {
                Some(method) => not_allowed(request.method(), path, method),
                None => {
                    let shown: String = path.chars().take(128).collect();
                    Failure::not_found(format!("Invalid URL ({} {shown})", request.method())).into_response()
                }
            },
        }
    }
}

fn is_get(request: &Request<Body>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

/// `req_` and sixteen hexadecimal digits.
fn request_id(rng: &Rng) -> HeaderValue {
    let mut id = *b"req_0000000000000000";
    let number = rng.next_u64();
    for (place, digit) in id.iter_mut().skip(4).enumerate() {
        let nibble = (number >> (4 * place)) as u8 & 15;
        *digit = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    }
    // Letters and digits only: every header may hold them.
    HeaderValue::from_bytes(&id).unwrap_or(HeaderValue::from_static("req_0"))
}

/// The method of a path that is served by another one than was asked for.
fn allowed(path: &str) -> Option<Method> {
    let own = ["/healthz", "/readyz", METRICS].contains(&path);
    let is = |method: Method| (own || Operation::of_path(&method, path).is_some()).then_some(method);
    is(Method::GET).or_else(|| is(Method::POST))
}

fn not_allowed(asked: &Method, path: &str, allowed: Method) -> Response<Body> {
    let shown: String = path.chars().take(128).collect();
    let message = format!("Not allowed to {asked} on {shown}: use {allowed}.");
    let error = openai::Error::new("invalid_request_error", message).with_code("method_not_supported");
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, error).with_rejection(Rejection::Invalid);
    let mut response = failure.into_response();
    if let Ok(allowed) = HeaderValue::from_str(allowed.as_str()) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The id in `/v1/models/{id}`: it may hold slashes, percent-encoded or not.
fn model_id(path: &str) -> Option<String> {
    let (_, id) = path.split_once("/models/")?;
    let id = percent_decode_str(id).decode_utf8_lossy().into_owned();
    (!id.is_empty()).then_some(id)
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_id_may_hold_slashes() {
        let id = |path| model_id(path);
        assert_eq!(id("/v1/models"), None);
        assert_eq!(id("/v1/models/"), None);
        assert_eq!(id("/v1/models/meta/llama").as_deref(), Some("meta/llama"));
        assert_eq!(id("/v1/models/meta%2Fllama%").as_deref(), Some("meta/llama%"));
    }
}

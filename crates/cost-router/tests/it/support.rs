//! A fleet of deployments that answer as they are told, and what they were asked.

use std::{
    collections::{HashMap, VecDeque},
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Body as _;
use llm_layers_core::{Alias as Asked, Body, BoxError, Deployment, Failure, FailureKind, Rejection};
use llm_layers_cost_router::{Alias, RouterLayer, Routes};
use llm_layers_testkit::body::{Hint, Script};
use tokio::time::sleep;
use tower::{Layer, Service, ServiceExt, service_fn};

pub(crate) type Outcome = Result<Response<Body>, BoxError>;
type Queue = VecDeque<(Duration, Answer)>;
type Answer = Box<dyn FnOnce() -> Outcome + Send>;

/// Answers by the names of deployments, in turn; 200 once they are used up.
#[derive(Clone, Default)]
pub(crate) struct Fleet {
    answers: Arc<Mutex<HashMap<String, Queue>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

pub(crate) struct Seen {
    pub(crate) deployment: String,
    pub(crate) alias: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn on(self, deployment: &str, answer: impl FnOnce() -> Outcome + Send + 'static) -> Self {
        self.after(deployment, Duration::ZERO, answer)
    }

    pub(crate) fn after(
        self,
        deployment: &str,
        time: Duration,
        answer: impl FnOnce() -> Outcome + Send + 'static,
    ) -> Self {
        let mut answers = self.answers.lock().unwrap();
        answers.entry(deployment.to_owned()).or_default().push_back((time, Box::new(answer)));
        drop(answers);
        self
    }

    pub(crate) fn service(
        &self,
    ) -> impl Service<
        Request<Body>,
        Response = Response<Body>,
        Error = BoxError,
        Future = Pin<Box<dyn Future<Output = Outcome> + Send>>,
    >
    + Clone
    + Send
    + 'static
    + use<> {
        let this = self.clone();
        service_fn(move |request: Request<Body>| {
            let this = this.clone();
            Box::pin(async move {
                let (head, mut body) = request.into_parts();
                let deployment = head.extensions.get().map_or("", Deployment::name).to_owned();
                let alias = head.extensions.get::<Asked>().map(|alias| alias.name().to_owned());
                let body = body.bytes(1 << 30).await?;
                let answer = this.answers.lock().unwrap().get_mut(&deployment).and_then(VecDeque::pop_front);
                this.seen.lock().unwrap().push(Seen { deployment, alias, headers: head.headers, body });
                let Some((time, answer)) = answer else { return Ok(chat("real-model")) };
                if !time.is_zero() {
                    sleep(time).await;
                }
                answer()
            }) as Pin<Box<dyn Future<Output = Outcome> + Send>>
        })
    }

    /// Who was asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.deployment.clone()).collect()
    }

    pub(crate) fn seen<T>(&self, of: impl FnMut(&Seen) -> T) -> Vec<T> {
        self.seen.lock().unwrap().iter().map(of).collect()
    }

    /// What a layer over this fleet answers.
    pub(crate) async fn ask(&self, layer: &RouterLayer, request: Request<Body>) -> Response<Body> {
        layer.layer(self.service()).oneshot(request).await.unwrap()
    }
}

/// `a`, `b` and `c` at providers of their own, and `d`, which no alias has.
pub(crate) fn routes() -> Routes {
    ["a", "b", "c", "d"].into_iter().fold(Routes::new(), |routes, name| {
        routes.deployment(Deployment::new(name, format!("provider-{name}"), format!("model-{name}")))
    })
}

/// The three in order, as `any`.
pub(crate) fn any() -> Alias {
    Alias::new("any").deployments(["a", "b", "c"])
}

pub(crate) fn layer(alias: Alias) -> RouterLayer {
    RouterLayer::new(routes().alias(alias)).unwrap()
}

pub(crate) fn request(model: &str) -> Request<Body> {
    post("/v1/chat/completions", format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"Hi"}}]}}"#))
}

pub(crate) fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).body(body.into()).unwrap()
}

pub(crate) fn json(status: u16, body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(body.into()).unwrap()
}

pub(crate) fn chat(model: &str) -> Response<Body> {
    json(
        200,
        format!(
            r#"{{"id":"c", "model":"{model}","choices":[{{"index":0,"message":{{"role":"assistant","content":"Hi"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}}}"#
        ),
    )
}

pub(crate) fn error(status: u16, code: &str) -> Response<Body> {
    json(status, format!(r#"{{"error":{{"message":"m","type":"t","param":null,"code":"{code}"}}}}"#))
}

pub(crate) fn failed(kind: FailureKind) -> Response<Body> {
    let mut response = error(kind.status().as_u16(), kind.code().unwrap_or("none"));
    response.extensions_mut().insert(kind);
    response
}

pub(crate) fn rejected(rejection: Rejection) -> Response<Body> {
    Failure::bad_request("Refused.").with_rejection(rejection).into_response()
}

pub(crate) fn events(script: Script) -> Response<Body> {
    let response = Response::builder().header("content-type", "text/event-stream");
    response.body(Body::new(script.hint(Hint::Unknown).body())).unwrap()
}

pub(crate) fn greeting(model: &str) -> String {
    format!(
        "data: {{\"model\":\"{model}\",\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"\"}}}}]}}\n\n"
    )
}

pub(crate) fn word(model: &str) -> String {
    format!("data: {{\"model\":\"{model}\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"Hi\"}}}}]}}\n\n")
}

pub(crate) const DONE: &str = "data: [DONE]\n\n";
pub(crate) const BROKEN: &str = "data: {\"error\":{\"message\":\"m\",\"type\":\"server_error\"}}\n\n";

/// All that is left of a body, and whether it broke.
pub(crate) async fn read(mut body: Body) -> (String, bool) {
    let mut read = Vec::new();
    let mut broke = false;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match frame {
            Ok(frame) => read.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(_) => {
                broke = true;
                break;
            }
        }
    }
    (String::from_utf8(read).unwrap(), broke)
}

pub(crate) fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

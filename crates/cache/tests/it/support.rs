//! A model that is asked as seldom as can be, and counts how often it is.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use llm_layers_cache::{Cache, CacheLayer};
use llm_layers_core::Body;
use serde_json::{Value, json};
use tower::{Layer, Service, ServiceExt};

type Answering = dyn Fn(usize, &Value) -> Response<Body> + Send + Sync;

/// A model.
#[derive(Clone)]
pub(crate) struct Model {
    answer: Arc<Answering>,
    seen: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
}

impl Model {
    /// One that answers the so manieth request, from 1, like this.
    pub(crate) fn new(answer: impl Fn(usize, &Value) -> Response<Body> + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), seen: Arc::default() }
    }

    /// One that says how often it was asked, as a stream if that is asked for.
    pub(crate) fn counting() -> Self {
        Self::new(|count, request| {
            let text = format!("answer {count}");
            if request["stream"] == true { stream(&text) } else { plain(&text) }
        })
    }

    pub(crate) fn calls(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn last(&self) -> (HeaderMap, Value) {
        self.seen.lock().unwrap().last().expect("it was asked").clone()
    }
}

impl Service<Request<Body>> for Model {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let (head, mut body) = request.into_parts();
            let body = body.bytes(1 << 20).await.expect("a body");
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            let mut seen = this.seen.lock().unwrap();
            seen.push((head.headers, body.clone()));
            let count = seen.len();
            drop(seen);
            Ok((this.answer)(count, &body))
        })
    }
}

pub(crate) fn completion(text: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "m",
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": text, "refusal": null },
            "logprobs": null,
            "finish_reason": "stop"
        }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11, "cost": 0.25 }
    })
}

pub(crate) fn json_response(value: &Value) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from(value.to_string())).unwrap()
}

pub(crate) fn plain(text: &str) -> Response<Body> {
    json_response(&completion(text))
}

/// The events of a stream that says this, its words one by one.
pub(crate) fn events(text: &str) -> String {
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m",
            "choices": choices, "usage": usage
        });
        format!("data: {chunk}\n\n")
    };
    let delta = |delta: Value, finish: Value| json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }]);
    let mut all =
        chunk(delta(json!({ "role": "assistant", "content": "", "refusal": null }), json!(null)), json!(null));
    for word in text.split_inclusive(' ') {
        all += &chunk(delta(json!({ "content": word }), json!(null)), json!(null));
    }
    all += &chunk(delta(json!({}), json!("stop")), json!(null));
    all += &chunk(json!([]), completion("")["usage"].clone());
    all + "data: [DONE]\n\n"
}

pub(crate) fn event_stream(text: impl Into<String>) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Body::from(text.into())).unwrap()
}

pub(crate) fn stream(text: &str) -> Response<Body> {
    event_stream(events(text))
}

/// A question, with these members beside it.
pub(crate) fn ask(question: &str, members: &Value) -> Request<Body> {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": question }] });
    body.as_object_mut().unwrap().extend(members.as_object().expect("members").clone());
    post(&body)
}

pub(crate) fn post(body: &Value) -> Request<Body> {
    Request::post("/v1/chat/completions")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

pub(crate) fn with(mut request: Request<Body>, name: &'static str, value: &'static str) -> Request<Body> {
    request.headers_mut().append(name, value.parse().unwrap());
    request
}

/// What the client got.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: http::Extensions,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// What a header says.
    pub(crate) fn told(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    pub(crate) fn outcome(&self) -> &str {
        self.told("x-llm-cache").expect("every answer says what the cache has done")
    }

    /// What the model says, streamed or not.
    pub(crate) fn text(&self) -> String {
        if !self.body.starts_with("data:") {
            return self.json()["choices"][0]["message"]["content"].as_str().expect("text").to_owned();
        }
        let data = self.body.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str::<Value>(data).expect("a chunk"))
            .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
            .collect()
    }
}

pub(crate) async fn read(response: Response<Body>) -> Got {
    let (head, mut body) = response.into_parts();
    let bytes: Bytes = body.bytes(1 << 24).await.expect("a whole answer");
    if let Some(length) = head.headers.get("content-length") {
        assert_eq!(length.to_str().unwrap(), bytes.len().to_string(), "the length is that of the body");
    }
    let body = String::from_utf8(bytes.to_vec()).expect("text");
    Got { status: head.status.as_u16(), headers: head.headers, extensions: head.extensions, body }
}

/// A cache over a model.
pub(crate) fn over<S>(layer: &CacheLayer, model: S) -> Cache<S> {
    layer.layer(model)
}

pub(crate) async fn send<S>(service: &Cache<S>, request: Request<Body>) -> Got
where
    Cache<S>: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    let Ok(response) = service.clone().oneshot(request).await;
    read(response).await
}

//! A model that repeats what it is told, and remembers what it was sent.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use http::{HeaderMap, Request, Response, Uri, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_pii_redaction::RedactLayer;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

pub(crate) const EMAIL: &str = "anna.schmidt@posteo.de";
pub(crate) const CARD: &str = "4111 1111 1111 1111";
pub(crate) const IBAN: &str = "DE89 3704 0044 0532 0130 00";

/// What reached the model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON went upstream")
    }

    /// The content of the last message.
    pub(crate) fn content(&self) -> String {
        let body = self.json();
        let messages = body["messages"].as_array().expect("messages");
        messages.last().expect("a message")["content"].as_str().expect("text").to_owned()
    }

    /// Everything that left, in one text.
    pub(crate) fn all(&self) -> String {
        format!("{} {:?} {}", self.uri, self.headers, self.body)
    }
}

/// What the client got.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn content(&self) -> String {
        self.json()["choices"][0]["message"]["content"].as_str().expect("text").to_owned()
    }

    /// The data of each event.
    pub(crate) fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).expect("JSON")).collect()
    }

    /// What a chat's chunks say at this pointer, put together.
    pub(crate) fn streamed(&self, pointer: &str) -> String {
        self.events().iter().filter_map(|event| event.pointer(pointer)?.as_str().map(str::to_owned)).collect()
    }

    pub(crate) fn redacted(&self) -> &str {
        self.headers.get("x-llm-redacted").map_or("", |value| value.to_str().expect("text"))
    }
}

/// Sends a request through the layer to a model that answers by this.
pub(crate) async fn exchange<F>(layer: &RedactLayer, request: Request<Body>, answer: F) -> (Option<Seen>, Got)
where
    F: Fn(&Seen) -> Response<Body> + Clone + Send + Sync + 'static,
{
    let seen = Arc::new(Mutex::new(None));
    let model = {
        let seen = Arc::clone(&seen);
        service_fn(move |request: Request<Body>| {
            let (seen, answer) = (Arc::clone(&seen), answer.clone());
            async move {
                let (head, mut body) = request.into_parts();
                let body = body.bytes(64 << 20).await.expect("a body");
                let length = head.headers.get("content-length").map(|length| length.to_str().unwrap().parse().unwrap());
                assert!(length.is_none_or(|length: usize| length == body.len()), "a stale length");
                let body = String::from_utf8(body.to_vec()).expect("text");
                let this = Seen { uri: head.uri, headers: head.headers, body };
                let response = answer(&this);
                *seen.lock().unwrap() = Some(this);
                Ok::<_, Infallible>(response)
            }
        })
    };
    let (head, mut body) = layer.layer(model).oneshot(request).await.expect("infallible").into_parts();
    let body = match body.bytes(64 << 20).await {
        Ok(bytes) => String::from_utf8(bytes.to_vec()).expect("text"),
        Err(error) => format!("broken: {error}"),
    };
    let seen = seen.lock().unwrap().take();
    (seen, Got { status: head.status.as_u16(), headers: head.headers, body })
}

pub(crate) fn post(path: &str, body: &Value) -> Request<Body> {
    let request = Request::post(path).header(CONTENT_TYPE, "application/json");
    let body = body.to_string();
    request.header("content-length", body.len()).body(Body::from(body)).expect("a request")
}

/// A chat in which the user says this.
pub(crate) fn chat(content: &str) -> Request<Body> {
    post("/v1/chat/completions", &json!({"model": "m", "messages": [{"role": "user", "content": content}]}))
}

pub(crate) fn answer(body: &Value) -> Response<Body> {
    let body = body.to_string();
    let response = Response::builder().header(CONTENT_TYPE, "application/json").header("content-length", body.len());
    response.body(Body::from(body)).expect("a response")
}

/// A chat completion that says this.
pub(crate) fn says(content: &str) -> Response<Body> {
    let message = json!({"role": "assistant", "content": content});
    answer(&json!({"id": "c", "object": "chat.completion", "model": "m", "choices": [
        {"index": 0, "message": message, "finish_reason": "stop"}]}))
}

/// Says what it was told.
pub(crate) fn echo(seen: &Seen) -> Response<Body> {
    says(&seen.content())
}

pub(crate) fn stream(events: impl IntoIterator<Item = Value>) -> Response<Body> {
    let mut text: String = events.into_iter().map(|event| format!("data: {event}\n\n")).collect();
    text.push_str("data: [DONE]\n\n");
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Body::from(text)).expect("a response")
}

/// A chunk in which a choice's delta is this.
pub(crate) fn chunk(choice: usize, delta: &Value) -> Value {
    json!({"id": "c", "object": "chat.completion.chunk", "model": "m",
        "choices": [{"index": choice, "delta": delta, "finish_reason": null}]})
}

pub(crate) fn finish(choice: usize, reason: &str) -> Value {
    json!({"id": "c", "object": "chat.completion.chunk", "model": "m",
        "choices": [{"index": choice, "delta": {}, "finish_reason": reason}]})
}

/// Pieces of so many characters.
pub(crate) fn cut(text: &str, length: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(length).map(|piece| piece.iter().collect()).collect()
}

/// Says what it was told, so many characters at a time.
pub(crate) fn echo_by(length: usize) -> impl Fn(&Seen) -> Response<Body> + Clone {
    move |seen| {
        let pieces = cut(&seen.content(), length);
        let begin = chunk(0, &json!({"role": "assistant", "content": ""}));
        let said = pieces.into_iter().map(|piece| chunk(0, &json!({"content": piece})));
        stream([begin].into_iter().chain(said).chain([finish(0, "stop")]))
    }
}

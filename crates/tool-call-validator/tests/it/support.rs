//! A model that answers as it is told to, and remembers what it was asked.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use http_body::{Body as HttpBody, Frame};
use llm_layers_core::Body;
use llm_layers_tool_call_validator::ValidateLayer;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

/// What reached the model.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: http::Extensions,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON went upstream")
    }
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

    /// What `x-llm-tool-calls` says.
    pub(crate) fn told(&self) -> &str {
        self.headers.get("x-llm-tool-calls").map_or("", |value| value.to_str().expect("text"))
    }

    /// The error's code.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().expect("a code").to_owned()
    }
}

/// Sends a request through the layer to a model that gives these answers, one after the other; beyond the last it fails.
pub(crate) async fn exchange<const N: usize>(
    layer: &ValidateLayer,
    request: Request<Body>,
    answers: [Response<Body>; N],
) -> (Vec<Seen>, Got) {
    let (seen, answers) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(VecDeque::from(answers))));
    let model = {
        let seen = Arc::clone(&seen);
        service_fn(move |request: Request<Body>| {
            let (seen, answers) = (Arc::clone(&seen), Arc::clone(&answers));
            async move {
                let (head, mut body) = request.into_parts();
                let body = body.bytes(64 << 20).await.expect("a body");
                let length = head.headers.get("content-length").map(|length| length.to_str().unwrap().parse().unwrap());
                assert!(length.is_none_or(|length: usize| length == body.len()), "a stale length");
                let body = String::from_utf8(body.to_vec()).expect("text");
                seen.lock().unwrap().push(Seen { headers: head.headers, extensions: head.extensions, body });
                let failed = || Response::builder().status(503).body(Body::from("{}")).unwrap();
                Ok::<_, Infallible>(answers.lock().unwrap().pop_front().unwrap_or_else(failed))
            }
        })
    };
    let (head, mut body) = layer.layer(model).oneshot(request).await.expect("infallible").into_parts();
    let body = match body.bytes(64 << 20).await {
        Ok(bytes) => String::from_utf8(bytes.to_vec()).expect("text"),
        Err(error) => format!("broken: {error}"),
    };
    let length = head.headers.get("content-length").map(|length| length.to_str().unwrap().parse().unwrap());
    assert!(length.is_none_or(|length: usize| length == body.len()), "a stale length");
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (seen, Got { status: head.status.as_u16(), headers: head.headers, extensions: head.extensions, body })
}

pub(crate) fn post(path: &str, body: &Value) -> Request<Body> {
    let body = body.to_string();
    let request = Request::post(path).header(CONTENT_TYPE, "application/json").header("content-length", body.len());
    request.body(Body::from(body)).expect("a request")
}

fn schema() -> Value {
    json!({"type": "object", "required": ["city"], "additionalProperties": false,
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}})
}

/// A chat with the tool `get_weather`, and these members.
pub(crate) fn chat(more: &Value) -> Request<Body> {
    post("/v1/chat/completions", &chat_body(more))
}

pub(crate) fn chat_body(more: &Value) -> Value {
    let tool = json!({"type": "function", "function": {"name": "get_weather", "parameters": schema()}});
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "Hi"}], "tools": [tool]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

pub(crate) fn message(more: &Value) -> Request<Body> {
    let tool = json!({"name": "get_weather", "input_schema": schema()});
    let mut body =
        json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "tools": [tool]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post("/v1/messages", &body)
}

pub(crate) fn response(more: &Value) -> Request<Body> {
    let tool = json!({"type": "function", "name": "get_weather", "parameters": schema()});
    let mut body = json!({"model": "m", "input": "Hi", "tools": [tool]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post("/v1/responses", &body)
}

/// A plain answer of this text.
pub(crate) fn plain(body: impl Into<String>) -> Response<Body> {
    let body = body.into();
    let response = Response::builder().header(CONTENT_TYPE, "application/json").header("content-length", body.len());
    response.body(Body::from(body)).expect("a response")
}

/// A completion that calls `get_weather` with these arguments, and has used so many tokens.
pub(crate) fn calls(arguments: &str, tokens: u64) -> Response<Body> {
    plain(calls_text(arguments, tokens))
}

/// Spelled as nobody else would spell it, so that it shows if it is written anew.
pub(crate) fn calls_text(arguments: &str, tokens: u64) -> String {
    let arguments = Value::from(arguments);
    format!(
        r#"{{ "id":"c" , "choices":[ {{"index":0, "message":{{"role":"assistant","content":null,"tool_calls":[{{"id":"call_1","type":"function","function":{{"name":"get_weather", "arguments":{arguments}}}}}]}},"finish_reason":"tool_calls","logprobs": null}} ],"usage":{{"prompt_tokens":{tokens},"completion_tokens":1,"total_tokens":{}}},"x-unknown":1.0 }}"#,
        tokens + 1
    )
}

/// A stream of these events, in OpenAI's way.
pub(crate) fn stream(events: &[Value]) -> Response<Body> {
    raw_stream(stream_text(events))
}

pub(crate) fn raw_stream(text: String) -> Response<Body> {
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(Body::from(text)).expect("a response")
}

/// A stream behind whose last event the server keeps the connection open.
pub(crate) fn open_stream(text: String) -> Response<Body> {
    struct Open(Option<Bytes>);

    impl HttpBody for Open {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0.take().map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(Frame::data(bytes)))))
        }
    }

    raw_stream(String::new()).map(|_| Body::new(Open(Some(text.into()))))
}

/// As [`stream`] writes it.
pub(crate) fn stream_text(events: &[Value]) -> String {
    let mut text: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    text.push_str("data: [DONE]\n\n");
    text
}

/// The events of a chat that calls `get_weather` with these arguments.
pub(crate) fn streamed_calls(arguments: &str, tokens: u64) -> Vec<Value> {
    let chunk = |delta: Value, finish: Value| {
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    };
    let (first, rest) = arguments.split_at(arguments.len() / 2);
    let call = |call: Value| chunk(json!({"tool_calls": [call]}), Value::Null);
    vec![
        chunk(json!({"role": "assistant", "content": null}), Value::Null),
        call(
            json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": ""}}),
        ),
        call(json!({"index": 0, "function": {"arguments": first}})),
        call(json!({"index": 0, "function": {"arguments": rest}})),
        chunk(json!({}), "tool_calls".into()),
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
            "usage": {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1}}),
    ]
}

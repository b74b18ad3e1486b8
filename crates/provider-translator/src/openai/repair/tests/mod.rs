//! Each way in which providers break the rules, and what leaves instead.

mod endings;
mod finishes;
mod members;
mod property;
mod recorded;
mod roles;
mod rules;
mod sdk;
mod tool_calls;
mod usage;

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError, Clock, Rng};
use llm_layers_testkit::{body::Script, split};
use llm_layers_wire::sse::Decoder;
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};

use crate::{Provider, TranslatorLayer};

/// Sends a stream through the layer: its status and bytes.
fn send(include_usage: bool, upstream: Body) -> (u16, Bytes) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let provider = Provider::openai("http://p.example/v1").unwrap().with_name("p");
        let layer = TranslatorLayer::new(provider)
            .clock(Clock::starting_at(UNIX_EPOCH + Duration::from_secs(5)))
            .rng(Rng::seeded(1));
        let upstream = std::sync::Mutex::new(Some(upstream));
        let upstream = std::sync::Arc::new(upstream);
        let service = layer.layer(service_fn(move |_: Request<Body>| {
            let body = upstream.lock().unwrap().take().unwrap();
            let response = Response::builder().header(CONTENT_TYPE, "text/event-stream").body(body).unwrap();
            async { Ok::<_, BoxError>(response) }
        }));
        let request = format!(
            r#"{{"model":"m","stream":true,"stream_options":{{"include_usage":{include_usage}}},"messages":[]}}"#
        );
        let request = Request::post("/v1/chat/completions").body(Body::from(request)).unwrap();
        let mut response = service.oneshot(request).await.unwrap();
        let bytes = response.body_mut().bytes(1 << 24).await.unwrap();
        (response.status().as_u16(), bytes)
    })
}

/// The data of all events.
fn data(bytes: &Bytes) -> Vec<String> {
    let mut decoder = Decoder::default();
    decoder.push(bytes.clone());
    let mut data = Vec::new();
    while let Some(event) = decoder.next().unwrap() {
        data.extend(event.data().map(|data| String::from_utf8(data.to_vec()).unwrap()));
    }
    assert!(!decoder.is_mid_event(), "what leaves ends with a whole event: {bytes:?}");
    data
}

fn stream(events: &[String]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// What comes of a stream that becomes an answer of status 200.
fn repaired(include_usage: bool, events: &[String]) -> Vec<String> {
    let (status, bytes) = send(include_usage, Body::from(stream(events)));
    assert_eq!(status, 200, "{bytes:?}");
    data(&bytes)
}

/// What comes of a stream that fails before it says anything: status and code.
fn refused(stream: impl Into<String>) -> (u16, String) {
    let (status, bytes) = send(false, Body::from(stream.into()));
    let answer: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(answer["error"]["provider"], "p");
    (status, answer["error"]["code"].as_str().unwrap().into())
}

#[track_caller]
fn check(what: &str, include_usage: bool, events: &[String], expected: &[String]) {
    let got = repaired(include_usage, events);
    assert_eq!(got, expected, "{what}");
}

/// A chunk of these choices.
fn chunk(choices: &str) -> String {
    format!(r#"{{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{choices}]}}"#)
}

/// The same with something behind `choices`.
fn with(chunk: &str, member: &str) -> String {
    format!("{},{member}}}", &chunk[..chunk.len() - 1])
}

fn delta(delta: &str) -> String {
    of(0, delta, "null")
}

fn of(index: u64, delta: &str, finish: &str) -> String {
    chunk(&format!(r#"{{"index":{index},"delta":{delta},"finish_reason":{finish}}}"#))
}

fn calls(calls: &str) -> String {
    delta(&format!(r#"{{"tool_calls":[{calls}]}}"#))
}

fn role() -> String {
    delta(ROLE)
}

fn text() -> String {
    delta(r#"{"content":"Hi"}"#)
}

fn stop() -> String {
    of(0, "{}", r#""stop""#)
}

fn done() -> String {
    "[DONE]".into()
}

const ROLE: &str = r#"{"role":"assistant","content":""}"#;
const USAGE: &str = r#"{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"#;
const INCOMPLETE: &str = r#"{"error":{"message":"The provider's stream ended before the answer did.","type":"api_error","param":null,"code":"upstream_incomplete_stream","provider":"p","retryable":true}}"#;
const GARBAGE: &str = r#"{"error":{"message":"The provider answered with an event that is no chunk.","type":"api_error","param":null,"code":"upstream_protocol_error","provider":"p","retryable":true}}"#;

//! What the validation of tool calls costs beside the bare service: a call's arguments, an answer, and a chunk of a
//! stream, without sockets.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{convert::Infallible, future::poll_fn, hint::black_box, pin::Pin};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::Body as HttpBody;
use llm_layers_core::Body;
use llm_layers_tool_call_validator::{Checked, Schemas, ValidateLayer};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, Service, ServiceExt, service_fn};

/// Chunks of a stream of text.
const CHUNKS: usize = 1000;

const WORDS: &str = "The committee met again on Tuesday and could not agree on anything of importance, as usual. ";

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn schema() -> Value {
    json!({"type": "object", "properties": {
        "title": {"type": "string", "maxLength": 200},
        "start": {"type": "string", "format": "date-time"},
        "attendees": {"type": "array", "items": {"type": "object", "properties": {
            "email": {"type": "string", "format": "email"}, "optional": {"type": "boolean"}},
            "required": ["email"], "additionalProperties": false}},
        "reminders": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "priority": {"enum": ["low", "normal", "high"]}, "notes": {"type": "string"}},
        "required": ["title", "start"], "additionalProperties": false})
}

/// Arguments of 500 bytes.
fn arguments() -> String {
    let attendees: Vec<Value> =
        (0..4).map(|at| json!({"email": format!("person{at}@example.com"), "optional": at > 1})).collect();
    let whole = |notes: &str| {
        json!({"title": "Quarterly review", "start": "2026-03-02T09:00:00Z", "attendees": attendees,
            "reminders": [10, 30], "priority": "high", "notes": notes})
        .to_string()
    };
    let missing = 500_usize.saturating_sub(whole("").len());
    whole(&WORDS.repeat(6)[..missing])
}

/// The same, as a model may spell it that takes JSON for Python.
fn misspelled() -> String {
    arguments().replace("true", "True").replace("false", "False").replace("]}", "],}").replace("\"}", "\",}")
}

/// A chat that offers eight tools, or none.
fn chat(has_tools: bool, stream: bool) -> Bytes {
    let mut body = json!({"model": "m", "stream": stream, "messages": [{"role": "user", "content": WORDS.repeat(10)}]});
    if has_tools {
        let names = (0..8).map(|at| format!("create_event_{at}"));
        let tools = names.map(|name| json!({"type": "function", "function": {"name": name, "parameters": schema()}}));
        body["tools"] = tools.collect();
    }
    Bytes::from(body.to_string())
}

fn call(arguments: &str) -> Value {
    json!({"id": "call_1", "type": "function", "function": {"name": "create_event_3", "arguments": arguments}})
}

fn answer(message: &Value, finish: &str) -> Bytes {
    let choice = json!({"index": 0, "message": message, "finish_reason": finish});
    Bytes::from(
        json!({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}).to_string(),
    )
}

fn chunk(delta: &Value, finish: Option<&str>) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
    let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
    format!("data: {chunk}\n\n")
}

/// One call, read to its end frame by frame.
async fn exchange<S>(service: S, body: Bytes) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post("/v1/chat/completions").header(CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(body)).expect("a request");
    let mut response = service.oneshot(request).await.expect("infallible");
    assert_eq!(response.status(), 200);
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(response.body_mut()).poll_frame(cx)).await {
        bytes += frame.expect("a frame").data_ref().map_or(0, Bytes::len);
    }
    bytes
}

/// A model that reads the request and answers with this.
fn model(
    kind: &'static str,
    answer: Bytes,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static {
    service_fn(move |mut request: Request<Body>| {
        let answer = answer.clone();
        async move {
            let sent = request.body_mut().bytes(1 << 20).await.expect("a body");
            black_box(sent);
            Ok(Response::builder().header(CONTENT_TYPE, kind).body(Body::from(answer)).expect("an answer"))
        }
    })
}

/// The schema is compiled already: what a call of 500 bytes costs to be checked, and to be mended.
fn arguments_alone(c: &mut Criterion) {
    let (schemas, schema) = (Schemas::default(), schema().to_string());
    let check = |arguments: &str| schemas.check_arguments(schema.as_bytes(), arguments, true).expect("a schema");
    let (right, wrong) = (arguments(), misspelled());
    assert_eq!((right.len(), check(&right)), (500, Checked::Valid));
    assert!(matches!(check(&wrong), Checked::Repaired { .. }));
    let mut group = c.benchmark_group("tool_call_validator/arguments_500B");
    group.bench_function("valid", |b| b.iter(|| check(black_box(&right))));
    group.bench_function("mended", |b| b.iter(|| check(black_box(&wrong))));
    group.finish();
}

fn calls(c: &mut Criterion) {
    let runtime = runtime();
    let text = answer(&json!({"role": "assistant", "content": WORDS.repeat(10)}), "stop");
    let said = |arguments: &str| {
        answer(&json!({"role": "assistant", "content": null, "tool_calls": [call(arguments)]}), "tool_calls")
    };
    let mut group = c.benchmark_group("tool_call_validator/call");
    for (name, has_tools, answer) in [
        ("no_tools", false, text.clone()),
        ("8_tools_text", true, text),
        ("8_tools_call_500B", true, said(&arguments())),
        ("8_tools_call_mended", true, said(&misspelled())),
    ] {
        let model = model("application/json", answer);
        let checked = ValidateLayer::default().layer(model.clone());
        let body = chat(has_tools, false);
        group.bench_function(format!("{name}/bare"), |b| {
            b.iter(|| runtime.block_on(exchange(model.clone(), body.clone())));
        });
        group.bench_function(format!("{name}/validate"), |b| {
            b.iter(|| runtime.block_on(exchange(checked.clone(), body.clone())));
        });
    }
    group.finish();
}

fn streams(c: &mut Criterion) {
    let runtime = runtime();
    let end = |finish: &str| chunk(&json!({}), Some(finish)) + "data: [DONE]\n\n";
    let text = chunk(&json!({"content": &WORDS[..60]}), None).repeat(CHUNKS) + &end("stop");
    let mut opening = call("");
    opening["index"] = json!(0);
    let mut calling = chunk(&json!({"tool_calls": [opening]}), None);
    let arguments = arguments();
    for piece in arguments.as_bytes().chunks(4) {
        let piece = std::str::from_utf8(piece).expect("ASCII");
        calling += &chunk(&json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}), None);
    }
    calling += &end("tool_calls");
    let pieces = arguments.len().div_ceil(4);
    for (name, has_tools, stream, events) in [
        ("no_tools", false, &text, CHUNKS),
        ("8_tools_text", true, &text, CHUNKS),
        ("8_tools_call_500B", true, &calling, pieces),
    ] {
        let model = model("text/event-stream", Bytes::from(stream.clone()));
        let checked = ValidateLayer::default().layer(model.clone());
        let body = chat(has_tools, true);
        let mut group = c.benchmark_group(format!("tool_call_validator/stream_per_chunk/{name}"));
        group.throughput(Throughput::Elements(events as u64));
        group.bench_function("bare", |b| b.iter(|| runtime.block_on(exchange(model.clone(), body.clone()))));
        group.bench_function("validate", |b| b.iter(|| runtime.block_on(exchange(checked.clone(), body.clone()))));
        group.finish();
    }
}

criterion_group!(benches, arguments_alone, calls, streams);
criterion_main!(benches);

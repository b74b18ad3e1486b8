//! What tower and hyper mean by a layer and a body, for each way through this one.

use std::{
    convert::Infallible,
    future::ready,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use axum::{Router, routing::post};
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_testkit::{
    body::{Conformance, Script, TestBody},
    body_conformance,
    contract::{LayerContract, Probe, Rule, assert_layer_contract},
};
use llm_layers_tool_call_validator::{Policy, ValidateLayer};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{self, calls_text};

fn without_tools() -> Request<Body> {
    support::post("/v1/chat/completions", &json!({"model": "m", "messages": []}))
}

fn with_tools() -> Request<Body> {
    support::chat(&json!({}))
}

fn with_stream() -> Request<Body> {
    support::chat(&json!({"stream": true}))
}

/// A request whose body comes from a socket.
fn from_a_socket() -> Request<TestBody> {
    let body = Script::new().data(r#"{"model":"m","tools":"#).pending().data("[]}").body();
    Request::post("/v1/chat/completions").body(body).unwrap()
}

fn events() -> Response<Script> {
    let script = Script::new()
        .data("data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n")
        .pending()
        .data("data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n");
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(script).unwrap()
}

fn plain() -> Response<Script> {
    let script = Script::new().data(r#"{"choices":"#).pending().data("[]}");
    Response::builder().header(CONTENT_TYPE, "application/json").body(script).unwrap()
}

/// An answer that is not right, as long as it is asked for.
fn wrong() -> Response<Script> {
    let script = Script::new().data(calls_text("{}", 1));
    Response::builder().header(CONTENT_TYPE, "application/json").body(script).unwrap()
}

#[tokio::test(start_paused = true)]
async fn it_keeps_to_the_contract() {
    let layer = ValidateLayer::default();
    let asking = || ValidateLayer::new(Policy::new().max_reasks(1));
    assert_layer_contract(|| layer.clone(), without_tools).await;
    assert_layer_contract(|| layer.clone(), from_a_socket).await;
    LayerContract::new(|| layer.clone(), with_stream).answer(events).check().await;
    LayerContract::new(asking, with_stream).answer(events).check().await;
    // A plain answer is waited for: there is no body to drop midway.
    LayerContract::new(|| layer.clone(), with_tools).answer(plain).except(Rule::DropBody).check().await;
    LayerContract::new(asking, with_tools).answer(plain).except(Rule::DropBody).check().await;
    for path in ["/v1/models", "/v1/files"] {
        assert_layer_contract(|| layer.clone(), move || Request::get(path).body(Body::empty()).unwrap()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_time_it_asks_it_waits_for_readiness() {
    let probe = Probe::new();
    let handle = probe.handle();
    handle.answer_with(wrong);
    // The probe panics when it is called without.
    let layer = ValidateLayer::new(Policy::new().max_reasks(2));
    let response = layer.layer(probe).oneshot(with_tools()).await.unwrap();
    assert_eq!((response.status(), handle.calls(), handle.readied()), (StatusCode::BAD_GATEWAY, 3, 0));

    // Where that fails, nobody can be asked again: the first answer counts.
    let probe = Probe::new();
    let (handle, failing) = (probe.handle(), probe.handle());
    handle.answer_with(move || {
        failing.fail_readiness();
        wrong()
    });
    let layer = ValidateLayer::new(Policy::new().max_reasks(2));
    let response = layer.layer(probe).oneshot(with_tools()).await.unwrap();
    assert_eq!((response.status(), handle.calls()), (StatusCode::BAD_GATEWAY, 1));
}

#[tokio::test]
async fn inside_an_axum_router() {
    let handler = async || ([(CONTENT_TYPE, "application/json")], calls_text("{'city':'Paris'}", 1));
    let app = Router::new().route("/v1/chat/completions", post(handler)).layer(ValidateLayer::default());
    let mut response = app.oneshot(with_tools()).await.unwrap().map(Body::new);
    let body = response.body_mut().bytes(9999).await.unwrap();
    assert_eq!(body, calls_text(r#"{"city":"Paris"}"#, 1));
    assert_eq!(response.headers()["x-llm-tool-calls"], "repaired=1");
}

/// What comes out when this is the answer.
fn through(layer: &ValidateLayer, request: Request<Body>, kind: &'static str, body: TestBody) -> Body {
    let body = Arc::new(Mutex::new(Some(body)));
    let service = service_fn(move |_: Request<Body>| {
        let body = body.lock().unwrap().take().unwrap();
        ready(Ok::<_, Infallible>(Response::builder().header(CONTENT_TYPE, kind).body(body).unwrap()))
    });
    match pin!(layer.layer(service).oneshot(request)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(response) => response.unwrap().into_body(),
        Poll::Pending => panic!("there is nothing to wait for"),
    }
}

fn unread(body: TestBody) -> Body {
    through(&ValidateLayer::default(), without_tools(), "application/json", body)
}

fn checked(body: TestBody) -> Body {
    through(&ValidateLayer::default(), with_stream(), "text/event-stream", body)
}

const EVENTS: [&str; 6] = ["data: 1\n\n", ": ping\n\n", "data: two\nda", "ta: lines\r\n\r\n", "id: 3\r", "\r"];

body_conformance!(unread = Conformance::new(unread).transparent(true));
// Trailers end with the events: HTTP/1.1 seldom carries any.
body_conformance!(checked = Conformance::new(checked).pieces(EVENTS).trailers(false));

//! What tower and hyper mean by a layer and a body, for each way through this one.

use std::{
    convert::Infallible,
    future::ready,
    sync::{Arc, Mutex},
};

use axum::{Router, routing::post};
use futures_util::FutureExt;
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_pii_redaction::{Action, RedactLayer};
use llm_layers_testkit::{
    body::{Conformance, Script, TestBody},
    body_conformance,
    contract::{LayerContract, Rule, assert_layer_contract},
};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{self, EMAIL};

fn innocent() -> Request<Body> {
    support::chat("Hi")
}

fn personal() -> Request<Body> {
    support::chat(EMAIL)
}

/// A request whose body comes from a socket.
fn streamed() -> Request<TestBody> {
    let body = Script::new().data(r#"{"model":"m","messages":"#).pending().data("[]}").body();
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

#[tokio::test(start_paused = true)]
async fn it_keeps_to_the_contract() {
    let layer = RedactLayer::default();
    let searching = || RedactLayer::default().answers(Action::Mask);
    assert_layer_contract(|| layer.clone(), innocent).await;
    assert_layer_contract(|| layer.clone(), streamed).await;
    LayerContract::new(|| layer.clone(), innocent).answer(events).check().await;
    LayerContract::new(|| layer.clone(), personal).answer(events).check().await;
    LayerContract::new(searching, innocent).answer(events).check().await;
    // A plain answer is waited for where something is to be put back: there is no body to drop midway.
    LayerContract::new(|| layer.clone(), personal).answer(plain).except(Rule::DropBody).check().await;
    for path in ["/v1/models", "/v1/files"] {
        assert_layer_contract(|| layer.clone(), move || Request::get(path).body(Body::empty()).unwrap()).await;
    }
}

#[tokio::test]
async fn inside_an_axum_router() {
    let handler = async |body: String| body;
    let app = Router::new().route("/v1/chat/completions", post(handler)).layer(RedactLayer::default());
    let mut response = app.oneshot(personal()).await.unwrap().map(Body::new);
    let body = response.body_mut().bytes(9999).await.unwrap();
    assert!(std::str::from_utf8(&body).unwrap().contains(EMAIL), "what was taken out is put back");
    assert_eq!(response.headers()["x-llm-redacted"], "email=1");
}

/// What comes out when this is the answer.
fn through(layer: RedactLayer, request: Request<Body>, kind: &'static str, body: TestBody) -> Body {
    let body = Arc::new(Mutex::new(Some(body)));
    let service = service_fn(move |_: Request<Body>| {
        let body = body.lock().unwrap().take().unwrap();
        ready(Ok::<_, Infallible>(Response::builder().header(CONTENT_TYPE, kind).body(body).unwrap()))
    });
    layer.layer(service).oneshot(request).now_or_never().unwrap().unwrap().into_body()
}

fn unread(body: TestBody) -> Body {
    through(RedactLayer::default(), innocent(), "application/json", body)
}

fn restored(body: TestBody) -> Body {
    through(RedactLayer::default(), personal(), "text/event-stream", body)
}

fn searched(body: TestBody) -> Body {
    through(RedactLayer::default().answers(Action::Mask), innocent(), "text/event-stream", body)
}

const EVENTS: [&str; 6] = ["data: 1\n\n", ": ping\n\n", "data: two\nda", "ta: lines\r\n\r\n", "id: 3\r", "\r"];

body_conformance!(unread = Conformance::new(unread).transparent(true));
// Trailers end with the events: HTTP/1.1 seldom carries any.
body_conformance!(restored = Conformance::new(restored).pieces(EVENTS).trailers(false));
body_conformance!(searched = Conformance::new(searched).pieces(EVENTS).trailers(false));

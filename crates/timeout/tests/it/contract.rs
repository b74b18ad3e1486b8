//! What tower means by a layer, and hyper by a body, for each way through these two.

use std::convert::Infallible;

use futures_util::FutureExt;
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError};
use llm_layers_testkit::{
    body::{Conformance, Script, TestBody},
    body_conformance,
    contract::{LayerContract, assert_layer_contract},
};
use llm_layers_timeout::{DeadlineLayer, Limits, MinSpeed, TimeoutLayer};
use tower::{Layer, Service, ServiceExt, service_fn};

fn timeout() -> TimeoutLayer {
    let speed = MinSpeed::new(1.0, std::time::Duration::from_secs(3600)).unwrap();
    TimeoutLayer::new(Limits::default().min_speed(speed)).limits_for(|_| None)
}

fn chat() -> Request<Body> {
    Request::post("/v1/chat/completions").body(Body::from(r#"{"model":"m","messages":[]}"#)).unwrap()
}

fn other() -> Request<Body> {
    Request::get("/v1/files").body(Body::empty()).unwrap()
}

fn stream() -> Response<Script> {
    let script = Script::new()
        .data("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"fin")
        .pending()
        .data("ish_reason\":\"stop\"}]}\n\n")
        .data("data: [DONE]\n\n");
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(script).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_attempt() {
    assert_layer_contract(timeout, chat).await;
    assert_layer_contract(timeout, other).await;
    LayerContract::new(timeout, chat).answer(stream).check().await;
}

#[tokio::test(start_paused = true)]
async fn a_whole_call() {
    assert_layer_contract(DeadlineLayer::default, chat).await;
    assert_layer_contract(DeadlineLayer::default, other).await;
    LayerContract::new(DeadlineLayer::default, chat).answer(stream).check().await;
}

/// What a layer makes of an answer with this body.
fn wrap<L>(layer: &L, kind: &'static str, body: TestBody) -> Body
where
    L: Layer<tower::util::BoxService<Request<Body>, Response<TestBody>, Infallible>>,
    L::Service: Service<Request<Body>, Response = Response<Body>>,
    <L::Service as Service<Request<Body>>>::Error: Into<BoxError>,
{
    let mut body = Some(body);
    let answer = service_fn(move |_: Request<Body>| {
        let body = body.take().unwrap();
        async move { Ok(Response::builder().header(CONTENT_TYPE, kind).body(body).unwrap()) }
    });
    let service = layer.layer(tower::util::BoxService::new(answer));
    let response = service.oneshot(chat()).now_or_never().unwrap();
    response.map_err(Into::into).unwrap().into_body()
}

fn plain_attempt(body: TestBody) -> Body {
    wrap(&timeout(), "application/json", body)
}

fn plain_call(body: TestBody) -> Body {
    wrap(&DeadlineLayer::default(), "application/json", body)
}

fn streamed_attempt(body: TestBody) -> Body {
    wrap(&timeout(), "text/event-stream", body)
}

fn streamed_call(body: TestBody) -> Body {
    wrap(&DeadlineLayer::default(), "text/event-stream; charset=utf-8", body)
}

const EVENTS: [&str; 6] = ["data: 1\n\n", ": ping\n\n", "data: two\nda", "ta: lines\r\n\r\n", "id: 3\r", "\r"];

body_conformance!(plain_attempts = Conformance::new(plain_attempt).transparent(true));
body_conformance!(plain_calls = Conformance::new(plain_call).transparent(true));
// Trailers end with the events: HTTP/1.1 seldom carries any.
body_conformance!(streamed_attempts = Conformance::new(streamed_attempt).pieces(EVENTS).trailers(false));
body_conformance!(streamed_calls = Conformance::new(streamed_call).pieces(EVENTS).trailers(false));

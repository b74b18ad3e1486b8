//! What tower means by a layer, for each way through the outer one.

use futures_util::FutureExt;
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_provider_translator::InboundLayer;
use llm_layers_testkit::{
    body::{Script, TestBody},
    body_conformance,
    contract::{LayerContract, Probe, assert_layer_contract},
};
use tower::{Layer, ServiceExt, service_fn};

const MESSAGE: &str = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
const ANSWER: &str = r#"{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"Ho"},"finish_reason":"stop"}]}"#;

fn post(path: &str, body: &'static str) -> Request<Body> {
    Request::post(path).body(Body::from(body)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_message() {
    let answer = || Response::builder().body(Script::new().data(ANSWER)).unwrap();
    LayerContract::new(InboundLayer::new, || post("/v1/messages", MESSAGE)).answer(answer).check().await;
}

fn stream() -> Response<Script> {
    let script = Script::new()
        .data("data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":")
        .pending()
        .data("\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n")
        .data("data: [DONE]\n\n");
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(script).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream() {
    LayerContract::new(InboundLayer::new, || post("/v1/messages", MESSAGE)).answer(stream).check().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_provider_takes_as_it_is() {
    let native = || InboundLayer::new().native(|_, _| true);
    assert_layer_contract(native, || post("/v1/messages", MESSAGE)).await;
}

#[tokio::test(start_paused = true)]
async fn every_other_call() {
    assert_layer_contract(InboundLayer::new, || post("/v1/chat/completions", "{}")).await;
    assert_layer_contract(InboundLayer::new, || post("/v1/completions", "{}")).await;
    assert_layer_contract(InboundLayer::new, || post("/v1/messages/count_tokens", "{}")).await;
    assert_layer_contract(InboundLayer::new, || Request::get("/v1/models").body(Body::empty()).unwrap()).await;
}

#[tokio::test]
async fn a_refusal_calls_nobody() {
    let probe = Probe::new();
    let handle = probe.handle();
    let response = InboundLayer::new().layer(probe).oneshot(post("/v1/messages", "{")).await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!((handle.calls(), handle.readied()), (0, 0), "and the readied service is let go");
}

/// A body's way through the layer, of a call that is not translated.
fn passed(body: TestBody) -> Body {
    let echo = service_fn(|request: Request<Body>| async {
        Ok::<_, std::convert::Infallible>(Response::new(request.into_body()))
    });
    let request = Request::post("/v1/chat/completions").body(body).unwrap();
    let answer = InboundLayer::new().layer(echo).oneshot(request).now_or_never().expect("nothing is waited for");
    answer.expect("an answer").into_body()
}

body_conformance!(passed);

//! What tower means by a layer, for each way through this one.

use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_rate_limit::{Limits, RateLimitLayer, Rule};
use llm_layers_testkit::{
    body::Script,
    contract::{LayerContract, Probe, assert_layer_contract},
};
use tower::{Layer, ServiceExt};

fn layer() -> RateLimitLayer {
    let limits = Limits::new().requests_per_minute(1000).tokens_per_minute(1_000_000).concurrent(100);
    RateLimitLayer::new().rule(Rule::per_caller(limits)).rule(Rule::global(limits))
}

fn chat() -> Request<Body> {
    Request::post("/v1/chat/completions").body(Body::from(r#"{"model":"m","messages":[]}"#)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call() {
    assert_layer_contract(layer, chat).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_without_tokens_to_count() {
    let limits = Limits::new().requests_per_minute(1000);
    assert_layer_contract(|| RateLimitLayer::new().rule(Rule::per_deployment(limits)), chat).await;
}

fn answer(media_type: &'static str, script: Script) -> impl Fn() -> Response<Script> {
    move || Response::builder().header(CONTENT_TYPE, media_type).body(script.clone()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream() {
    let script = Script::new()
        .data("data: {\"choices\":[{\"index\":0,\"delta\":")
        .pending()
        .data("{\"content\":\"Hi\"}}]}\n\n")
        .data("data: [DONE]\n\n");
    LayerContract::new(layer, chat).answer(answer("text/event-stream", script)).check().await;
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer() {
    let script = Script::new().data("{\"usage\":").pending().data("null}");
    LayerContract::new(layer, chat).answer(answer("application/json; charset=utf-8", script)).check().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_to_which_no_rule_applies() {
    assert_layer_contract(RateLimitLayer::new, chat).await;
    assert_layer_contract(|| RateLimitLayer::new().rule(Rule::per("nobody", |_| None)), chat).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_call_of_a_model() {
    assert_layer_contract(layer, || Request::get("/v1/models").body(Body::empty()).unwrap()).await;
    assert_layer_contract(layer, || Request::post("/anything").body(Body::from("x")).unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_calls_nobody_and_lets_the_readied_service_go() {
    let probe = Probe::new();
    let handle = probe.handle();
    let service = RateLimitLayer::new().rule(Rule::global(Limits::new().requests_per_minute(0))).layer(probe);
    assert_eq!(service.oneshot(chat()).await.unwrap().status(), 429);
    assert_eq!((handle.calls(), handle.readied()), (0, 0));
}

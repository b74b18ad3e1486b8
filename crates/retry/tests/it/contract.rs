//! What tower and hyper mean by a layer and a body, for each way through these two.

use std::{
    convert::Infallible,
    future::ready,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, routing::post};
use futures_util::FutureExt;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_retry::{After, HedgeLayer, RetryLayer};
use llm_layers_testkit::{
    body::{Conformance, Script, TestBody},
    body_conformance,
    contract::{LayerContract, Probe, Rule, assert_layer_contract},
};
use tower::{Layer, ServiceExt, service_fn};

fn chat() -> Request<Body> {
    Request::post("/v1/chat/completions").body(Body::from(r#"{"model":"m"}"#)).unwrap()
}

/// A request whose body comes from a socket.
fn streamed() -> Request<TestBody> {
    let body = Script::new().data(r#"{"model":"#).pending().data(r#""m"}"#).body();
    Request::post("/v1/chat/completions").body(body).unwrap()
}

fn events() -> Response<Script> {
    let script = Script::new()
        .data("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n")
        .pending()
        .data("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n");
    Response::builder().header(CONTENT_TYPE, "text/event-stream").body(script).unwrap()
}

fn plain() -> Response<Script> {
    let script = Script::new().data(r#"{"choices":"#).pending().data("[]}");
    Response::builder().header(CONTENT_TYPE, "application/json").body(script).unwrap()
}

#[tokio::test(start_paused = true)]
async fn retries() {
    let layer = RetryLayer::new;
    assert_layer_contract(layer, chat).await;
    assert_layer_contract(layer, streamed).await;
    // A plain answer is waited for: there is no body to drop midway.
    LayerContract::new(layer, chat).answer(plain).except(Rule::DropBody).check().await;
    LayerContract::new(layer, chat).answer(events).check().await;
    assert_layer_contract(|| RetryLayer::new().max_replay(3), streamed).await;
    assert_layer_contract(|| RetryLayer::new().max_attempts(1), chat).await;
    assert_layer_contract(layer, || Request::get("/v1/models").body(Body::empty()).unwrap()).await;
    assert_layer_contract(layer, || Request::get("/v1/files").body(Body::empty()).unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn hedges() {
    for after in [After::Quantile(0.95), After::Fixed(Duration::from_secs(1))] {
        let layer = || HedgeLayer::new().after(after);
        assert_layer_contract(layer, chat).await;
        assert_layer_contract(layer, streamed).await;
        LayerContract::new(layer, chat).answer(events).check().await;
        assert_layer_contract(layer, || Request::get("/v1/files").body(Body::empty()).unwrap()).await;
    }
    assert_layer_contract(|| HedgeLayer::new().max_replay(3), streamed).await;
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_a_readiness_of_its_own() {
    let probe = Probe::new();
    let handle = probe.handle();
    handle.answer_with(|| Response::builder().status(503).body(Script::new()).unwrap());
    // The probe panics when it is called without.
    let response = RetryLayer::new().layer(probe).oneshot(chat()).await.unwrap();
    assert_eq!((response.status(), handle.calls(), handle.readied()), (StatusCode::SERVICE_UNAVAILABLE, 3, 0));

    let probe = Probe::new();
    let handle = probe.handle();
    handle.hold_calls();
    let hedge = HedgeLayer::new().after(After::Fixed(Duration::from_secs(1))).budget(1.0);
    let (response, ()) = tokio::join!(hedge.layer(probe).oneshot(chat()), async {
        handle.until_in_flight(2).await;
        handle.release();
    });
    assert_eq!((response.unwrap().status(), handle.calls(), handle.readied()), (StatusCode::OK, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn the_readiness_of_a_later_attempt_may_fail() {
    let probe = Probe::new();
    let handle = probe.handle();
    let failing = probe.handle();
    handle.answer_with(move || {
        failing.fail_readiness();
        Response::builder().status(503).body(Script::new()).unwrap()
    });
    RetryLayer::new().layer(probe).oneshot(chat()).await.expect_err("the failure is told");
    assert_eq!(handle.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn inside_an_axum_router() {
    let handler = |request: axum::extract::Request| async move {
        let mut body = Body::new(request.into_body());
        let body = body.bytes(1 << 10).await.unwrap();
        (if body.len() > 2 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, body)
    };
    let app = Router::new()
        .route("/v1/chat/completions", post(handler))
        .layer(RetryLayer::new())
        .layer(HedgeLayer::new())
        .layer(RetryLayer::new().max_attempts(2));
    // The inner retries have told the outer ones not to begin again.
    for (body, status, attempts) in [("{}", 200, "1"), ("{ }", 503, "3")] {
        let request = Request::post("/v1/chat/completions").body(axum::body::Body::from(body)).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["x-llm-attempts"]),
            (status, &attempts.parse().unwrap())
        );
        assert_eq!(Body::new(response.into_body()).bytes(99).await.unwrap(), body);
    }
}

/// What comes out when this is the answer.
fn through(body: TestBody) -> Body {
    let body = Arc::new(Mutex::new(Some(body)));
    let service = service_fn(move |_: Request<Body>| {
        ready(Ok::<_, Infallible>(Response::new(body.lock().unwrap().take().unwrap())))
    });
    let layers = HedgeLayer::new().layer(RetryLayer::new().layer(service));
    let request = Request::post("/v1/chat/completions").body(Body::empty()).unwrap();
    layers.oneshot(request).now_or_never().unwrap().unwrap().into_body()
}
body_conformance!(through = Conformance::new(through).transparent(true));

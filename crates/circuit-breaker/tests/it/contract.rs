//! What tower means by a layer, and hyper by a body.

use std::{
    future::ready,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_circuit_breaker::{CircuitBreakerLayer, Rules};
use llm_layers_core::Body;
use llm_layers_testkit::{
    body::{Conformance, Script, TestBody},
    body_conformance,
    contract::{LayerContract, Probe, assert_layer_contract},
};
use tower::{Layer, Service, ServiceExt};

fn chat() -> Request<Body> {
    Request::post("http://provider.example/v1/chat/completions").body(Body::from(r#"{"model":"m"}"#)).unwrap()
}

fn brittle() -> CircuitBreakerLayer {
    CircuitBreakerLayer::new(Rules::default().consecutive_failures(1))
}

#[tokio::test(start_paused = true)]
async fn a_chat_completion() {
    assert_layer_contract(CircuitBreakerLayer::default, chat).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream() {
    let stream = || {
        let script =
            Script::new().data("data: {\"choices\":[{\"delta\":{\"conten").pending().data("t\":\"Hi\"}}]}\n\n");
        Response::builder().header(CONTENT_TYPE, "text/event-stream").body(script.data("data: [DONE]\n\n")).unwrap()
    };
    LayerContract::new(CircuitBreakerLayer::default, chat).answer(stream).check().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_call_of_a_model() {
    assert_layer_contract(brittle, || Request::get("/v1/files").body(Body::empty()).unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_calls_nobody_and_lets_the_readied_service_go() {
    let layer = brittle();
    layer.breakers().force_open("provider.example");
    let probe = Probe::new();
    let handle = probe.handle();
    let mut service = layer.layer(probe);
    let response = ServiceExt::<Request<Body>>::ready(&mut service).await.unwrap().call(chat()).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!((handle.calls(), handle.readied()), (0, 0));
    layer.breakers().reset("provider.example");
    assert_eq!(
        ServiceExt::<Request<Body>>::ready(&mut service).await.unwrap().call(chat()).await.unwrap().status(),
        200
    );
}

/// The body of an answer that has come through the layer.
fn behind(content_type: &'static str, rules: fn() -> Rules) -> impl Fn(TestBody) -> Body {
    move |body| {
        let body = Arc::new(Mutex::new(Some(body)));
        let service = tower::service_fn(move |_: Request<Body>| {
            let body = body.lock().unwrap().take().expect("one call");
            ready(Response::builder().header(CONTENT_TYPE, content_type).body(body))
        });
        let mut call = pin!(CircuitBreakerLayer::new(rules()).layer(service).call(chat()));
        match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(response) => response.unwrap().into_body(),
            Poll::Pending => unreachable!("the service answers at once"),
        }
    }
}

fn transparent(content_type: &'static str, rules: fn() -> Rules) -> Conformance<impl Fn(TestBody) -> Body> {
    Conformance::new(behind(content_type, rules)).transparent(true)
}

body_conformance!(plain = transparent("application/json", Rules::default));
body_conformance!(stream = transparent("text/event-stream", Rules::default));
body_conformance!(
    stream_whose_first_token_matters =
        transparent("text/event-stream", || { Rules::default().max_first_token(0.99, Duration::from_secs(2)) })
);

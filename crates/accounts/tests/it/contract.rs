//! What tower means by a layer, for each way through this one.

use std::sync::{Arc, Mutex};

use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_accounts::{Asked, Reserving, Spending};
use llm_layers_core::{Body, Failure};
use llm_layers_testkit::{
    body::{Conformance, Script, TestBody},
    body_conformance,
    contract::{LayerContract, Probe, assert_layer_contract},
};
use tower::{Layer, ServiceExt};

use crate::support::{chat, layer, over, send};

#[tokio::test(start_paused = true)]
async fn a_call() {
    assert_layer_contract(|| layer().0, || chat("small")).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_call_of_a_model() {
    assert_layer_contract(|| layer().0, || Request::get("/v1/models").body(Body::empty()).unwrap()).await;
    assert_layer_contract(|| layer().0, || Request::post("/anything").body(Body::from("x")).unwrap()).await;
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
    LayerContract::new(|| layer().0, || chat("small")).answer(answer("text/event-stream", script)).check().await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_calls_nobody_and_lets_the_readied_service_go() {
    struct Never;
    impl Spending for Never {
        fn reserve(&self, _: Asked) -> Reserving<'_> {
            Reserving::Now(Err(Box::new(Failure::bad_request("no"))))
        }
    }
    let probe = Probe::new();
    let handle = probe.handle();
    let service = layer().0.budgets(Never).layer(probe);
    assert_eq!(service.oneshot(chat("small")).await.unwrap().status(), 400);
    assert_eq!((handle.calls(), handle.readied()), (0, 0));
}

/// The body of an answer of this type that went through the layer.
fn through(media_type: &'static str) -> impl Fn(TestBody) -> Body + Clone {
    move |body| {
        let response = Response::builder().header(CONTENT_TYPE, media_type).body(Body::new(body)).unwrap();
        let cell = Arc::new(Mutex::new(Some(response)));
        let service = over(&layer().0, move |_| cell.lock().unwrap().take().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(send(&service, chat("small"))).into_body()
    }
}

body_conformance!(other = Conformance::new(through("text/plain")));

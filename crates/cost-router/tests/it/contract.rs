//! What tower and hyper mean by a layer and a body, for each way through this one.

use std::{
    convert::Infallible,
    future::ready,
    sync::{Arc, Mutex},
};

use axum::{Router, routing::post};
use futures_util::FutureExt;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_core::{Body, Deployment};
use llm_layers_cost_router::RouterLayer;
use llm_layers_testkit::{
    body::{Conformance, Script, TestBody},
    body_conformance,
    contract::{LayerContract, Probe, Rule, assert_layer_contract},
};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{self, any, header, layer, request, routes};

fn router() -> RouterLayer {
    layer(any())
}

fn to_alias() -> Request<Body> {
    request("any")
}

fn to_deployment() -> Request<Body> {
    request("a")
}

/// A request whose body comes from a socket.
fn streamed() -> Request<TestBody> {
    let body = Script::new().data(r#"{"model":"#).pending().data(r#""any"}"#).body();
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
    for call in [to_alias, to_deployment] {
        assert_layer_contract(router, call).await;
        // A plain answer is waited for: there is no body to drop midway.
        LayerContract::new(router, call).answer(plain).except(Rule::DropBody).check().await;
        LayerContract::new(router, call).answer(events).check().await;
        assert_layer_contract(|| router().restore_model(false).headers(false), call).await;
    }
    assert_layer_contract(router, streamed).await;
    for path in ["/v1/models", "/v1/files"] {
        assert_layer_contract(router, move || Request::get(path).body(Body::empty()).unwrap()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_a_readiness_of_its_own() {
    let probe = Probe::new();
    let handle = probe.handle();
    handle.answer_with(|| Response::builder().status(503).body(Script::new()).unwrap());
    // The probe panics when it is called without.
    let response = router().layer(probe).oneshot(to_alias()).await.unwrap();
    assert_eq!((response.status(), handle.calls(), handle.readied()), (StatusCode::SERVICE_UNAVAILABLE, 3, 0));
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
    let response = router().layer(probe).oneshot(to_alias()).await.expect("the failure of the one that answered");
    assert_eq!((response.status(), handle.calls()), (StatusCode::SERVICE_UNAVAILABLE, 1));
}

#[tokio::test(start_paused = true)]
async fn inside_an_axum_router() {
    let handler = |request: axum::extract::Request| async move {
        let name = request.extensions().get::<Deployment>().map(|deployment| deployment.name().to_owned());
        match name.as_deref() {
            Some("a") | None => (StatusCode::SERVICE_UNAVAILABLE, String::new()),
            Some(name) => (StatusCode::OK, name.to_owned()),
        }
    };
    let app = Router::new()
        .route("/v1/chat/completions", post(handler))
        .layer(RouterLayer::new(routes().alias(any())).unwrap());
    for (model, status, said) in [("any", 200, "b"), ("c", 200, "c"), ("a", 503, "")] {
        let response = app.clone().oneshot(request(model)).await.unwrap().map(Body::new);
        assert_eq!(response.status(), status);
        assert_eq!(header(&response, "x-llm-deployment"), if said.is_empty() { model } else { said });
        assert_eq!(support::read(response.into_body()).await.0, said);
    }
}

/// What comes out when this is the answer.
fn through(model: &'static str, body: TestBody) -> Body {
    let body = Arc::new(Mutex::new(Some(body)));
    let service = service_fn(move |_: Request<Body>| {
        ready(Ok::<_, Infallible>(Response::new(body.lock().unwrap().take().unwrap())))
    });
    router().layer(service).oneshot(request(model)).now_or_never().unwrap().unwrap().into_body()
}

fn of_an_alias(body: TestBody) -> Body {
    through("any", body)
}

fn of_a_deployment(body: TestBody) -> Body {
    through("a", body)
}

body_conformance!(alias = Conformance::new(of_an_alias).transparent(true));
body_conformance!(deployment = Conformance::new(of_a_deployment).transparent(true));

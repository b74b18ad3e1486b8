//! Sound layers of tower's own, and the settings.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use llm_layers_testkit::{
    body::{Script, TestBody},
    contract::{LayerContract, Probe, ProbeError, Rule, assert_layer_contract},
};
use std::future::{Ready, ready};
use tower::{
    Layer, ServiceBuilder, ServiceExt,
    layer::layer_fn,
    retry::{Policy, RetryLayer},
    util::MapResultLayer,
};

type Answer = Result<Response<TestBody>, ProbeError>;

fn request() -> Request<Full<Bytes>> {
    Request::new(Full::from("{}"))
}

#[derive(Clone)]
struct Twice(bool);

impl Policy<Request<Full<Bytes>>, Response<TestBody>, ProbeError> for Twice {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut Request<Full<Bytes>>, answer: &mut Answer) -> Option<Ready<()>> {
        let failed = answer.as_ref().map_or(true, |answer| answer.status().is_server_error());
        (failed && std::mem::take(&mut self.0)).then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn towers_retry_readies_each_attempt() {
    assert_layer_contract(|| RetryLayer::new(Twice(true)), request).await;
}

#[tokio::test(start_paused = true)]
async fn stacked_layers_keep_the_contract_too() {
    let make = || layer_fn(|probe: Probe| ServiceBuilder::new().concurrency_limit(8).retry(Twice(true)).service(probe));
    assert_layer_contract(make, request).await;
}

fn to_answer(answer: Answer) -> Answer {
    answer.or_else(|_| {
        let mut answer = Response::new(Script::new().body());
        *answer.status_mut() = StatusCode::BAD_GATEWAY;
        Ok(answer)
    })
}

#[tokio::test(start_paused = true)]
async fn errors_may_become_answers_where_it_is_said() {
    LayerContract::new(|| MapResultLayer::new(to_answer), request).errors_become_answers(true).check().await;
    LayerContract::new(|| MapResultLayer::new(to_answer), request).except(Rule::ErrorPassedOn).check().await;
}

#[tokio::test]
async fn the_probe_does_and_tells() {
    let probe = Probe::new();
    let handle = probe.handle();
    handle.answer_with(|| Response::new(Script::new().data("a").error("broken")));
    let service = tower::layer::util::Identity::new().layer(probe);
    let answer = service.clone().oneshot(request()).await.unwrap();
    drop(answer);
    assert!(handle.bodies()[0].is_dropped() && !handle.bodies()[0].is_finished());
    assert_eq!(handle.requests()[0].body, "{}");

    handle.fail_calls();
    assert_eq!(service.clone().oneshot(request()).await.unwrap_err(), ProbeError::Call);
    handle.fail_readiness();
    assert_eq!(service.clone().oneshot(request()).await.unwrap_err(), ProbeError::Readiness);
    handle.open();
    let body = Script::new().error("client gone").body();
    let error = service.oneshot(Request::new(body)).await.unwrap_err();
    assert_eq!(error, ProbeError::RequestBody("client gone".into()));
    assert_eq!((handle.calls(), handle.in_flight(), handle.cancelled(), handle.readied()), (3, 0, 0, 0));
}

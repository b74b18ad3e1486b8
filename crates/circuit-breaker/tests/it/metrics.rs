//! What is counted, and under which labels.

use std::{convert::Infallible, time::Duration};

use http::{Request, Response};
use llm_layers_circuit_breaker::{Breakers, CircuitBreakerLayer, Rules, Verdict};
use llm_layers_core::{Body, Deployment, FailureKind};
use llm_layers_testkit::metrics::Recorded;
use tower::{Layer, ServiceExt};

#[tokio::test(start_paused = true)]
async fn states_openings_and_calls_are_told() {
    let kept = Recorded::default();
    let _recorder = metrics::set_default_local_recorder(&kept);
    let breakers = Breakers::new(Rules::default().consecutive_failures(2).probes(1).recovery([0.5]));
    let call = |verdict| breakers.acquire("small").unwrap().judge(verdict);
    let failure = Verdict::Failure(FailureKind::Timeout);
    let state = || kept.gauge("llm_circuit_state{deployment=small}");
    call(Verdict::Success);
    assert_eq!(state(), Some(0.0), "told from the beginning");
    call(Verdict::Ignore);
    drop(breakers.acquire("small"));
    call(failure);
    call(failure);
    assert_eq!((state(), breakers.acquire("small").is_err()), (Some(3.0), true));
    tokio::time::advance(Duration::from_secs(15)).await;
    let probe = breakers.acquire("small").unwrap();
    assert_eq!(state(), Some(2.0));
    probe.judge(Verdict::Success);
    assert_eq!(state(), Some(1.0));
    tokio::time::advance(Duration::from_secs(5)).await;
    call(Verdict::Success);
    assert_eq!(state(), Some(0.0));
    let of = |outcome| kept.counter(&format!("llm_circuit_calls_total{{deployment=small,outcome={outcome}}}"));
    assert_eq!(["success", "failure", "ignored", "cancelled", "refused"].map(of), [3, 2, 1, 1, 1]);
    assert_eq!(kept.counter("llm_circuit_openings_total{deployment=small,reason=consecutive_failures}"), 1);
}

#[tokio::test(start_paused = true)]
async fn keys_of_strangers_have_a_hundred_labels_at_most() {
    let kept = Recorded::default();
    let _recorder = metrics::set_default_local_recorder(&kept);
    let breakers = Breakers::new(Rules::default().max_keys(10));
    for key in 0..1000 {
        breakers.acquire(&format!("{key}.example")).unwrap().judge(Verdict::Success);
    }
    assert_eq!(kept.names().len(), 201, "a state and a count of each, and a count of the others");
    assert_eq!(kept.counter("llm_circuit_calls_total{deployment=other,outcome=success}"), 900);
}

#[tokio::test(start_paused = true)]
async fn what_clients_name_themselves_has_the_label_of_its_provider() {
    let kept = Recorded::default();
    let _recorder = metrics::set_default_local_recorder(&kept);
    let layer = CircuitBreakerLayer::new(Rules::default().consecutive_failures(1).max_keys(100));
    let answer = async |request: Request<Body>| {
        let is_bad = request.extensions().get::<Deployment>().is_some_and(|deployment| deployment.model() == "7");
        let status = if is_bad { 500 } else { 200 };
        Ok::<_, Infallible>(Response::builder().status(status).body(Body::empty()).unwrap())
    };
    let ask = async |deployment: Deployment| {
        let request = Request::post("http://p.example/v1/chat/completions").extension(deployment);
        let answer = tower::service_fn(answer);
        layer.layer(answer).oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status().as_u16()
    };
    for model in 0..2000 {
        ask(Deployment::named_by_client("p", model.to_string())).await;
    }
    assert_eq!(ask(Deployment::new("own", "p", "m")).await, 200);
    let of = |label: &str, outcome| {
        kept.counter(&format!("llm_circuit_calls_total{{deployment={label},outcome={outcome}}}"))
    };
    assert_eq!([of("p/*", "success"), of("p/*", "failure"), of("own", "success")], [1999, 1, 1]);
    assert_eq!(kept.gauge("llm_circuit_state{deployment=own}"), Some(0.0));
    assert_eq!(kept.gauge("llm_circuit_state{deployment=p/*}"), None, "of many it would tell of none");
    assert_eq!(kept.names().len(), 5, "{:?}", kept.names());
    // Each is judged by itself all the same.
    assert_eq!(ask(Deployment::named_by_client("p", "7")).await, 503);
    assert_eq!(ask(Deployment::named_by_client("p", "8")).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_breaker_that_is_dropped_leaves_no_state_behind() {
    let kept = Recorded::default();
    let _recorder = metrics::set_default_local_recorder(&kept);
    let breakers = Breakers::new(Rules::default().consecutive_failures(1).max_keys(1));
    breakers.acquire("a").unwrap().judge(Verdict::Failure(FailureKind::Upstream));
    assert_eq!(kept.gauge("llm_circuit_state{deployment=a}"), Some(3.0));
    drop(breakers.acquire("b"));
    assert_eq!(kept.gauge("llm_circuit_state{deployment=a}"), Some(0.0));
}

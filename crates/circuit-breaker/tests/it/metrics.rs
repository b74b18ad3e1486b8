//! What is counted, and under which labels.

use std::time::Duration;

use llm_layers_circuit_breaker::{Breakers, Rules, Verdict};
use llm_layers_core::FailureKind;
use llm_layers_testkit::metrics::Recorded;

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
async fn a_breaker_that_is_dropped_leaves_no_state_behind() {
    let kept = Recorded::default();
    let _recorder = metrics::set_default_local_recorder(&kept);
    let breakers = Breakers::new(Rules::default().consecutive_failures(1).max_keys(1));
    breakers.acquire("a").unwrap().judge(Verdict::Failure(FailureKind::Upstream));
    assert_eq!(kept.gauge("llm_circuit_state{deployment=a}"), Some(3.0));
    drop(breakers.acquire("b"));
    assert_eq!(kept.gauge("llm_circuit_state{deployment=a}"), Some(0.0));
}

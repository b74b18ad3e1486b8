//! What is counted: once, under the right name.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::sync::{Arc, Mutex};

use llm_layers_core::Deployment;
use llm_layers_timeout::{DeadlineLayer, Limits, TimeoutLayer};
use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use support::*;
use tokio::{runtime::Builder, time::Instant};

/// Writes down each increment, with its labels.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<Vec<String>>>);

struct Line(Ledger, String);

impl CounterFn for Line {
    fn increment(&self, value: u64) {
        self.0.0.lock().unwrap().push(format!("{} {value}", self.1));
    }

    fn absolute(&self, _: u64) {}
}

impl Recorder for Ledger {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Counter::from_arc(Arc::new(Line(self.clone(), format!("{}{{{}}}", key.name(), labels.join(",")))))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn each_expiry_is_counted_once() {
    let ledger = Ledger::default();
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    metrics::with_local_recorder(&ledger, || {
        runtime.block_on(async {
            let layer = TimeoutLayer::new(Limits::none().first_byte(secs(1)).idle(secs(2)));
            let mut request = chat();
            request.extensions_mut().insert(Deployment::new("small", "p", "m"));
            answer(&layer, request, secs(9), SSE, Slow::new()).await;

            let mut response = answer(&layer, post("/v1/messages"), secs(0), SSE, Slow::new().endless()).await;
            read(response.body_mut(), Instant::now()).await;
            // In time, and hung up on.
            drop(answer(&layer, chat(), secs(1), SSE, Slow::new().then(secs(1), WORD)).await);

            answer(&DeadlineLayer::new(secs(1)), chat(), secs(9), SSE, Slow::new()).await;
            let mut bad = chat();
            bad.headers_mut().insert("x-llm-timeout", "soon".parse().unwrap());
            answer(&DeadlineLayer::new(secs(1)), bad, secs(9), SSE, Slow::new()).await;
        });
    });
    assert_eq!(
        *ledger.0.lock().unwrap(),
        [
            "llm_timeout_expired_total{limit=first_byte,operation=chat_completion,deployment=small} 1",
            "llm_timeout_expired_total{limit=idle,operation=message,deployment=} 1",
            "llm_timeout_expired_total{limit=deadline,operation=chat_completion,deployment=} 1",
            "llm_timeout_refusals_total{} 1",
        ]
    );
}

//! What is counted, and under which labels.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use llm_layers_accounts::{JsonLines, Ledger};
use llm_layers_core::Deployment;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use support::{chat, from, json, layer, over, send, to, usage};

/// Keeps what it is told, by name and labels.
#[derive(Default)]
struct Kept {
    values: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
}

impl Kept {
    fn value(&self, key: &Key) -> Arc<AtomicU64> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{} {}", key.name(), labels.join(","));
        Arc::clone(self.values.lock().unwrap().entry(name).or_default())
    }

    /// Counters as they are, gauges by the bits of theirs.
    fn all(&self) -> Vec<(String, u64)> {
        let values = self.values.lock().unwrap();
        values.iter().map(|(name, value)| (name.clone(), value.load(Ordering::Relaxed))).collect()
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.value(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.value(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn tokens_and_dollars_by_deployment_and_never_by_caller() {
    let kept = Kept::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let (layer, _) = layer();
    let cached = r#"{"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5}}}"#;
    let service = over(&layer, move |_| json(cached));
    send(&service, to(&Deployment::new("eu", "p", "kinds"), from("sk-secret", chat("kinds")))).await;
    send(&service, to(&Deployment::new("eu", "p", "kinds"), from("sk-secret", chat("kinds")))).await;
    // What a client calls a model is no label, unless the catalogue knows it.
    for invented in ["one", "two"] {
        send(&service, chat(invented)).await;
    }
    send(&over(&layer, |_| json(usage(3, 0))), chat("small")).await;
    let dollars = |dollars: f64| dollars.to_bits();
    assert_eq!(
        kept.all(),
        [
            ("llm_accounts_entries_total outcome=complete".to_owned(), 5),
            ("llm_accounts_unpriced_total deployment=other".to_owned(), 2),
            ("llm_cost_usd_total deployment=eu".to_owned(), dollars(0.000364 + 0.000364)),
            ("llm_cost_usd_total deployment=small".to_owned(), dollars(0.000003)),
            ("llm_tokens_total deployment=eu,kind=cached_input".to_owned(), 8),
            ("llm_tokens_total deployment=eu,kind=input".to_owned(), 12),
            ("llm_tokens_total deployment=eu,kind=reasoning".to_owned(), 10),
            ("llm_tokens_total deployment=other,kind=cached_input".to_owned(), 8),
            ("llm_tokens_total deployment=other,kind=input".to_owned(), 12),
            ("llm_tokens_total deployment=other,kind=reasoning".to_owned(), 10),
            ("llm_tokens_total deployment=small,kind=input".to_owned(), 3),
        ]
    );
}

#[tokio::test]
async fn deployments_beyond_a_thousand_share_their_metrics() {
    let kept = Kept::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let (layer, _) = layer();
    let service = over(&layer, |_| json(usage(1, 0)));
    for number in 0..1100 {
        send(&service, to(&Deployment::new(format!("d{number}"), "p", "small"), chat("small"))).await;
    }
    let all = kept.all();
    assert_eq!(all.iter().filter(|(name, _)| name.starts_with("llm_tokens_total")).count(), 1025);
    let other = all.iter().find(|(name, _)| name == "llm_tokens_total deployment=other,kind=input");
    assert_eq!(other.unwrap().1, 76);
}

#[tokio::test]
async fn lines_that_cannot_be_written() {
    let kept = Kept::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let folder = std::env::temp_dir().join(format!("llm-layers-accounts-metrics-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let ledger = JsonLines::daily(&folder, "calls").unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let (layer, entries) = layer();
    send(&over(&layer, |_| json(usage(1, 0))), chat("small")).await;
    ledger.record(&entries.one());
    let failures = "llm_accounts_ledger_failures_total ledger=json_lines".to_owned();
    assert!(kept.all().contains(&(failures, 1)));
}

//! What is counted, and under which labels.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::AtomicU64},
};

use llm_layers_rate_limit::{Limits, OnStoreFailure, RateLimitLayer, RedisStore, Rule};
use llm_layers_redis::Redis;
use llm_layers_testkit::redis::Server;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use support::{chat, from, json, over, send};

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
        values.iter().map(|(name, value)| (name.clone(), value.load(std::sync::atomic::Ordering::Relaxed))).collect()
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
async fn admissions_and_refusals_by_rule_and_limit_and_never_by_key() {
    let kept = Kept::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let limits = Limits::new().requests_per_minute(2).tokens_per_minute(60);
    let service = over(&RateLimitLayer::new().rule(Rule::per_caller(limits)), |_| json("{}"));
    for (prompt, max_tokens) in [(1, 0), (1, 0), (1, 0), (1, 60)] {
        send(&service, from("sk-secret", chat(prompt, max_tokens))).await;
    }
    let refused = "llm_rate_limit_refusals_total rule=caller,limit";
    assert_eq!(
        kept.all(),
        [
            ("llm_rate_limit_admitted_total operation=chat_completion".to_owned(), 2),
            (format!("{refused}=requests,operation=chat_completion"), 1),
            (format!("{refused}=tokens,operation=chat_completion"), 1),
        ]
    );
}

#[tokio::test]
async fn a_store_that_is_away() {
    let kept = Kept::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let mut server = Server::start();
    server.stop();
    let redis = Redis::open(&server.url()).unwrap();
    let layer = RateLimitLayer::new()
        .rule(Rule::global(Limits::new().requests_per_minute(9)))
        .store(RedisStore::new(redis.clone()))
        .on_store_failure(OnStoreFailure::Closed);
    assert_eq!(send(&over(&layer, |_| json("{}")), chat(1, 1)).await.status(), 503);
    let server_label = format!("server=127.0.0.1:{}", server.port());
    let one = 1f64.to_bits();
    assert_eq!(
        kept.all(),
        [
            ("llm_rate_limit_store_failures_total action=closed".to_owned(), 1),
            (format!("llm_redis_away {server_label}"), one),
            (format!("llm_redis_errors_total {server_label},reason=unreachable"), 1),
        ]
    );
    server.restart();
    for _ in 0..1000 {
        if send(&over(&layer, |_| json("{}")), chat(1, 1)).await.status() == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let away = kept.all().into_iter().find(|(name, _)| name.starts_with("llm_redis_away"));
    assert_eq!(away.map(|(_, value)| value), Some(0f64.to_bits()));
}

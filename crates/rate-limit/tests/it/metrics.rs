//! What is counted, and under which labels.

use llm_layers_rate_limit::{Limits, OnStoreFailure, RateLimitLayer, RedisStore, Rule};
use llm_layers_redis::Redis;
use llm_layers_testkit::{eventually, metrics::Recorded, redis::Server};

use crate::support::{chat, from, json, over, send};

#[tokio::test]
async fn admissions_and_refusals_by_rule_and_limit_and_never_by_key() {
    let kept = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&kept);
    let limits = Limits::new().requests_per_minute(2).tokens_per_minute(60);
    let service = over(&RateLimitLayer::new().rule(Rule::per_caller(limits)), |_| json("{}"));
    for (prompt, max_tokens) in [(1, 0), (1, 0), (1, 0), (1, 60)] {
        send(&service, from("sk-secret", chat(prompt, max_tokens))).await;
    }
    assert_eq!(
        kept.lines(),
        [
            "llm_rate_limit_admitted_total{operation=chat_completion} 2",
            "llm_rate_limit_refusals_total{rule=caller,limit=requests,operation=chat_completion} 1",
            "llm_rate_limit_refusals_total{rule=caller,limit=tokens,operation=chat_completion} 1",
        ]
    );
}

#[tokio::test]
async fn a_store_that_is_away() {
    let kept = Recorded::default();
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
    assert_eq!(
        kept.lines(),
        [
            "llm_rate_limit_store_failures_total{action=closed} 1".to_owned(),
            format!("llm_redis_away{{{server_label}}} 1"),
            format!("llm_redis_errors_total{{{server_label},reason=unreachable}} 1"),
        ]
    );
    server.restart();
    let service = over(&layer, |_| json("{}"));
    eventually("the store is back", async || send(&service, chat(1, 1)).await.status() == 200).await;
    assert_eq!(kept.gauge(&format!("llm_redis_away{{{server_label}}}")), Some(0.0));
}

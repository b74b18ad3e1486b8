//! What replicas share, and a store that is away.
#![cfg(feature = "redis")]

use std::time::Duration;

use llm_layers_cache::{CacheLayer, Codec, MemoryStore, Purge, RedisStore, Tiers};
use llm_layers_core::Secret;
use llm_layers_redis::Redis;
use llm_layers_testkit::redis::Server;
use serde_json::json;

use crate::support::{Model, ask, over, send, with};

fn store(server: &Server) -> RedisStore {
    RedisStore::new(Redis::open(&server.url()).unwrap().time_limit(Duration::from_secs(5)))
}

fn secret() -> Secret {
    Secret::new("the same in all replicas")
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_what_they_keep() {
    let server = Server::start();
    let (one, other) = (Model::counting(), Model::counting());
    let layer = || CacheLayer::new(store(&server).codec(Codec::new().encrypt(&secret()))).secret(&secret());
    let layers = [layer(), layer()];
    let services = [over(&layers[0], one.clone()), over(&layers[1], other.clone())];
    assert_eq!(send(&services[0], ask("Hi", &json!({ "stream": true }))).await.outcome(), "miss");
    layers[0].handle().flush().await;
    let hit = send(&services[1], ask("Hi", &json!({}))).await;
    assert_eq!((hit.outcome(), hit.text(), other.calls()), ("hit", "answer 1".to_owned(), 0));
    assert_eq!(hit.told("x-llm-cache-saved-usd"), Some("0.25"));
    let other_tenant = with(ask("Hi", &json!({})), "authorization", "Bearer b");
    assert_eq!(send(&services[1], other_tenant).await.outcome(), "miss");
    // Another secret, other keys.
    let stranger = CacheLayer::new(store(&server)).secret(&Secret::new("another"));
    assert_eq!(send(&over(&stranger, one.clone()), ask("Hi", &json!({}))).await.outcome(), "miss");
    let tenant = layers[1].handle().tenant_of(&ask("Hi", &json!({})).into_parts().0).unwrap();
    layers[1].handle().purge(Purge::Tenant(tenant)).await.unwrap();
    assert_eq!(send(&services[1], ask("Hi", &json!({}))).await.outcome(), "miss");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_costs_hits_and_nothing_else() {
    let mut server = Server::start();
    let model = Model::counting();
    let near = Tiers::new(MemoryStore::default(), store(&server));
    let [far_only, tiered] = [CacheLayer::new(store(&server)), CacheLayer::new(near)];
    let services = [over(&far_only, model.clone()), over(&tiered, model.clone())];
    for (layer, service) in [&far_only, &tiered].into_iter().zip(&services) {
        send(service, ask("Hi", &json!({}))).await;
        layer.handle().flush().await;
        assert_eq!(send(service, ask("Hi", &json!({}))).await.outcome(), "hit");
    }
    server.stop();
    assert_eq!(send(&services[0], ask("Hi", &json!({}))).await.outcome(), "miss");
    assert_eq!(send(&services[1], ask("Hi", &json!({}))).await.outcome(), "hit", "what is near is near");
    assert_eq!(send(&services[1], ask("Ho", &json!({}))).await.status, 200);
    server.restart();
    let redis = Redis::open(&server.url()).unwrap();
    llm_layers_testkit::eventually("it is back", async || {
        send(&services[0], ask("Hi", &json!({}))).await;
        far_only.handle().flush().await;
        send(&services[0], ask("Hi", &json!({}))).await.outcome() == "hit"
    })
    .await;
    assert!(!redis.is_away());
}

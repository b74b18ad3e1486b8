//! What a request may ask for.

use std::time::{Duration, UNIX_EPOCH};

use llm_layers_cache::CacheLayer;
use llm_layers_core::Clock;
use serde_json::json;
use tokio::time::advance;

use crate::support::{Model, ask, over, send, with};

fn hi() -> http::Request<llm_layers_core::Body> {
    ask("Hi", &json!({}))
}

fn layer() -> CacheLayer {
    CacheLayer::default().clock(Clock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000)))
}

#[tokio::test(start_paused = true)]
async fn entries_live_as_long_as_is_said() {
    let model = Model::counting();
    let service = over(&layer().max_ttl(Duration::from_secs(7200)), model.clone());
    send(&service, hi()).await;
    advance(Duration::from_millis(599_900)).await;
    let aged = send(&service, hi()).await;
    assert_eq!((aged.outcome(), aged.told("age")), ("hit", Some("599")));
    advance(Duration::from_millis(200)).await;
    assert_eq!(send(&service, with(hi(), "x-llm-cache-ttl", "5s")).await.outcome(), "miss");
    advance(Duration::from_secs(6)).await;
    assert_eq!(send(&service, with(hi(), "x-llm-cache-ttl", "900h")).await.outcome(), "miss");
    advance(Duration::from_secs(7199)).await;
    assert_eq!(send(&service, hi()).await.outcome(), "hit");
    advance(Duration::from_secs(2)).await;
    assert_eq!(send(&service, hi()).await.outcome(), "miss", "nobody's wish is longer than allowed");
    assert_eq!(model.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn cache_control_is_kept_to() {
    let model = Model::counting();
    let service = over(&layer(), model.clone());
    assert_eq!(send(&service, with(hi(), "cache-control", "no-store")).await.text(), "answer 1");
    let nothing = send(&service, with(hi(), "cache-control", "only-if-cached")).await;
    assert_eq!((nothing.status, nothing.json()["error"]["code"].as_str()), (504, Some("not_cached")));
    assert_eq!(send(&service, hi()).await.text(), "answer 2", "nothing was kept");
    assert_eq!(send(&service, with(hi(), "cache-control", "only-if-cached")).await.text(), "answer 2");
    assert_eq!(
        send(&service, with(hi(), "cache-control", "no-store")).await.text(),
        "answer 2",
        "what is there is given"
    );
    let renewed = send(&service, with(hi(), "cache-control", "no-cache")).await;
    assert_eq!((renewed.text(), renewed.outcome()), ("answer 3".to_owned(), "miss"));
    assert_eq!(send(&service, hi()).await.text(), "answer 3", "and is kept from now on");
    advance(Duration::from_secs(30)).await;
    assert_eq!(send(&service, with(hi(), "cache-control", "max-age=30")).await.text(), "answer 3");
    assert_eq!(send(&service, with(hi(), "cache-control", "max-age=29")).await.text(), "answer 4");
    let both = with(with(hi(), "cache-control", "no-cache"), "cache-control", "no-store");
    assert_eq!(send(&service, both).await.outcome(), "bypass");
    assert_eq!(model.calls(), 5);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let model = Model::counting();
    let service = over(&layer(), model.clone());
    let refused = send(&service, with(hi(), "x-llm-cache-ttl", "soon")).await;
    assert_eq!((refused.status, refused.json()["error"]["param"].as_str()), (400, Some("x-llm-cache-ttl")));
    for (body, status, code) in [("{\"model\":", 400, "invalid_json"), ("[]", 400, "invalid_json")] {
        let mut request = hi();
        *request.body_mut() = body.into();
        let refused = send(&service, request).await;
        assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (status, Some(code)), "{body}");
    }
    assert_eq!(model.calls(), 0);
}

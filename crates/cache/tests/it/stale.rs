//! Entries that are fresh no more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use http::StatusCode;
use llm_layers_cache::CacheLayer;
use llm_layers_core::{Approval, Clock};
use serde_json::json;
use tokio::time::advance;

use crate::support::{Model, ask, json_response, over, plain, send, with};

fn hi() -> http::Request<llm_layers_core::Body> {
    ask("Hi", &json!({}))
}

fn layer() -> CacheLayer {
    let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(1_000_000));
    CacheLayer::default().clock(clock).ttl(Duration::from_secs(10))
}

/// Lets what is done beside calls be done: of nothing here the time is waited for.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_is_given_while_a_new_one_is_asked_for() {
    for stream in [false, true] {
        let model = Model::counting();
        let layer = layer().stale_while_revalidate(Duration::from_secs(20));
        let service = over(&layer, model.clone());
        let hi = || ask("Hi", &json!({ "stream": stream }));
        send(&service, hi()).await;
        advance(Duration::from_secs(29)).await;
        let stale = send(&service, hi()).await;
        assert_eq!((stale.outcome(), stale.told("age"), stale.text()), ("stale", Some("29"), "answer 1".to_owned()));
        settle().await;
        assert_eq!(model.calls(), 2, "it was asked for beside the call");
        let fresh = send(&service, hi()).await;
        assert_eq!((fresh.outcome(), fresh.text()), ("hit", "answer 2".to_owned()));
        advance(Duration::from_secs(31)).await;
        assert_eq!(send(&service, hi()).await.outcome(), "miss", "too old even for that");
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_is_better_than_an_error() {
    let fails = Arc::new(AtomicBool::new(false));
    let model = {
        let fails = Arc::clone(&fails);
        Model::new(move |count, _| {
            if !fails.load(Ordering::Relaxed) {
                return plain(&format!("answer {count}"));
            }
            let mut response = json_response(&json!({ "error": { "message": "busy" } }));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        })
    };
    let service = over(&layer().stale_if_error(Duration::from_secs(60)), model.clone());
    send(&service, hi()).await;
    fails.store(true, Ordering::Relaxed);
    advance(Duration::from_secs(69)).await;
    let stale = send(&service, hi()).await;
    assert_eq!((stale.status, stale.outcome(), stale.text()), (200, "stale", "answer 1".to_owned()));
    assert_eq!(stale.told("x-llm-cost-usd"), Some("0"));
    let streamed = send(&service, ask("Hi", &json!({ "stream": true }))).await;
    assert_eq!((streamed.outcome(), streamed.text()), ("stale", "answer 1".to_owned()));
    let anew = send(&service, with(hi(), "cache-control", "no-cache")).await;
    assert_eq!(anew.status, 503, "who wants none is given none");
    fails.store(false, Ordering::Relaxed);
    assert_eq!(send(&service, hi()).await.outcome(), "miss");
    fails.store(true, Ordering::Relaxed);
    advance(Duration::from_secs(71)).await;
    assert_eq!(send(&service, hi()).await.status, 503, "too old even for that");
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_beside_the_calls_is_kept_by_nobodys_leave() {
    let model = Model::counting();
    let layer = layer().stale_while_revalidate(Duration::from_secs(60));
    let service = over(&layer, model.clone());
    send(&service, hi()).await;
    advance(Duration::from_secs(20)).await;
    // Who leaves nothing has nothing asked for.
    let none = send(&service, with(hi(), "cache-control", "no-store")).await;
    settle().await;
    assert_eq!((none.outcome(), model.calls()), ("stale", 1));
    // Somebody above judges this one: it is asked for in the call, and kept when they have given leave.
    let approval = Approval::new();
    let mut judged = hi();
    judged.extensions_mut().insert(approval.clone());
    let got = send(&service, judged).await;
    assert_eq!((got.outcome(), got.text(), model.calls()), ("miss", "answer 2".to_owned(), 2));
    assert_eq!(send(&service, hi()).await.outcome(), "stale");
    settle().await;
    approval.give();
    assert_eq!(send(&service, hi()).await.text(), "answer 2");
}

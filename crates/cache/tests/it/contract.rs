//! What tower means by a layer, for each way through this one.

use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_cache::CacheLayer;
use llm_layers_core::Body;
use llm_layers_testkit::{
    body::Script,
    contract::{LayerContract, Rule, assert_layer_contract},
};

/// Each of its own, so that none is answered from what another has left.
fn chat() -> Request<Body> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let body = format!(r#"{{"model":"m","stream":true,"messages":[{{"role":"user","content":"{number}"}}]}}"#);
    Request::post("/v1/chat/completions").body(Body::from(body)).unwrap()
}

fn answer(media_type: &'static str, script: Script) -> impl Fn() -> Response<Script> {
    move || Response::builder().header(CONTENT_TYPE, media_type).body(script.clone()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_it_has_no_part_in() {
    for path in ["/v1/models", "/v1/files"] {
        assert_layer_contract(CacheLayer::default, move || Request::get(path).body(Body::empty()).unwrap()).await;
    }
    let bypassed = || {
        let mut request = chat();
        request.headers_mut().insert("cache-control", "no-cache, no-store".parse().unwrap());
        request
    };
    assert_layer_contract(CacheLayer::default, bypassed).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream() {
    let script = Script::new()
        .data("data: {\"choices\":[{\"index\":0,\"delta\":")
        .pending()
        .data("{\"content\":\"Hi\"}}]}\n\n")
        .data("data: [DONE]\n\n");
    LayerContract::new(CacheLayer::default, chat).answer(answer("text/event-stream", script)).check().await;
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer() {
    let script = Script::new().data("{\"usage\":").pending().data("null}");
    let answer = answer("application/json", script);
    // It is waited for: there is no body to drop midway.
    LayerContract::new(CacheLayer::default, chat).answer(answer).except(Rule::DropBody).check().await;
}

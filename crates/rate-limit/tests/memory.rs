//! What keys cost, by an allocator that counts for the whole process: hence a binary of its own.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::future::ready;

use cap::Cap;
use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::{Body, BoxError, Caller};
use llm_layers_rate_limit::{Limits, MemoryStore, RateLimitLayer, Rule};
use tower::{Layer, ServiceExt, service_fn, util::BoxCloneSyncService};

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

const MIB: usize = 1 << 20;

type Limited = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;

fn limited(layer: &RateLimitLayer) -> Limited {
    let json = |_| Response::builder().header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
    BoxCloneSyncService::new(layer.layer(service_fn(move |request| ready(Ok::<_, BoxError>(json(request))))))
}

async fn status(service: &Limited, caller: Option<&str>) -> u16 {
    let body = r#"{"model":"m","messages":[""],"max_tokens":1}"#;
    let mut request = Request::post("/v1/chat/completions").body(Body::from(body)).unwrap();
    if let Some(caller) = caller {
        request.extensions_mut().insert(Caller::new(caller));
    }
    service.clone().oneshot(request).await.unwrap().status().as_u16()
}

/// One test: the allocator counts for all threads.
#[tokio::test(start_paused = true)]
async fn ten_thousand_keys_and_hostile_ones() {
    let limits = Limits::new().requests_per_minute(60).tokens_per_minute(100_000).concurrent(5);
    let layer = RateLimitLayer::new().rule(Rule::per_caller(limits)).store(MemoryStore::max_keys(100_000));
    let service = limited(&layer);
    status(&service, None).await;

    let before = ALLOCATOR.allocated();
    for caller in 0..10_000 {
        let name = format!("a caller with a name of usual length {caller}");
        assert_eq!(status(&service, Some(&name)).await, 200);
    }
    let each = (ALLOCATOR.allocated() - before) / 10_000;
    assert!(each * 10_000 < 20 * MIB, "{each} bytes a key");
    assert!((50..400).contains(&each), "{each} bytes a key: the documentation says about 200 and the name");

    // Names of 8 KiB, more of them than are remembered.
    let layer = RateLimitLayer::new().rule(Rule::per_caller(limits)).store(MemoryStore::max_keys(1000));
    let service = limited(&layer);
    let before = ALLOCATOR.allocated();
    for caller in 0..5000 {
        let name = format!("{caller}{}", "x".repeat(8192));
        assert_eq!(status(&service, Some(&name)).await, 200);
    }
    let grown = ALLOCATOR.allocated() - before;
    assert!(grown < 1000 * 500, "{grown} bytes for a thousand keys at most");
}

//! What keys cost, by an allocator that counts.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use cap::Cap;
use llm_layers_rate_limit::{Limits, MemoryStore, RateLimitLayer, Rule};
use support::{chat, from, json, over, send};

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

const MIB: usize = 1 << 20;

/// One test: the allocator counts for all threads.
#[tokio::test(start_paused = true)]
async fn ten_thousand_keys_and_hostile_ones() {
    let limits = Limits::new().requests_per_minute(60).tokens_per_minute(100_000).concurrent(5);
    let layer = RateLimitLayer::new().rule(Rule::per_caller(limits)).store(MemoryStore::max_keys(100_000));
    let service = over(&layer, |_| json("{}"));
    send(&service, chat(1, 1)).await;

    let before = ALLOCATOR.allocated();
    for caller in 0..10_000 {
        let answer = send(&service, from(&format!("a caller with a name of usual length {caller}"), chat(1, 1))).await;
        assert_eq!(answer.status(), 200);
    }
    let each = (ALLOCATOR.allocated() - before) / 10_000;
    assert!(each * 10_000 < 20 * MIB, "{each} bytes a key");
    assert!((50..400).contains(&each), "{each} bytes a key: the documentation says about 200 and the name");

    // Names of 8 KiB, more of them than are remembered.
    let layer = RateLimitLayer::new().rule(Rule::per_caller(limits)).store(MemoryStore::max_keys(1000));
    let service = over(&layer, |_| json("{}"));
    let before = ALLOCATOR.allocated();
    for caller in 0..5000 {
        let name = format!("{caller}{}", "x".repeat(8192));
        assert_eq!(send(&service, from(&name, chat(1, 1))).await.status(), 200);
    }
    let grown = ALLOCATOR.allocated() - before;
    assert!(grown < 1000 * 500, "{grown} bytes for a thousand keys at most");
}

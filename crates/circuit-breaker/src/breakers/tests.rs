use std::time::Duration;

use llm_layers_core::FailureKind;

use super::*;
use crate::Verdict;

fn brittle() -> Rules {
    Rules::default().consecutive_failures(1).jitter(0.0).probes(1).recovery([])
}

fn fail(breakers: &Breakers, key: &str) {
    breakers.acquire(key).expect("closed").judge(Verdict::Failure(FailureKind::Upstream));
}

fn keys(breakers: &Breakers) -> Vec<String> {
    breakers.list().iter().map(|status| status.key.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_opening_is_seen_and_told() {
    let breakers = Breakers::new(brittle());
    let mut changes = breakers.watch();
    let started = Instant::now();
    tokio::time::advance(Duration::from_millis(2500)).await;
    fail(&breakers, "a");
    let refused = breakers.acquire("a").unwrap_err();
    assert_eq!((refused.retry_after(), refused.deployment()), (Duration::from_secs(15), None));
    let status = breakers.get("a").unwrap();
    assert_eq!((status.state, status.reason, status.refused), (State::Open, Some(Reason::ConsecutiveFailures), 1));
    assert_eq!(status.since - started, Duration::from_millis(2500));
    assert_eq!(status.until, Some(status.since + Duration::from_secs(15)));
    assert_eq!((status.counts.calls, status.counts.failures), (1, 1));
    assert!(breakers.is_open("a") && !breakers.is_open("b"));
    assert!(breakers.get("b").is_none(), "to look is not to call");

    tokio::time::advance(Duration::from_millis(14_999)).await;
    assert_eq!(breakers.acquire("a").unwrap_err().retry_after(), Duration::from_millis(1));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(!breakers.is_open("a"), "a probe is due");
    let probe = breakers.acquire("a").unwrap();
    assert!(probe.is_probe() && breakers.acquire("a").is_err());
    drop(probe);
    breakers.acquire("a").expect("the place is free").judge(Verdict::Success);
    let mut told = Vec::new();
    while let Ok(change) = changes.try_recv() {
        told.push((change.to, change.reason));
    }
    let why = Some(Reason::ConsecutiveFailures);
    assert_eq!(told, [(State::Open, why), (State::HalfOpen, why), (State::Closed, None)]);
}

#[tokio::test(start_paused = true)]
async fn an_opening_in_the_first_millisecond_is_one() {
    let breakers = Breakers::new(brittle().open_for(Duration::from_millis(1)));
    fail(&breakers, "a");
    assert!(breakers.acquire("a").is_err());
}

#[tokio::test(start_paused = true)]
async fn breakers_are_forced_and_reset() {
    let breakers = Breakers::new(brittle());
    breakers.force_open("a");
    tokio::time::advance(Duration::from_secs(9999)).await;
    assert_eq!(breakers.acquire("a").unwrap_err().retry_after(), Duration::from_secs(15));
    let status = breakers.get("a").unwrap();
    assert_eq!((status.forced, status.reason, status.until), (true, Some(Reason::Forced), None));
    assert!(breakers.is_open("a"));
    breakers.force_closed("a");
    (0..20).for_each(|_| fail(&breakers, "a"));
    breakers.reset("a");
    fail(&breakers, "a");
    assert!(breakers.acquire("a").is_err());
    breakers.reset("a");
    breakers.reset("unknown");
    assert!(breakers.acquire("a").is_ok());
    assert_eq!(keys(&breakers), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_watcher_stops_nobody() {
    let breakers = Breakers::new(brittle());
    let mut changes = breakers.watch();
    for _ in 0..1000 {
        fail(&breakers, "a");
        breakers.reset("a");
    }
    assert!(matches!(changes.try_recv(), Err(broadcast::error::TryRecvError::Lagged(_))));
    assert!(changes.try_recv().is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_map_is_bounded_and_the_oldest_idle_goes() {
    let breakers = Breakers::new(brittle().max_keys(3));
    for key in ["a", "b", "c"] {
        tokio::time::advance(Duration::from_secs(1)).await;
        drop(breakers.acquire(key));
    }
    tokio::time::advance(Duration::from_secs(1)).await;
    fail(&breakers, "a");
    breakers.force_open("b");
    let held = breakers.acquire("c");
    for stranger in 0..100 {
        tokio::time::advance(Duration::from_millis(1)).await;
        drop(breakers.acquire(&format!("stranger-{stranger}")));
    }
    assert_eq!(keys(&breakers), ["a", "b", "stranger-99"], "those that are open stay");
    assert!(breakers.acquire("a").is_err());
    drop(held);
    for (forced, key) in ["x", "y"].into_iter().enumerate() {
        breakers.force_open(key);
        assert_eq!(keys(&breakers).len(), 3, "{forced}");
    }
    assert_eq!(keys(&breakers), ["b", "x", "y"], "all that is forced");
    assert!(breakers.acquire("z").is_ok(), "is let through without a breaker");
    assert_eq!(keys(&breakers).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_hostile_keys_leave_what_is_allowed() {
    let breakers = Breakers::new(Rules::default().max_keys(2048));
    for key in 0..10_000 {
        drop(breakers.acquire(&format!("{key}.example")));
    }
    let left = breakers.list().len();
    assert!((1500..=2048).contains(&left), "{left}");
}

#[tokio::test(start_paused = true)]
async fn idle_ones_are_dropped_by_the_calls_of_others() {
    let breakers = Breakers::new(brittle().max_open_for(Duration::from_secs(99_999)));
    drop(breakers.acquire("idle"));
    fail(&breakers, "open");
    breakers.force_open("forced");
    let held = breakers.acquire("held");
    // An hour and a quarter: by then every shard has been swept in passing. Nobody lists them, which sweeps too.
    for _ in 0..80 {
        tokio::time::advance(Duration::from_secs(60)).await;
        drop(breakers.acquire("busy"));
    }
    let all = || {
        let mut all: Vec<_> = breakers.registry.keys();
        all.sort_unstable();
        all
    };
    assert_eq!(all(), ["busy", "forced", "held"], "the open one has long been over");
    drop(held);
    assert_eq!(keys(&breakers), ["busy", "forced"]);
}

#[test]
fn a_thousand_take_less_than_20_mib() {
    let breakers = Breakers::new(Rules::default().window(crate::Window::Calls(1000)));
    let permits: Vec<_> = (0..1000).map(|key| breakers.acquire(&format!("deployment-{key}"))).collect();
    drop(permits);
    // The breaker, its key three times over (label, map), a window of marks, and what a map wastes.
    let each = size_of::<Breaker>() + 3 * 256 + 10 * size_of::<Counts>() + 1024 + 2 * 64;
    assert!(1000 * each < 4 << 20, "{each} bytes each");
    assert_eq!(breakers.list().len(), 1000);
}

#[test]
fn threads_share_a_breaker() {
    let breakers = Breakers::new(Rules::default().failure_rate(0.0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..500).for_each(|_| fail(&breakers, "a")));
        }
    });
    let counts = breakers.get("a").unwrap().counts;
    assert_eq!((counts.calls, counts.failures), (2000, 2000));
}

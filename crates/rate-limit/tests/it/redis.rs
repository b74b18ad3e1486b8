//! Replicas that share their limits by a real Redis, which comes and goes.

#![allow(clippy::disallowed_methods, reason = "helpers of tests are tests, and may spawn")]

use std::time::Duration;

use http::{Request, Response};
use llm_layers_core::{Body, Rejection};
use llm_layers_rate_limit::{Limits, OnStoreFailure, RateLimitLayer, RedisStore, Rule};
use llm_layers_redis::{Redis, cmd};
use llm_layers_testkit::{body::Script, eventually, redis::Server};

use crate::support::{chat, events, from, header, json, levels, over, send, text, usage};

/// Nothing comes back of it while a test runs.
const HOUR: Duration = Duration::from_secs(3600);

fn redis(server: &Server) -> Redis {
    Redis::open(&server.url()).unwrap().time_limit(Duration::from_secs(5))
}

/// A replica's layer.
fn replica(server: &Server, limits: Limits) -> RateLimitLayer {
    RateLimitLayer::new()
        .rule(Rule::per_caller(limits))
        .rule(Rule::global(Limits::new().requests(1000, HOUR)))
        .store(RedisStore::new(redis(server)))
        .on_store_failure(OnStoreFailure::Closed)
}

async fn status(layer: &RateLimitLayer, request: Request<Body>) -> u16 {
    let mut answer = send(&over(layer, |_| json(usage(0))), request).await;
    text(&mut answer).await;
    answer.status().as_u16()
}

#[tokio::test]
async fn two_replicas_have_one_limit() {
    let server = Server::start();
    let limits = Limits::new().requests(10, HOUR);
    let replicas = [replica(&server, limits), replica(&server, limits)];
    for turn in 0..10 {
        let service = over(&replicas[turn % 2], |_| json("{}"));
        let answer = send(&service, from("team-a", chat(1, 1))).await;
        let (limit, remaining, _) = levels(&answer, "requests").unwrap();
        assert_eq!((answer.status().as_u16(), limit, remaining), (200, 10, 9 - turn as u64));
    }
    for layer in &replicas {
        let mut refused = send(&over(layer, |_| json("{}")), from("team-a", chat(1, 1))).await;
        assert_eq!((refused.status().as_u16(), refused.extensions().get()), (429, Some(&Rejection::Limited)));
        let wait: u64 = header(refused.headers(), "retry-after").unwrap().parse().unwrap();
        assert!((340..=360).contains(&wait), "a tenth of an hour, not {wait} s");
        let told = text(&mut refused).await;
        let begin = "Rate limit reached for caller `team-a` on requests per 1h0m0s: Limit 10, Used 10, Requested 1.";
        assert!(told.contains(begin), "{told}");
        assert_eq!(status(layer, from("team-b", chat(1, 1))).await, 200);
    }
}

/// The clock of a server may step back, and another server may have another clock.
#[tokio::test]
async fn a_clock_that_steps_back_locks_nobody_out() {
    let server = Server::start();
    let layer = replica(&server, Limits::new().requests(2, Duration::from_millis(200)));
    assert_eq!(status(&layer, chat(1, 1)).await, 200);
    let keys: Vec<String> = redis(&server).query(cmd("KEYS").arg("*:caller:*")).await.unwrap();
    let [key] = &keys[..] else { panic!("{keys:?}") };
    let arrival: String = redis(&server).query(cmd("HGET").arg(key).arg("r")).await.unwrap();
    let tomorrow = arrival.parse::<f64>().unwrap() + 24.0 * HOUR.as_micros() as f64;
    let _: i64 = redis(&server).query(cmd("HSET").arg(key).arg("r").arg(format!("{tomorrow:.3}"))).await.unwrap();
    let refused = send(&over(&layer, |_| json("{}")), chat(1, 1)).await;
    assert_eq!((refused.status().as_u16(), header(refused.headers(), "retry-after")), (429, Some("1")));
}

#[tokio::test]
async fn another_prefix_is_another_limit() {
    let server = Server::start();
    let limits = Limits::new().requests(1, HOUR);
    let one = replica(&server, limits);
    let other = replica(&server, limits).store(RedisStore::new(redis(&server)).prefix("an{other}"));
    assert_eq!([status(&one, chat(1, 1)).await, status(&one, chat(1, 1)).await], [200, 429]);
    assert_eq!([status(&other, chat(1, 1)).await, status(&other, chat(1, 1)).await], [200, 429]);
}

#[tokio::test]
async fn a_prefix_of_nothing_is_the_default() {
    let server = Server::start();
    let limits = Limits::new().requests(2, HOUR).concurrent(9);
    for prefix in ["", "{}"] {
        let layer = replica(&server, limits).store(RedisStore::new(redis(&server)).prefix(prefix));
        assert_eq!(status(&layer, chat(1, 1)).await, 200);
    }
    assert_eq!(status(&replica(&server, limits), chat(1, 1)).await, 429, "one limit");
}

/// As where a configuration changes while calls run.
#[tokio::test]
async fn a_clone_tells_what_calls_of_the_other_leave_and_holds_places_for_its_own_time() {
    let server = Server::start();
    let limits = Limits::new().concurrent(1);
    let store = RedisStore::new(redis(&server));
    let before = replica(&server, limits).store(store.clone());
    let held = send(&over(&before, |_| events(&Script::new().never())), chat(1, 1)).await;
    let after = replica(&server, limits).counting_on(&before).store(store.longest_call(2 * HOUR));
    assert_eq!(status(&after, chat(1, 1)).await, 429);
    drop(held);
    // The one that was refused has not told it yet; this one does.
    let held = send(&over(&after, |_| events(&Script::new().never())), chat(1, 1)).await;
    assert_eq!(held.status(), 200);
    let keys: Vec<String> = redis(&server).query(cmd("KEYS").arg("*:caller:*:leases")).await.unwrap();
    let [key] = &keys[..] else { panic!("{keys:?}") };
    let millis: i64 = redis(&server).query(cmd("PTTL").arg(key)).await.unwrap();
    assert!(millis > 3_700_000, "{millis}");
}

#[tokio::test]
async fn a_call_that_one_rule_refuses_counts_for_none() {
    let server = Server::start();
    let layer = RateLimitLayer::new()
        .rule(Rule::per_caller(Limits::new().requests(5, HOUR).tokens(6000, HOUR).concurrent(9)))
        .rule(Rule::per("team", |_| Some("one".to_owned())).limits(Limits::new().requests(1, HOUR)))
        .store(RedisStore::new(redis(&server)));
    assert_eq!(status(&layer, chat(100, 100)).await, 200);
    for _ in 0..20 {
        assert_eq!(status(&layer, chat(100, 100)).await, 429);
    }
    // The same caller without the other rule.
    let layer = RateLimitLayer::new()
        .rule(Rule::per_caller(Limits::new().requests(5, HOUR).tokens(6000, HOUR).concurrent(9)))
        .store(RedisStore::new(redis(&server)));
    let answer = send(&over(&layer, |_| json("{}")), chat(50, 50)).await;
    // The usage of the first was told with the second of them.
    assert_eq!((levels(&answer, "requests").unwrap().1, levels(&answer, "tokens").unwrap().1), (3, 5900));
}

#[tokio::test]
async fn usage_is_settled_with_the_next_call_of_the_process_or_a_flush() {
    let server = Server::start();
    let limits = Limits::new().tokens(6000, HOUR);
    let (one, other) = (replica(&server, limits), replica(&server, limits));
    let left = async |layer: &RateLimitLayer| {
        let request = Request::post("/v1/embeddings").body(Body::from("{}")).unwrap();
        levels(&send(&over(layer, |_| json(usage(0))), request).await, "tokens").unwrap().1
    };
    let used = async |layer: &RateLimitLayer, tokens| {
        let mut answer = send(&over(layer, move |_| json(usage(tokens))), chat(100, 900)).await;
        text(&mut answer).await;
    };
    used(&one, 250).await;
    assert_eq!(left(&other).await, 5000, "reserved");
    assert_eq!(left(&one).await, 5750, "settled on the way");
    assert_eq!(left(&other).await, 5750);
    used(&one, 4750).await;
    assert_eq!(left(&other).await, 4750);
    one.flush().await;
    assert_eq!(left(&other).await, 1000);
    // A debt: more than was there.
    used(&one, 7000).await;
    one.flush().await;
    assert_eq!(left(&other).await, 0);
    assert_eq!(status(&other, chat(1, 0)).await, 429);
    // What is given back makes no more than the burst.
    for _ in 0..3 {
        let mut failed =
            send(&over(&one, |_| Response::builder().status(500).body(Body::empty()).unwrap()), chat(1, 1)).await;
        text(&mut failed).await;
    }
    one.flush().await;
    assert_eq!(left(&other).await, 0);
}

#[tokio::test]
async fn places_are_shared_and_left() {
    let server = Server::start();
    let limits = Limits::new().concurrent(2);
    let (one, other) = (replica(&server, limits), replica(&server, limits));
    let streaming = |layer: &RateLimitLayer| over(layer, |_| events(&Script::new().data("data: x\n\n").never()));
    let first = send(&streaming(&one), chat(1, 1)).await;
    let second = send(&streaming(&other), chat(1, 1)).await;
    let mut refused = send(&streaming(&other), chat(1, 1)).await;
    assert_eq!(refused.status(), 429);
    assert!(text(&mut refused).await.contains("on concurrent requests: Limit 2, Used 2, Requested 1."));
    assert_eq!(status(&one, chat(1, 1)).await, 429);
    drop(first);
    one.flush().await;
    assert_eq!(status(&other, chat(1, 1)).await, 200);
    // Its own next call frees its place, too.
    drop(second);
    for _ in 0..5 {
        assert_eq!(status(&other, chat(1, 1)).await, 200);
    }
}

#[tokio::test]
async fn the_place_of_a_process_that_died_is_free_after_a_while() {
    let server = Server::start();
    let limits = Limits::new().concurrent(1);
    let short = RedisStore::new(redis(&server)).longest_call(Duration::from_millis(300));
    let dying = replica(&server, limits).store(short);
    let held = send(&over(&dying, |_| events(&Script::new().never())), chat(1, 1)).await;
    assert_eq!(held.status(), 200);
    // Never told.
    std::mem::forget(held);
    let living = replica(&server, limits);
    eventually("the lease has run out", async || status(&living, chat(1, 1)).await == 200).await;
}

#[tokio::test]
async fn without_redis_calls_are_refused_or_counted_here_as_set() {
    let mut server = Server::start();
    let limits = Limits::new().requests(2, HOUR);
    let closed = replica(&server, limits);
    let open = replica(&server, limits).store(RedisStore::new(redis(&server))).on_store_failure(OnStoreFailure::Open);
    assert_eq!(status(&closed, chat(1, 1)).await, 200);
    assert_eq!(status(&open, chat(1, 1)).await, 200);
    assert_eq!(status(&open, chat(1, 1)).await, 429, "one limit");
    server.stop();

    let mut refused = send(&over(&closed, |_| json("{}")), chat(1, 1)).await;
    assert_eq!((refused.status().as_u16(), refused.extensions().get()), (503, Some(&Rejection::Limited)));
    assert_eq!(header(refused.headers(), "retry-after"), Some("1"));
    assert_eq!(
        text(&mut refused).await,
        r#"{"error":{"message":"The rate limits cannot be checked at the moment. Please try again in 1s.","type":"service_unavailable_error","param":null,"code":"rate_limiter_unavailable"}}"#
    );
    let alone = [status(&open, chat(1, 1)).await, status(&open, chat(1, 1)).await, status(&open, chat(1, 1)).await];
    assert_eq!(alone, [200, 200, 429], "by its own count");

    server.restart();
    // It has forgotten all: two more for both of them. Each looks when its own cool-down is over.
    eventually("one asks again", async || status(&closed, chat(1, 1)).await == 200).await;
    eventually("the other asks again", async || status(&open, chat(1, 1)).await == 200).await;
    assert_eq!(status(&closed, chat(1, 1)).await, 429, "one limit again");
}

#[tokio::test]
async fn what_redis_refuses_is_given_up_and_holds_up_nobody_else() {
    let server = Server::start();
    let layer = replica(&server, Limits::new().concurrent(2));
    let running = send(&over(&layer, |_| events(&Script::new().never())), from("team-a", chat(1, 1))).await;
    let all = redis(&server);
    let leases: Vec<String> = all.query(cmd("KEYS").arg("*:leases")).await.unwrap();
    let _: () = all.query(cmd("SET").arg(&leases[0]).arg("nobody's places")).await.unwrap();
    drop(running);
    assert_eq!(status(&layer, from("team-b", chat(1, 1))).await, 503, "it goes with what cannot be told");
    assert_eq!(status(&layer, from("team-b", chat(1, 1))).await, 200);
}

#[tokio::test]
async fn what_was_used_is_kept_while_redis_is_not_asked() {
    let mut server = Server::start();
    let shared = redis(&server);
    let layer = RateLimitLayer::new()
        .rule(Rule::global(Limits::new().tokens(6000, HOUR)))
        .store(RedisStore::new(shared.clone()))
        .on_store_failure(OnStoreFailure::Closed);
    let answer = async |tokens| {
        let mut answer = send(&over(&layer, move |_| json(usage(tokens))), chat(0, 1000)).await;
        text(&mut answer).await;
        answer
    };
    assert_eq!(answer(3000).await.status(), 200);
    server.stop();
    assert!(shared.query::<String>(&cmd("PING")).await.is_err());
    assert!(shared.is_cooling_down());
    layer.flush().await;
    server.restart();
    eventually("it is asked again", async || shared.query::<String>(&cmd("PING")).await.is_ok()).await;
    // 2,000 more than were reserved, of which the new server knows nothing, and 1,000 of this call.
    assert_eq!(levels(&answer(0).await, "tokens").unwrap().1, 3000);
}

/// Accepts connections and never answers.
#[tokio::test(start_paused = true)]
async fn a_redis_that_does_not_answer_costs_its_limit_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let redis = Redis::open(&format!("redis://{}", listener.local_addr().unwrap())).unwrap();
    let layer = RateLimitLayer::new().rule(Rule::global(Limits::new().requests(2, HOUR))).store(RedisStore::new(redis));
    let start = tokio::time::Instant::now();
    assert_eq!(status(&layer, chat(1, 1)).await, 200);
    assert_eq!(start.elapsed().as_millis(), 50);
    assert_eq!([status(&layer, chat(1, 1)).await, status(&layer, chat(1, 1)).await], [200, 429]);
    assert_eq!(start.elapsed().as_millis(), 50);
    drop(listener);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_together_never_let_more_through() {
    let server = Server::start();
    let limits = Limits::new().requests(50, HOUR).tokens(1_000_000, HOUR).concurrent(1000);
    let replicas = [replica(&server, limits), replica(&server, limits)];
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let layer = replicas[task % 2].clone();
            tokio::spawn(async move {
                let mut admitted = 0;
                for _ in 0..5 {
                    admitted += usize::from(status(&layer, chat(1, 1)).await == 200);
                }
                admitted
            })
        })
        .collect();
    let mut admitted = 0;
    for task in tasks {
        admitted += task.await.unwrap();
    }
    assert_eq!(admitted, 50);
}

#[tokio::test]
async fn keys_hold_no_names_and_run_out() {
    let server = Server::start();
    let layer = replica(&server, Limits::new().requests(10, HOUR).tokens(6000, HOUR).concurrent(3));
    let held = send(&over(&layer, |_| json(usage(7))), from("sk-secret", chat(100, 100))).await;
    let redis = redis(&server);
    let keys: Vec<String> = redis.query(cmd("KEYS").arg("*")).await.unwrap();
    assert_eq!(keys.len(), 3, "{keys:?}");
    for key in &keys {
        assert!(key.starts_with("{llm-rate-limit}:") && !key.contains("secret"), "{key}");
        let millis: i64 = redis.query(cmd("PTTL").arg(key)).await.unwrap();
        assert!((1..=3_700_000).contains(&millis), "{key}: {millis}");
    }
    drop(held);
    assert!(!format!("{layer:?}").contains("secret"));
}

#[cfg(feature = "redis-cluster")]
#[tokio::test]
async fn in_a_cluster_the_keys_of_a_call_share_a_slot() {
    let server = Server::start_with(["--cluster-enabled", "yes"]);
    let node = redis(&server);
    let _: () = node.query(cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16383)).await.unwrap();
    let cluster = Redis::cluster([&*server.url()]).unwrap().time_limit(Duration::from_secs(5));
    let limits = Limits::new().requests(3, HOUR).tokens(6000, HOUR).concurrent(3);
    let layer = replica(&server, limits).store(RedisStore::new(cluster));
    // A cluster needs a moment to become one.
    eventually("the cluster answers", async || status(&layer, chat(1, 1)).await == 200).await;
    let more = [status(&layer, chat(1, 1)).await, status(&layer, chat(1, 1)).await];
    assert_eq!((more, status(&layer, chat(1, 1)).await), ([200, 200], 429));
}

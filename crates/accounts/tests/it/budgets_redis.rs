//! Budgets that replicas share by a real Redis, which comes and goes.

#![allow(clippy::disallowed_methods, reason = "tests may spawn")]

use std::time::Duration;

use llm_layers_accounts::budgets::{Budget, Budgets, Limit, OnStoreFailure, Per, RedisStore, Refused, Reservation};
use llm_layers_redis::{Redis, cmd};
use llm_layers_testkit::{eventually, redis::Server};
use rust_decimal::Decimal;

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn redis(server: &Server) -> Redis {
    Redis::open(&server.url()).unwrap().time_limit(Duration::from_secs(5))
}

/// A replica's budgets: a total of one dollar for each caller, and of nine for all in a month.
fn replica(store: RedisStore) -> Budgets {
    let soft = Limit::new(usd("1"), Per::Total).soft_share(usd("0.5"));
    Budgets::new()
        .budget(Budget::per_caller().limit(soft))
        .budget(Budget::global().limit(Limit::new(usd("9"), Per::Month)))
        .store(store)
        .on_store_failure(OnStoreFailure::Closed)
}

async fn reserve(budgets: &Budgets, estimate: &str) -> Result<Reservation, Refused> {
    budgets.reserve(Some("a"), Some("cheap"), Some(usd(estimate))).await
}

/// What is spent and reserved of the caller's and of the common budget.
async fn amounts(budgets: &Budgets) -> Vec<(String, String)> {
    budgets.flush().await;
    let spent = budgets.spent(Some("a"), None).await;
    spent.iter().map(|spent| (spent.spent.to_string(), spent.reserved.to_string())).collect()
}

fn both(spent: &str, reserved: &str) -> Vec<(String, String)> {
    vec![(spent.to_owned(), reserved.to_owned()); 2]
}

#[tokio::test]
async fn replicas_that_race_get_exactly_what_is_there() {
    let server = Server::start();
    let replicas = [replica(RedisStore::new(redis(&server))), replica(RedisStore::new(redis(&server)))];
    let race = |budgets: Budgets| async move {
        let mut kept = Vec::new();
        for _ in 0..80 {
            kept.extend(reserve(&budgets, "0.01").await.ok());
        }
        kept
    };
    let [one, other] = replicas.clone().map(|budgets| tokio::spawn(race(budgets)));
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    assert_eq!(one.len() + other.len(), 100);
    assert_eq!(amounts(&replicas[0]).await, both("0", "1"));
    for call in one.into_iter().chain(other) {
        call.settle(usd("0.004"));
    }
    replicas[1].flush().await;
    assert_eq!(amounts(&replicas[0]).await, both("0.4", "0"));
    assert!(!replicas[0].is_soft_exceeded(Some("a"), None));
    reserve(&replicas[0], "0.1").await.unwrap().settle(usd("0.1"));
    assert_eq!(amounts(&replicas[0]).await, both("0.5", "0"));
    amounts(&replicas[1]).await;
    assert!(replicas.iter().all(|budgets| budgets.is_soft_exceeded(Some("a"), None)));
}

#[tokio::test]
async fn what_a_dead_process_reserved_is_free_again_and_a_late_cost_still_counts() {
    let server = Server::start();
    let alive = replica(RedisStore::new(redis(&server)));
    let dies = replica(RedisStore::new(redis(&server)).longest_call(Duration::from_millis(1)));
    let lost = reserve(&dies, "1").await.unwrap();
    let late = dies.reserve(Some("b"), None, Some(usd("0.5"))).await.unwrap();
    std::mem::forget(lost);
    // The lease was for a millisecond of the server's clock: whenever the server is asked, it runs out by itself.
    let mut call = None;
    eventually("the lease has run out", async || {
        call = reserve(&alive, "0.2").await.ok();
        call.is_some()
    })
    .await;
    let call = call.unwrap();
    assert_eq!(amounts(&alive).await[0], ("0".to_owned(), "0.2".to_owned()));
    call.settle(usd("0.2"));
    late.settle(usd("0.3"));
    dies.flush().await;
    let spent = alive.spent(Some("b"), None).await;
    assert_eq!((spent[0].spent, spent[0].reserved), (usd("0.3"), Decimal::ZERO));
}

#[tokio::test]
async fn rows_of_past_windows_go_and_names_are_told_nobody() {
    let server = Server::start();
    let budgets = replica(RedisStore::new(redis(&server)).prefix("team{x}"));
    let _held = reserve(&budgets, "0.5").await.unwrap();
    let mut keys: Vec<String> = redis(&server).query(cmd("KEYS").arg("*")).await.unwrap();
    keys.sort();
    assert_eq!(keys.len(), 4, "{keys:?}");
    for key in keys {
        assert!(key.starts_with("{teamx}:"), "{key}");
        let lives: i64 = redis(&server).query(cmd("PTTL").arg(&key)).await.unwrap();
        assert_eq!(lives > 0, key.contains(":month:"), "{key} {lives}");
    }
}

#[tokio::test]
async fn while_it_is_away_each_counts_on_from_what_it_knows_and_tells_it_later() {
    let mut server = Server::start();
    let store = RedisStore::new(redis(&server).time_limit(Duration::from_secs(1)));
    let budgets = replica(store.clone()).on_store_failure(OnStoreFailure::Open);
    let closed = replica(store);
    reserve(&budgets, "0.7").await.unwrap().settle(usd("0.7"));
    assert_eq!(amounts(&budgets).await, both("0.7", "0"));
    let running = reserve(&budgets, "0.1").await.unwrap();
    server.stop();

    let here = reserve(&budgets, "0.3").await.unwrap();
    assert_eq!(reserve(&budgets, "0.1").await.unwrap_err().budget(), Some("caller"), "0.7 of 1 was spent before");
    let refused = reserve(&closed, "0.1").await.unwrap_err();
    assert_eq!(refused.budget(), None);
    assert_eq!(refused.into_response().status(), 503);
    here.settle(usd("0.25"));
    running.settle(usd("0.05"));

    server.restart();
    // Until the cool-down of the connection is over, and the server has heard all.
    eventually("the server has heard all", async || {
        let reserved = budgets.spent(Some("a"), None).await[0].reserved;
        budgets.flush().await;
        reserved == Decimal::ZERO && keys(&server).await > 0
    })
    .await;
    assert_eq!(amounts(&budgets).await, both("0.3", "0"), "the server lost what it knew, and was told the rest");
}

#[tokio::test]
async fn who_leaves_before_the_answer_leaves_nothing_reserved() {
    let server = Server::start();
    let budgets = replica(RedisStore::new(redis(&server)));
    drop(reserve(&budgets, "0.1").await.unwrap());
    {
        let mut asking = std::pin::pin!(reserve(&budgets, "1"));
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(asking.as_mut().poll(context).is_ready()));
        assert!(!polled.await);
        // The reservation arrives, and its answer is not waited for.
        eventually("something is reserved there", async || reserved_there(&server).await == Some(1_000_000_000)).await;
    }
    assert_eq!(amounts(&budgets).await, both("0", "0"));
}

#[tokio::test]
async fn what_the_server_refuses_is_given_up_and_holds_up_nobody_else() {
    let server = Server::start();
    let budgets = replica(RedisStore::new(redis(&server)));
    let call = reserve(&budgets, "0.1").await.unwrap();
    let all = redis(&server);
    let rows: Vec<String> = all.query(cmd("KEYS").arg("*caller:*total:0")).await.unwrap();
    let [row] = &*rows else { panic!("{rows:?}") };
    let _: () = all.query(cmd("SET").arg(row).arg("nobody's row")).await.unwrap();
    call.settle(usd("0.1"));
    let another = async || budgets.reserve(Some("b"), None, Some(usd("0.1"))).await;
    assert!(another().await.is_err(), "it goes with what cannot be told");
    assert!(another().await.is_ok());
}

#[tokio::test]
async fn no_sum_goes_beyond_what_can_be_counted() {
    let server = Server::start();
    let budgets = replica(RedisStore::new(redis(&server)));
    let call = reserve(&budgets, "0.1").await.unwrap();
    let all = redis(&server);
    let rows: Vec<String> = all.query(cmd("KEYS").arg("*caller:*total:0")).await.unwrap();
    let _: () = all.query(cmd("HSET").arg(&rows[0]).arg("s").arg(i64::MAX)).await.unwrap();
    call.settle(Decimal::MAX);
    budgets.flush().await;
    let sum: u64 = all.query(cmd("HGET").arg(&rows[0]).arg("s")).await.unwrap();
    assert_eq!(sum, (1 << 53) - 1);
    assert_eq!(reserve(&budgets, "0.1").await.unwrap_err().budget(), Some("caller"));
}

/// A settlement whose answer was lost may be told again a quarter of an hour later.
#[tokio::test]
async fn a_settlement_counts_once_however_late_it_is_told_again() {
    let server = Server::start();
    let store = RedisStore::new(redis(&server).time_limit(Duration::from_millis(100)));
    let (budgets, sure) = (replica(store), replica(RedisStore::new(redis(&server))));
    let all = redis(&server);
    // The script must be known, and the connection there.
    let call = reserve(&budgets, "0.1").await.unwrap();
    call.settle(usd("0.25"));
    let _: String = all.query(cmd("CLIENT").arg("PAUSE").arg(400).arg("ALL")).await.unwrap();
    budgets.flush().await;
    eventually("it has arrived", async || sure.spent(Some("a"), None).await[0].spent == usd("0.25")).await;
    let held: Vec<String> = all.query(cmd("KEYS").arg("*caller:*:held")).await.unwrap();
    let remembered: Vec<(String, f64)> =
        all.query(cmd("ZRANGE").arg(&held[0]).arg(0).arg(-1).arg("WITHSCORES")).await.unwrap();
    let [(mark, until)] = &*remembered else { panic!("{remembered:?}") };
    let time: Vec<u64> = all.query(cmd("TIME").arg(&[] as &[&str])).await.unwrap();
    assert!(*until > (time[0] as f64 + 23.0 * 3600.0) * 1000.0, "nobody knows whether it has arrived");
    eventually("it is told again", async || {
        budgets.flush().await;
        let until: Option<f64> = all.query(cmd("ZSCORE").arg(&held[0]).arg(mark)).await.unwrap();
        until.is_none_or(|until| until < (time[0] as f64 + 3600.0) * 1000.0)
    })
    .await;
    assert_eq!(sure.spent(Some("a"), None).await[0].spent, usd("0.25"), "and counts once");
}

async fn keys(server: &Server) -> u64 {
    redis(server).query(cmd("DBSIZE").arg(&[] as &[&str])).await.unwrap_or_default()
}

/// Billionths of a dollar that are reserved in the caller's budget.
async fn reserved_there(server: &Server) -> Option<u64> {
    let redis = redis(server);
    let rows: Vec<String> = redis.query(cmd("KEYS").arg("*caller:*total:0")).await.unwrap();
    redis.query(cmd("HGET").arg(rows.first()?).arg("r")).await.unwrap()
}

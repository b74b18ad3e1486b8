//! Replicas that share their totals by a real Redis, which comes and goes.

use std::time::{Duration, UNIX_EPOCH};

use jiff::civil::{Date, date};
use llm_layers_accounts::{AccountsLayer, Entry, Ledger, RedisLedger, Unpriced};
use llm_layers_core::{Caller, Clock, Deployment, Operation, metering::Tokens};
use llm_layers_redis::{Redis, cmd};
use llm_layers_testkit::{eventually, redis::Server};
use rust_decimal::Decimal;

use crate::support::{self, chat, from, json, over, send, usage};

const DAY: Date = date(2027, 1, 15);

fn redis(server: &Server) -> Redis {
    Redis::open(&server.url()).unwrap().time_limit(Duration::from_secs(5))
}

fn entry(caller: &str, input: u64, cost: Decimal) -> Entry {
    let at = UNIX_EPOCH + Duration::from_secs(1_800_014_400);
    let mut entry = Entry::new(at, Deployment::new("d", "p", "m"), Operation::ChatCompletion);
    entry.caller = Some(Caller::new(caller));
    entry.tokens = Tokens::new(input, 1);
    entry.cost = Ok(cost);
    entry
}

#[tokio::test]
async fn two_replicas_have_one_ledger() {
    let server = Server::start();
    let layers = [(); 2].map(|()| {
        let clock = Clock::starting_at(UNIX_EPOCH + Duration::from_secs(1_800_014_400));
        let ledger = RedisLedger::new(redis(&server));
        AccountsLayer::new().provider("p").facts(support::facts()).clock(clock).ledger(ledger)
    });
    for layer in &layers {
        for caller in ["a", "a", "b"] {
            send(&over(layer, |_| json(usage(1000, 500))), from(caller, chat("small"))).await;
        }
        send(&over(layer, |_| json(usage(1, 1))), from("a", chat("priceless"))).await;
        layer.flush().await;
        layer.flush().await;
    }
    let rows = RedisLedger::new(redis(&server)).rows(DAY).await.unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|(row, totals)| {
            let Totals { calls, unpriced, input, cost } = Totals::of(totals);
            format!("{} {} {calls} {unpriced} {input} {cost}", row.caller, row.deployment)
        })
        .collect();
    assert_eq!(told, ["a priceless 2 2 2 0", "a small 4 0 4000 0.008", "b small 2 0 2000 0.004"]);
    assert_eq!(RedisLedger::new(redis(&server)).rows(date(2027, 1, 16)).await.unwrap(), []);
}

struct Totals {
    calls: u64,
    unpriced: u64,
    input: u64,
    cost: Decimal,
}

impl Totals {
    fn of(totals: &llm_layers_accounts::Totals) -> Self {
        let llm_layers_accounts::Totals { calls, unpriced, tokens, cost, .. } = totals;
        Self { calls: *calls, unpriced: *unpriced, input: tokens.input, cost: *cost }
    }
}

#[tokio::test]
async fn what_happens_while_it_is_away_waits() {
    let mut server = Server::start();
    let ledger = RedisLedger::new(redis(&server).time_limit(Duration::from_millis(500)));
    ledger.record(&entry("a", 1, Decimal::ONE));
    ledger.flush().await;
    server.stop();
    for _ in 0..3 {
        ledger.record(&entry("a", 1, Decimal::ONE));
        ledger.flush().await;
    }
    server.restart();
    // It is empty again, and is asked again after a while.
    eventually("the server has heard of it", async || {
        ledger.flush().await;
        ledger.rows(DAY).await.is_ok_and(|rows| !rows.is_empty())
    })
    .await;
    let rows = ledger.rows(DAY).await.unwrap();
    assert_eq!(rows.iter().map(|(_, totals)| totals.calls).sum::<u64>(), 3, "each once");
    ledger.flush().await;
    assert_eq!(ledger.rows(DAY).await.unwrap(), rows);
}

/// A server that is slow answers nobody in time, and does all that it was asked.
#[tokio::test]
async fn what_may_have_arrived_is_sent_again_and_counts_once() {
    let server = Server::start();
    let ledger = RedisLedger::new(redis(&server).time_limit(Duration::from_millis(100)));
    ledger.record(&entry("a", 1, Decimal::ONE));
    let sure = redis(&server);
    // The script must be known, and the connection there.
    ledger.flush().await;
    ledger.record(&entry("a", 1, Decimal::ONE));
    let _: String = sure.query(cmd("CLIENT").arg("PAUSE").arg(400).arg("ALL")).await.unwrap();
    ledger.flush().await;
    eventually("it has arrived", async || {
        ledger.flush().await;
        let rows = ledger.rows(DAY).await.unwrap_or_default();
        rows.iter().any(|(_, totals)| totals.calls >= 2)
    })
    .await;
    ledger.flush().await;
    let rows = RedisLedger::new(sure).rows(DAY).await.unwrap();
    assert_eq!(rows.iter().map(|(_, totals)| totals.calls).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn many_rows_and_odd_names_and_numbers() {
    let server = Server::start();
    let ledger = RedisLedger::new(redis(&server)).prefix("an{other}").keep(Duration::from_secs(100));
    for caller in 0..200 {
        ledger.record(&entry(&format!("caller \"{caller}\"]\n:"), 1, Decimal::new(1, 12)));
    }
    for _ in 0..3 {
        ledger.record(&entry("much", u64::MAX, Decimal::MAX));
        ledger.flush().await;
    }
    let mut unpriced = entry("none", 1, Decimal::ONE);
    (unpriced.cost, unpriced.caller) = (Err(Unpriced::MODEL), None);
    ledger.record(&unpriced);
    ledger.flush().await;
    let rows = ledger.rows(DAY).await.unwrap();
    assert_eq!(rows.len(), 202);
    let find = |caller: &str| &rows.iter().find(|(row, _)| &*row.caller == caller).unwrap().1;
    assert_eq!(find("caller \"7\"]\n:").cost, Decimal::new(1, 12));
    let most = i64::MAX.unsigned_abs();
    assert_eq!((find("much").calls, find("much").tokens.input), (3, most));
    assert_eq!(find("much").cost, Decimal::from_i128_with_scale(most.into(), 12));
    assert_eq!((find("").calls, find("").unpriced, find("").cost), (1, 1, Decimal::ZERO));

    let server = redis(&server);
    let keys: Vec<String> = server.query(cmd("KEYS").arg("*")).await.unwrap();
    assert!(keys.iter().all(|key| key.starts_with("{another}:")), "one hash tag");
    for key in keys.iter().filter(|key| !key.contains(":batch:")).take(5) {
        let left: i64 = server.query(cmd("TTL").arg(key)).await.unwrap();
        assert!((1..=100).contains(&left), "{key} {left}");
    }
}

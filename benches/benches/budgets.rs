//! What budgets cost a call: to reserve and to settle, in memory, alone and against another thread, and in Redis.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use criterion::{Criterion, criterion_group, criterion_main};
use llm_layers_accounts::budgets::{Budget, Budgets, Limit, Per, RedisStore};
use llm_layers_redis::Redis;
use llm_layers_testkit::redis::Server;
use rust_decimal::Decimal;
use tokio::runtime::Builder;

/// More than any bench spends.
fn limit(per: Per) -> Limit {
    Limit::new(Decimal::from(9_000_000), per).soft_share(Decimal::new(8, 1))
}

/// One limit, or what a careful company sets: by hour, day and month for each caller, and a month for all.
fn budgets(number: usize) -> Budgets {
    let callers = [Per::Hour, Per::Day, Per::Month]
        .into_iter()
        .take(number)
        .fold(Budget::per_caller(), |budget, per| budget.limit(limit(per)));
    let budgets = Budgets::new().budget(callers);
    if number > 1 { budgets.budget(Budget::global().limit(limit(Per::Month))) } else { budgets }
}

async fn call(budgets: &Budgets, caller: &str) {
    let cost = Decimal::new(25, 9);
    let reserved = budgets.reserve(Some(caller), Some("cheap"), Some(cost)).await.expect("money is left");
    reserved.settle(cost);
}

fn memory(c: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let mut group = c.benchmark_group("budgets/memory");
    for (name, number) in [("one_limit", 1), ("four_limits", 3)] {
        let budgets = budgets(number);
        group.bench_function(name, |b| b.iter(|| runtime.block_on(call(&budgets, "team-a"))));
    }
    let budgets = budgets(3);
    group.bench_function("soft_limit", |b| b.iter(|| budgets.is_soft_exceeded(Some("team-a"), Some("cheap"))));
    let (busy, stop) = (budgets.clone(), Arc::new(AtomicBool::new(false)));
    let stopped = Arc::clone(&stop);
    let other = std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        while !stopped.load(Ordering::Relaxed) {
            runtime.block_on(call(&busy, "team-b"));
        }
    });
    group.bench_function("four_limits_beside_a_busy_thread", |b| b.iter(|| runtime.block_on(call(&budgets, "team-a"))));
    stop.store(true, Ordering::Relaxed);
    other.join().expect("it ends");
    group.finish();
}

fn redis(c: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = Server::start();
    let redis = Redis::open(&server.url()).expect("a URL").time_limit(Duration::from_secs(5));
    let budgets = budgets(3).store(RedisStore::new(redis));
    let mut group = c.benchmark_group("budgets/redis");
    group.bench_function("four_limits", |b| b.iter(|| runtime.block_on(call(&budgets, "team-a"))));
    group.finish();
}

criterion_group!(benches, memory, redis);
criterion_main!(benches);

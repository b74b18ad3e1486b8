//! What a call of budgets allocates: counted for the whole process, hence a binary of its own.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::task::{Context, Poll, Waker};

use cap::Cap;
use llm_layers_accounts::budgets::{Budget, Budgets, Limit, Per};
use rust_decimal::Decimal;

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

fn call(budgets: &Budgets, caller: &str) {
    let reserving = std::pin::pin!(budgets.reserve(Some(caller), None, Some(Decimal::ONE)));
    let Poll::Ready(reserved) = reserving.poll(&mut Context::from_waker(Waker::noop())) else { panic!("in memory") };
    reserved.unwrap().settle(Decimal::ONE);
}

/// Bytes that are allocated while this runs a hundred times, for each time.
fn each(run: impl Fn()) -> usize {
    run();
    let before = ALLOCATOR.total_allocated();
    (0..100).for_each(|_| run());
    (ALLOCATOR.total_allocated() - before) / 100
}

#[test]
fn a_call_keeps_its_claims_and_its_callers_name_once() {
    let million = |per| Limit::new(Decimal::from(1_000_000), per);
    let callers = Budget::per_caller().limit(million(Per::Hour)).limit(million(Per::Day)).limit(million(Per::Month));
    let budgets = Budgets::new().budget(callers).budget(Budget::global().limit(million(Per::Total)));
    let (short, long) = ("a".repeat(8), "a".repeat(128));
    let name = each(|| call(&budgets, &long)) - each(|| call(&budgets, &short));
    assert!(name <= 120, "{name} bytes for 120 more of a name");
    assert_eq!(each(|| assert!(!budgets.is_soft_exceeded(Some(&long), Some("model")))), 0, "none of them is soft");
}

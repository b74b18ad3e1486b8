//! Budgets of one process: what is let through, what is refused and in which words.

use std::{
    pin::pin,
    sync::Barrier,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use llm_layers_accounts::budgets::{Budget, Budgets, Limit, Per, Refused, Reservation, Status, UnknownCost};
use llm_layers_core::{Clock, Rejection};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn limit(text: &str, per: Per) -> Limit {
    Limit::new(usd(text), per)
}

/// In memory nothing is waited for.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("budgets in memory answer at once"),
    }
}

fn reserve(budgets: &Budgets, caller: &str, estimate: &str) -> Result<Reservation, Refused> {
    now(budgets.reserve(Some(caller), Some("cheap"), Some(usd(estimate))))
}

fn amounts(budgets: &Budgets, caller: &str) -> Vec<(String, String)> {
    let spent = now(budgets.spent(Some(caller), Some("cheap")));
    spent.iter().map(|spent| (spent.spent.to_string(), spent.reserved.to_string())).collect()
}

fn at(text: &str) -> SystemTime {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

#[test]
fn a_call_is_refused_once_the_limit_is_reached_and_not_before() {
    let budgets = Budgets::new().budget(Budget::per_caller().limit(limit("1", Per::Total)));
    let first = reserve(&budgets, "a", "0.999999999").unwrap();
    let second = reserve(&budgets, "a", "5").unwrap();
    assert!(reserve(&budgets, "a", "0").is_err(), "all is reserved");
    reserve(&budgets, "b", "0.1").unwrap();
    second.settle(usd("0"));
    let third = reserve(&budgets, "a", "0.5").unwrap();
    first.settle(usd("1"));
    drop(third);
    assert_eq!(amounts(&budgets, "a"), [("1".into(), "0".into())]);
    assert!(reserve(&budgets, "a", "0").is_err(), "all is spent");
    let nothing = Budgets::new().budget(Budget::global().limit(limit("0", Per::Day)));
    assert!(reserve(&nothing, "a", "0").is_err());
}

#[test]
fn who_hangs_up_pays_what_was_seen_and_leaves_nothing_reserved() {
    let budgets = Budgets::new().budget(Budget::global().limit(limit("1", Per::Total)));
    let mut call = reserve(&budgets, "a", "0.5").unwrap();
    call.seen(usd("0.2"));
    drop(call);
    drop(reserve(&budgets, "a", "0.5").unwrap());
    assert_eq!(amounts(&budgets, "a"), [("0.2".into(), "0".into())]);
}

#[test]
fn a_call_that_one_budget_refuses_takes_from_none() {
    let budgets = Budgets::new()
        .budget(Budget::per_alias().limit(limit("10", Per::Month)))
        .budget(Budget::per_caller_and_alias().limit(limit("1", Per::Day)))
        .budget(Budget::global().limit(limit("100", Per::Total)));
    let held = reserve(&budgets, "a", "1").unwrap();
    assert_eq!(reserve(&budgets, "a", "1").unwrap_err().budget(), Some("caller_alias"));
    assert_eq!(amounts(&budgets, "a"), vec![("0".to_owned(), "1".to_owned()); 3]);
    drop(held);
    let one = Budgets::new()
        .budget(Budget::per_caller().limit(limit("9", Per::Day)))
        .budget(Budget::per_caller().limit_for(|caller, _| (caller == "a").then(|| limit("0", Per::Hour))));
    assert_eq!(reserve(&one, "a", "1").unwrap_err().budget(), Some("caller-2"));
    assert!(reserve(&one, "b", "1").is_ok());
}

#[tokio::test(start_paused = true)]
async fn it_renews_with_the_calendar() {
    let clock = Clock::starting_at(at("2024-02-29T23:59:58Z"));
    let budgets = Budgets::new().clock(clock).budget(Budget::per_caller().limit(limit("1", Per::Month)));
    reserve(&budgets, "a", "1").unwrap().settle(usd("1"));
    tokio::time::advance(Duration::from_millis(1999)).await;
    let refused = reserve(&budgets, "a", "1").unwrap_err();
    assert_eq!(refused.renews(), Some(at("2024-03-01T00:00:00Z")));
    tokio::time::advance(Duration::from_millis(1)).await;
    reserve(&budgets, "a", "1").unwrap();
}

#[tokio::test(start_paused = true)]
async fn refusals_say_which_budget_and_until_when_but_no_amounts() {
    let clock = Clock::starting_at(at("2026-11-21T23:00:00Z"));
    let spend = |limit: Limit| {
        let budgets = Budgets::new().clock(clock).budget(Budget::per_caller().limit(limit));
        reserve(&budgets, "team-a", "7").unwrap().settle(usd("7.77"));
        reserve(&budgets, "team-a", "7").unwrap_err().into_response()
    };
    let mut answer = spend(limit("7", Per::Day));
    assert_eq!((answer.status().as_u16(), answer.extensions().get()), (402, Some(&Rejection::QuotaExceeded)));
    assert!(!answer.headers().contains_key("retry-after"));
    let told = answer.body_mut().bytes(4096).await.unwrap();
    let told = std::str::from_utf8(&told).unwrap();
    let message = "The budget of caller `team-a` for this day is used up. It renews at 2026-11-22T00:00:00Z.";
    assert!(told.contains(message) && told.contains("\"code\":\"insufficient_quota\""), "{told}");
    assert!(!told.contains('7'), "{told}");

    let research = || Budget::per_caller().named("research").limit(limit("0", Per::Total));
    let two = Budgets::new().budget(research().limit_for(|caller, _| (caller == "b").then(|| limit("1", Per::Total))));
    let two = two.budget(research().named("caller")).budget(Budget::per_caller().limit(limit("0", Per::Day)));
    let told = |caller: &str| reserve(&two, caller, "1").unwrap_err().to_string();
    assert_eq!(told("a"), "The total budget `research` of caller `a` is used up.");
    assert_eq!(told("b"), "The total budget of caller `b` is used up.");

    let answer = spend(limit("7", Per::Day).status(Status::TooManyRequests));
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (429, &b"3600"[..]));
    let answer = spend(limit("7", Per::Total).status(Status::TooManyRequests));
    assert_eq!((answer.status().as_u16(), answer.headers().contains_key("retry-after")), (429, false));
}

#[test]
fn calls_of_unknown_cost_go_through_or_not_as_set() {
    let budgets = Budgets::new().budget(Budget::per_caller().limit(limit("1", Per::Day)));
    let ask = |budgets: &Budgets| now(budgets.reserve(Some("a"), None, None));
    ask(&budgets).unwrap();
    let strict = budgets.clone().unknown_cost(UnknownCost::Refuse);
    assert_eq!(ask(&strict).unwrap_err().into_response().status(), 402);
    assert!(ask(&Budgets::new().unknown_cost(UnknownCost::Refuse)).is_ok(), "no budget limits it");
    reserve(&budgets, "a", "1").unwrap().settle(usd("1"));
    assert!(ask(&budgets).is_err());
}

#[test]
fn the_soft_limit_is_a_share_or_an_amount() {
    for (limit, below, beyond) in [
        (limit("10", Per::Day).soft_share(usd("0.8")), "7.99", "0.01"),
        (limit("10", Per::Day).soft_usd(usd("3")), "2.999999999", "0.000000001"),
    ] {
        let budgets = Budgets::new().budget(Budget::per_caller().limit(limit));
        let is_soft = || budgets.is_soft_exceeded(Some("a"), Some("cheap"));
        assert!(!is_soft());
        reserve(&budgets, "a", below).unwrap().settle(usd(below));
        assert!(!is_soft());
        let running = reserve(&budgets, "a", beyond).unwrap();
        assert!(is_soft() && !budgets.is_soft_exceeded(Some("b"), None));
        drop(running);
        assert!(!is_soft());
    }
}

#[test]
fn what_is_spent_survives_a_change_of_settings_also_of_calls_that_run() {
    let before = Budgets::new().budget(Budget::per_caller().limit(limit("10", Per::Day)));
    let running = reserve(&before, "a", "4").unwrap();
    let after = Budgets::new().budget(Budget::per_caller().limit(limit("4", Per::Day))).taking_over(&before);
    assert!(reserve(&after, "a", "1").is_err());
    running.settle(usd("1.5"));
    assert_eq!(amounts(&after, "a"), [("1.5".into(), "0".into())]);
    assert!(reserve(&after, "a", "1").is_ok());
}

proptest! {
    /// However calls come and go, what is spent and reserved is less than the limit and one estimate more.
    #[test]
    fn no_interleaving_overspends_by_more_than_one_estimate(
        limit_nanos in 0..1_000_000u64,
        steps in prop::collection::vec((any::<bool>(), 0..300_000i64, any::<prop::sample::Index>(), 0..=100u64), 1..200),
    ) {
        let nanos = |number: i64| Decimal::new(number, 9);
        let limit = Limit::new(nanos(limit_nanos as i64), Per::Total);
        let budgets = Budgets::new().budget(Budget::per_caller().limit(limit));
        let mut running: Vec<(Reservation, i64)> = Vec::new();
        let (mut spent, mut last) = (0i64, 0i64);
        for (arrives, estimate, which, share) in steps {
            if arrives || running.is_empty() {
                let reserved: i64 = running.iter().map(|(_, estimate)| estimate).sum();
                let asked = now(budgets.reserve(Some("a"), None, Some(nanos(estimate))));
                prop_assert_eq!(asked.is_ok(), ((spent + reserved) as u64) < limit_nanos);
                if let Ok(call) = asked {
                    running.push((call, estimate));
                    last = last.max(estimate);
                }
            } else {
                let (call, estimate) = running.swap_remove(which.index(running.len()));
                let cost = estimate * share as i64 / 100;
                spent += cost;
                call.settle(nanos(cost));
            }
            let all = &now(budgets.spent(Some("a"), None))[0];
            let reserved: i64 = running.iter().map(|(_, estimate)| estimate).sum();
            prop_assert_eq!((all.spent, all.reserved), (nanos(spent).normalize(), nanos(reserved).normalize()));
            prop_assert!(all.spent + all.reserved < nanos(limit_nanos as i64 + last.max(1)));
        }
        running.clear();
        prop_assert_eq!(now(budgets.spent(Some("a"), None))[0].reserved, Decimal::ZERO);
    }
}

#[test]
fn threads_that_race_get_exactly_what_is_there() {
    const THREADS: usize = 8;
    let budgets = Budgets::new().budget(Budget::per_caller().limit(limit("1", Per::Total)));
    let start = Barrier::new(THREADS);
    let kept: usize = std::thread::scope(|scope| {
        let race = || {
            start.wait();
            let calls: Vec<_> = (0..100).filter_map(|_| reserve(&budgets, "a", "0.01").ok()).collect();
            let number = calls.len();
            calls.into_iter().for_each(|call| call.settle(usd("0.01")));
            number
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(race)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(kept, 100);
    assert_eq!(amounts(&budgets, "a"), [("1".into(), "0".into())]);
}

#[test]
fn a_file_says_it_in_one_line() {
    use llm_layers_accounts::budgets::BudgetConfig;
    let read = |text: &str| {
        let config: BudgetConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        Limit::try_from(config).map_err(|error| error.to_string())
    };
    let day = limit("20", Per::Day);
    for (text, expected) in [
        ("usd = \"20.00\"\nper = \"day\"", day),
        ("usd = 20\nper = \"day\"\nsoft = 0.8\nstatus = 402", day.soft_usd(usd("16"))),
        (
            "usd = 20\nper = \"day\"\nsoft = \"12.50\"\nstatus = 429",
            day.soft_usd(usd("12.5")).status(Status::TooManyRequests),
        ),
    ] {
        assert_eq!(read(text), Ok(expected), "{text}");
    }
    for (text, problem) in [
        ("usd = 20.5\nper = \"day\"", "in quotes"),
        ("usd = \"20\"\nper = \"week\"", "week"),
        ("usd = \"-1\"\nper = \"day\"", "`usd`"),
        ("usd = \"9999999999\"\nper = \"day\"", "`usd`"),
        ("usd = \"0.0000000001\"\nper = \"day\"", "`usd`"),
        ("usd = \"1\"\nper = \"day\"\nsoft = 1.5", "`soft`"),
        ("usd = \"1\"\nper = \"day\"\nsoft = \"2\"", "`soft`"),
        ("usd = \"1\"\nper = \"day\"\nstatus = 500", "`status`"),
        ("usd = \"1\"\nper = \"day\"\nhard = 1", "hard"),
        ("per = \"day\"", "usd"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(problem), "{text}: {error}");
    }
}

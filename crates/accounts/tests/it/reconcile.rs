//! A ledger beside bills of providers.

use llm_layers_accounts::{
    Entry, Unpriced,
    reconcile::{Bill, Comparison},
};
use llm_layers_core::{Deployment, Operation};
use rust_decimal::Decimal;

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn entry(at: &str, cost: Result<&str, Unpriced>) -> Entry {
    let at: jiff::Timestamp = at.parse().unwrap();
    let mut entry = Entry::new(at.into(), Deployment::new("a", "p", "m"), Operation::ChatCompletion);
    entry.cost = cost.map(usd);
    entry
}

/// Per day: ledger, bill, whether it is beyond.
fn compare(bill: &str, entries: &[Entry], tolerance: &str) -> Vec<(String, String, String, bool)> {
    let comparison = Comparison::new(&Bill::read(bill).unwrap(), entries, usd(tolerance));
    let text = |usd: Decimal| usd.normalize().to_string();
    comparison.days.iter().map(|day| (day.date.to_string(), text(day.ledger), text(day.bill), day.is_beyond)).collect()
}

#[test]
fn bills_of_all_kinds_are_added_up_by_day() {
    let entries = [entry("2026-11-20T23:59:59.9Z", Ok("1.5"))];
    let same = ("2026-11-20".to_owned(), "1.5".to_owned(), "1.5".to_owned(), false);
    for bill in [
        include_str!("../fixtures/bills/openai_costs.csv"),
        include_str!("../fixtures/bills/anthropic_costs.csv"),
        "Date,Model,Amount\n2026-11-20,m,\"$1.25\"\n2026-11-20 10:00:00,m,0.25\n",
        "day,usd,currency\n1795132800,1.50,USD\n",
        "day,usd\n20261120,\"$1,001.50\"\n20261120,\"(1,000.00)\"\n",
        "day,usd\n20261120,-$0.50\n20261120,$2.00\n",
    ] {
        assert_eq!(compare(bill, &entries, "0")[0], same, "{bill}");
    }
}

#[test]
fn a_day_is_beyond_by_more_than_the_tolerance_and_the_rounding() {
    let entries = [entry("2026-11-20T00:00:00Z", Ok("100"))];
    for (billed, tolerance, is_beyond) in [
        ("100.00", "0", false),
        ("100", "0.0001", false),
        ("99.999", "0", true),
        ("100.01", "0", true),
        ("101.00", "0.01", false),
        ("101.03", "0.01", true),
        ("99.00", "0.01", false),
        ("98.90", "0.01", true),
        ("0", "0.5", true),
    ] {
        let rows = compare(&format!("date,amount\n2026-11-20,{billed}\n"), &entries, tolerance);
        assert_eq!(rows[0].3, is_beyond, "{billed} {tolerance}");
    }
}

/// A bill that ends before what it is of is no proof that the rest was free.
#[test]
fn the_days_of_a_bill_may_be_given() {
    let entries = [19, 20, 21, 22].map(|day| entry(&format!("2026-11-{day}T12:00:00Z"), Ok("1")));
    let bill = Bill::read("date,amount\n2026-11-18,7\n2026-11-20,1\n").unwrap();
    let compare = |first: Option<i8>, last: Option<i8>| {
        let date = |day| jiff::civil::date(2026, 11, day);
        let comparison =
            Comparison::new(&bill.clone().between(first.map(date), last.map(date)), &entries, Decimal::ZERO);
        let days: Vec<_> = comparison.days.iter().map(|day| (day.date.day(), day.is_beyond)).collect();
        (days, comparison.calls_elsewhere)
    };
    assert_eq!(compare(None, None), (vec![(18, true), (19, true), (20, false)], 2));
    assert_eq!(compare(Some(20), None), (vec![(20, false)], 3));
    assert_eq!(compare(Some(20), Some(21)), (vec![(20, false), (21, true)], 2));
    assert_eq!(compare(Some(23), Some(24)), (vec![], 4));
    assert_eq!(compare(Some(22), Some(20)), (vec![], 4), "no day is both");
}

#[test]
fn days_that_only_one_of_them_knows_are_told() {
    let entries = [
        entry("2026-11-19T23:59:59Z", Ok("9")),
        entry("2026-11-21T12:00:00Z", Ok("0.5")),
        entry("2026-11-21T13:00:00Z", Err(Unpriced::MODEL)),
    ];
    let bill = Bill::read("date,amount\n2026-11-20,2\n2026-11-22,0\n").unwrap();
    let comparison = Comparison::new(&bill, &entries, usd("0.01"));
    assert_eq!((comparison.days.len(), comparison.calls_elsewhere, comparison.is_within()), (3, 1, false));
    let table = comparison.to_string();
    let lines: Vec<_> = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "day calls ledger USD bill USD difference per cent",
            "2026-11-20 0 0.000000 2.000000 +2.000000 - beyond tolerance",
            "2026-11-21 2 0.500000 0.000000 -0.500000 -100.00 beyond tolerance 1 calls of unknown cost",
            "2026-11-22 0 0.000000 0.000000 +0.000000 -",
            "1 calls of the ledger are on days that the bill does not reach",
        ]
    );
}

#[test]
fn what_is_no_bill_is_told_with_its_line() {
    for (bill, told) in [
        ("", "line 1: there is no header"),
        ("when,amount\n", "line 1: no column of dates"),
        ("date,tokens\n", "line 1: no column of amounts"),
        ("date,amount\n2026-11-20,1\n2026-11-20\n", "line 3: no amount"),
        ("date,amount\nTotal,1\n", "line 2: no date: \"Total\""),
        ("date,amount\n2026-02-30,1\n", "line 2: no date"),
        ("date,amount\n\n\n2026-11-20,one\n", "line 4: no amount: \"one\""),
        ("date,amount\n2026-11-20,\"1,50\"\n", "line 2: no amount"),
        ("date,amount\n2026-11-20,\"1000,000\"\n", "line 2: no amount"),
        ("date,amount\n2026-11-20,\"1.000,50\"\n", "line 2: no amount"),
        ("date,amount\n2026-11-20,(-1)\n", "line 2: no amount"),
        ("date,amount\n2026-11-20,()\n", "line 2: no amount"),
        ("date,amount\n20261320,1\n", "line 2: no date"),
        ("date,amount,currency\n2026-11-20,1,EUR\n", "line 2: not in US dollars: \"EUR\""),
        ("date,amount\n\"2026-11-20,1\n", "line 2: a quote that does not end"),
    ] {
        let error = Bill::read(bill).unwrap_err().to_string();
        assert!(error.starts_with(told), "{error} is not {told}");
    }
}

#[test]
fn a_bill_that_rounds_to_cents_is_not_flagged_for_it() {
    let entries = [entry("2026-11-20T00:00:00Z", Ok("0.0149"))];
    let is_beyond = |bill: &str| compare(bill, &entries, "0")[0].3;
    assert!(!is_beyond("date,amount\n2026-11-20,0.01\n2026-11-20,0.00\n"));
    assert!(is_beyond("date,amount\n2026-11-20,0.0100\n"));
}

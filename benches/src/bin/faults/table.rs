//! What was seen.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

use std::{collections::BTreeMap, time::Duration};

use llm_layers_circuit_breaker::{Change, State};

use crate::client::Tally;

pub(crate) struct Report {
    pub(crate) calls: usize,
    pub(crate) took: Duration,
    pub(crate) under_faults: Tally,
    /// Requests that reached the two providers.
    pub(crate) reached: (u64, u64),
    pub(crate) openings: Vec<Change>,
    pub(crate) counters: BTreeMap<String, u64>,
    pub(crate) recovered: Tally,
    pub(crate) healed: Duration,
    pub(crate) after: State,
}

pub(crate) fn print(report: &Report) {
    let Report { calls, took, under_faults: seen, reached, openings, counters, recovered, healed, after } = report;
    let counter = |name: &str| counters.get(name).copied().unwrap_or_default();
    // The default of the layer: a fifth of the calls, and ten a second.
    let budget = *calls as u64 / 5 + 10 * (took.as_secs() + 1);
    let rows = [
        (format!("calls in {:.1} s, half of them streams", took.as_secs_f64()), calls.to_string()),
        ("answered whole / as a stream".into(), format!("{} / {}", seen.whole, seen.streams)),
        ("failures that clients saw before the first word".into(), seen.failed.to_string()),
        ("answers that broke off behind it".into(), seen.broken.to_string()),
        ("requests at the failing / the sound provider".into(), format!("{} / {}", reached.0, reached.1)),
        ("retries / budget".into(), format!("{} / {budget}", counter("llm_retry_retries_total"))),
        ("most attempts at one deployment / allowed".into(), format!("{} / 2", seen.most_attempts)),
        ("times that the circuit opened".into(), openings.len().to_string()),
        ("why it first opened".into(), openings.first().map_or("-".into(), |change| format!("{:?}", change.reason))),
        (
            "after the fault: circuit, within, failures seen".into(),
            format!("{after:?}, {:.1} s, {}", healed.as_secs_f64(), recovered.failed + recovered.broken),
        ),
    ];
    println!("| | |\n| --- | --- |");
    for (name, value) in rows {
        println!("| {name} | {value} |");
    }
}

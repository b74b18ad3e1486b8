//! What was seen, and whether it is what was promised.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

use std::{collections::BTreeMap, time::Duration};

use llm_layers_circuit_breaker::{Change, Reason, State};
use tokio::time::Instant;

use crate::{MAX_ATTEMPTS, client::Tally};

pub(crate) struct Report {
    pub(crate) calls: usize,
    pub(crate) begun: Instant,
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

impl Report {
    /// As the README shows it.
    pub(crate) fn print(&self) {
        let Self { calls, took, under_faults: seen, reached, openings, recovered, healed, after, .. } = self;
        let first_opening = openings.first().map_or("-".into(), |change| {
            let reason = change.reason.map_or("-", Reason::as_str);
            format!("{:.2} s / `{reason}`", change.at.duration_since(self.begun).as_secs_f64())
        });
        let rows = [
            (format!("calls in {:.1} s, half of them streams", took.as_secs_f64()), calls.to_string()),
            ("answered whole / as a stream".into(), format!("{} / {}", seen.whole, seen.streams)),
            ("failures that clients saw before the first word".into(), seen.failed.to_string()),
            ("answers that broke off behind it".into(), seen.broken.to_string()),
            ("requests at the failing / the sound provider".into(), format!("{} / {}", reached.0, reached.1)),
            ("retries / budget".into(), format!("{} / {}", self.retries(), self.budget())),
            (
                "most attempts at one deployment / allowed".into(),
                format!("{} / {MAX_ATTEMPTS}", seen.most_attempts.max(recovered.most_attempts)),
            ),
            ("times that the circuit opened".into(), openings.len().to_string()),
            ("it first opened after / because of".into(), first_opening),
            (
                "once the provider was sound: circuit / within / failures seen".into(),
                format!("{} / {:.1} s / {}", after.as_str(), healed.as_secs_f64(), recovered.failed + recovered.broken),
            ),
        ];
        println!("| | |\n| --- | --- |");
        for (name, value) in rows {
            println!("| {name} | {value} |");
        }
    }

    /// What should have held and did not.
    pub(crate) fn broken_promises(&self) -> Vec<&'static str> {
        let Self { under_faults: seen, recovered, .. } = self;
        let promises = [
            (seen.failed + recovered.failed == 0, "clients have seen failures"),
            (seen.broken + recovered.broken == 0, "answers broke off"),
            (seen.most_attempts.max(recovered.most_attempts) <= MAX_ATTEMPTS, "there were more attempts than allowed"),
            (self.retries() <= self.budget(), "there were more retries than the budget allows"),
            (!self.openings.is_empty(), "the circuit never opened"),
            (self.after == State::Closed, "the circuit did not close"),
        ];
        promises.into_iter().filter(|(holds, _)| !holds).map(|(_, broken)| broken).collect()
    }

    fn retries(&self) -> u64 {
        self.counters.get("llm_retry_retries_total").copied().unwrap_or_default()
    }

    /// The default of the layer: a fifth of the calls, and ten a second on average over ten seconds, which may all be
    /// used in the first.
    fn budget(&self) -> u64 {
        self.calls as u64 / 5 + 10 * (self.took.as_secs() + 10)
    }
}

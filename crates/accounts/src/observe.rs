//! The only place that emits metrics and events.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use llm_layers_catalogue::Meter;
use metrics::{Counter, Gauge, SharedString, counter, gauge};
use rust_decimal::prelude::ToPrimitive as _;

use crate::{Entry, Outcome};

/// So many deployments have metrics of their own. The others share those of `other`.
const MOST: usize = 1024;

/// The metrics of all deployments, looked up once each: they count where the recorder of the first call is.
#[derive(Default)]
pub(crate) struct Metrics {
    deployments: RwLock<HashMap<Box<str>, Arc<Handles>, foldhash::fast::RandomState>>,
    outcomes: [OnceLock<Counter>; Outcome::ALL.len()],
}

#[derive(Default)]
struct Handles {
    tokens: [OnceLock<Counter>; TOKENS.len()],
    cost: OnceLock<Gauge>,
    unpriced: OnceLock<Counter>,
    disbelieved: OnceLock<Counter>,
}

/// The kinds of tokens that an answer can tell.
const TOKENS: [Meter; 11] = [
    Meter::Input,
    Meter::CachedInput,
    Meter::CacheWrite,
    Meter::CacheWrite1h,
    Meter::AudioInput,
    Meter::CachedAudioInput,
    Meter::ImageInput,
    Meter::Output,
    Meter::Reasoning,
    Meter::AudioOutput,
    Meter::ImageOutput,
];

impl Metrics {
    /// An attempt is over. `is_configured`: the name of its deployment is no client's word.
    pub(crate) fn finished(&self, entry: &Entry, is_configured: bool) {
        if let Some(outcome) = self.outcomes.get(entry.outcome as usize) {
            let make = || counter!("llm_accounts_entries_total", "outcome" => entry.outcome.name());
            outcome.get_or_init(make).increment(1);
        }
        let (name, handles) = self.of(if is_configured { entry.deployment.name() } else { OTHER });
        let label = || SharedString::from(name.to_owned());
        let quantities = entry.quantities();
        for (meter, slot) in TOKENS.into_iter().zip(&handles.tokens) {
            let tokens = quantities.of(meter);
            if tokens > 0 {
                let make = || counter!("llm_tokens_total", "deployment" => label(), "kind" => meter.name());
                slot.get_or_init(make).increment(tokens);
            }
        }
        match &entry.cost {
            Ok(cost) => {
                let gauge = handles.cost.get_or_init(|| gauge!("llm_cost_usd_total", "deployment" => label()));
                gauge.increment(cost.to_f64().unwrap_or_default());
            }
            Err(_) => {
                let make = || counter!("llm_accounts_unpriced_total", "deployment" => label());
                handles.unpriced.get_or_init(make).increment(1);
            }
        }
        tell(entry);
    }

    /// What was reported of it cannot be.
    pub(crate) fn disbelieved(&self, entry: &Entry, is_configured: bool) {
        let (name, handles) = self.of(if is_configured { entry.deployment.name() } else { OTHER });
        let label = || SharedString::from(name.to_owned());
        let make = || counter!("llm_accounts_disbelieved_total", "deployment" => label());
        handles.disbelieved.get_or_init(make).increment(1);
        tracing::debug!(deployment = name, "what a provider reports cannot be");
    }

    fn of<'a>(&self, name: &'a str) -> (&'a str, Arc<Handles>) {
        let known = self.deployments.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(handles) = known.get(name) {
            return (name, Arc::clone(handles));
        }
        let name = if known.len() < MOST { name } else { OTHER };
        drop(known);
        let mut known = self.deployments.write().unwrap_or_else(PoisonError::into_inner);
        (name, Arc::clone(known.entry(name.into()).or_default()))
    }
}

const OTHER: &str = "other";

/// Neither prompts, nor answers, nor keys.
fn tell(entry: &Entry) {
    tracing::debug!(
        deployment = entry.deployment.name(),
        operation = entry.operation.as_str(),
        outcome = entry.outcome.name(),
        input = entry.tokens.input,
        output = entry.tokens.output,
        cost_usd = entry.cost.as_ref().ok().map(tracing::field::display),
        unpriced = entry.cost.as_ref().err().map(tracing::field::display),
        known = entry.known.name(),
        "accounted"
    );
}

/// An entry could not be written down.
pub(crate) fn ledger_failed(ledger: &'static str, error: &std::io::Error) {
    counter!("llm_accounts_ledger_failures_total", "ledger" => ledger).increment(1);
    tracing::warn!(ledger, %error, "an entry could not be written down");
}

/// Entries that waited for a ledger that is away were too many, or refused.
pub(crate) fn entries_lost(ledger: &'static str, number: u64) {
    counter!("llm_accounts_entries_lost_total", "ledger" => ledger).increment(number);
    tracing::warn!(ledger, number, "entries are lost");
}

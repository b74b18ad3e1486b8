//! The only place that emits metrics and events.

use std::{fmt, sync::OnceLock, time::Duration};

use llm_layers_core::Deployment;
use metrics::{Counter, counter};

/// The counters of a deployment's answers in the name of an alias, under one policy, by rank. Looked up once: a look-up
/// for every call would cost more than the counting.
#[derive(Default)]
pub(crate) struct Answers([OnceLock<Counter>; RANKS]);

/// Ranks from here on are counted together.
const RANKS: usize = 8;

impl Answers {
    /// The deployment has answered: as the one that was asked first, or a later one.
    pub(crate) fn count(&self, alias: &str, deployment: &Deployment, policy: &str, rank: usize) {
        let place = rank.clamp(1, RANKS) - 1;
        let make = || {
            let rank = if place + 1 == RANKS { format!("{RANKS}+") } else { (place + 1).to_string() };
            counter!(
                "llm_router_calls_total",
                "alias" => alias.to_owned(),
                "deployment" => deployment.name().to_owned(),
                "policy" => policy.to_owned(),
                "rank" => rank,
            )
        };
        if let Some(counter) = self.0.get(place) {
            counter.get_or_init(make).increment(1);
        }
    }
}

/// Nothing of it is to be read.
impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

/// A deployment has failed, and another attempt follows.
pub(crate) fn fell_back(alias: &str, from: &Deployment, kind: &'static str) {
    tracing::debug!(alias, deployment = from.name(), kind, "attempt failed, another follows");
    counter!("llm_router_fallbacks_total", "from" => from.name().to_owned(), "kind" => kind).increment(1);
}

/// Constraints have left a call no deployment.
pub(crate) fn nothing_left(alias: &str, constraint: &'static str) {
    tracing::debug!(alias, constraint, "no deployment is left");
    counter!("llm_router_nothing_left_total", "alias" => alias.to_owned(), "constraint" => constraint).increment(1);
}

/// A classifier has not said in time how hard a prompt is.
pub(crate) fn classifier_was_late(within: Duration) {
    tracing::debug!(?within, "the classifier was late: the built-in score is taken");
    counter!("llm_router_classifier_late_total").increment(1);
}

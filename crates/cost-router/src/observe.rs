//! The only place that emits metrics and events.

use std::{
    collections::HashMap,
    sync::{OnceLock, PoisonError, RwLock},
    time::Duration,
};

use llm_layers_core::Deployment;
use metrics::{Counter, counter};

/// The counters of answered calls. Looked up once: a look-up for every call would cost more than the counting.
///
/// As many as there are aliases with deployments.
#[derive(Default)]
pub(crate) struct Counters(RwLock<ByName<ByName<Vec<Answered>>>>);

type ByName<T> = HashMap<Box<str>, T, foldhash::fast::RandomState>;

/// The counters of a deployment in an alias, under a policy, for each rank.
struct Answered {
    policy: Box<str>,
    ranks: [OnceLock<Counter>; RANKS],
}

/// Ranks from here on are counted together.
const RANKS: usize = 8;

impl Counters {
    /// A deployment has answered in the name of an alias: the one that was asked first, or a later one.
    pub(crate) fn answered(&self, alias: &str, deployment: &Deployment, policy: &str, rank: usize) {
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
        let count = |known: &[Answered]| {
            let known = known.iter().find(|known| *known.policy == *policy);
            let counter = known.and_then(|known| known.ranks.get(place));
            counter.map(|counter| counter.get_or_init(make).increment(1)).is_some()
        };
        let is_known = {
            let counters = self.0.read().unwrap_or_else(PoisonError::into_inner);
            counters.get(alias).and_then(|alias| alias.get(deployment.name())).is_some_and(|known| count(known))
        };
        if !is_known {
            let mut counters = self.0.write().unwrap_or_else(PoisonError::into_inner);
            let known = counters.entry(alias.into()).or_default().entry(deployment.name().into()).or_default();
            // Two may have come here at once.
            if !known.iter().any(|known| *known.policy == *policy) {
                known.push(Answered { policy: policy.into(), ranks: Default::default() });
            }
            count(known);
        }
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
    tracing::warn!(?within, "the classifier was late: the built-in score is taken");
}

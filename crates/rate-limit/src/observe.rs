//! The only place that emits metrics and events.

use std::sync::{Arc, OnceLock};

use llm_layers_core::Operation;
use metrics::{Counter, SharedString, counter};

use crate::{OnStoreFailure, store::Kind};

/// The counters of calls let through, looked up once each: they count where the recorder of the first call is.
#[derive(Default)]
pub(crate) struct Admitted {
    /// The last is of calls that are no known operation.
    counters: [OnceLock<Counter>; Operation::COUNT + 1],
}

impl Admitted {
    pub(crate) fn one(&self, operation: Option<Operation>) {
        let index = operation.map_or(Operation::COUNT, Operation::index);
        let Some(counter) = self.counters.get(index) else { return };
        counter.get_or_init(|| counter!("llm_rate_limit_admitted_total", "operation" => name(operation))).increment(1);
    }
}

fn name(operation: Option<Operation>) -> &'static str {
    operation.map_or("other", Operation::as_str)
}

/// A call was refused.
pub(crate) fn refused(rule: &Arc<str>, kind: Kind, operation: Option<Operation>) {
    counter!(
        "llm_rate_limit_refusals_total",
        "rule" => SharedString::from_shared(Arc::clone(rule)),
        "limit" => kind.as_str(),
        "operation" => name(operation),
    )
    .increment(1);
    tracing::debug!(rule = &**rule, limit = kind.as_str(), operation = name(operation), "limited");
}

/// The store could not be asked.
pub(crate) fn store_failed(action: OnStoreFailure) {
    let action = action.as_str();
    counter!("llm_rate_limit_store_failures_total", "action" => action).increment(1);
    tracing::debug!(action, "the store of the limits is away");
}

/// What calls have used could not be told to the store.
#[cfg(feature = "redis")]
pub(crate) fn corrections_lost(number: usize) {
    if number > 0 {
        counter!("llm_rate_limit_corrections_lost_total").increment(number as u64);
    }
}

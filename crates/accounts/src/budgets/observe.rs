//! The only place of budgets that emits metrics and events.

use std::sync::Arc;

use metrics::{SharedString, counter};

use llm_layers_core::OnStoreFailure;

/// A call was refused.
pub(super) fn refused(budget: &Arc<str>, reason: &'static str) {
    let label = SharedString::from_shared(Arc::clone(budget));
    counter!("llm_budgets_refusals_total", "budget" => label, "reason" => reason).increment(1);
    tracing::debug!(budget = &**budget, reason, "a budget refused a call");
}

/// A call of unknown cost was let through.
pub(super) fn unpriced() {
    counter!("llm_budgets_unpriced_total").increment(1);
    tracing::debug!("a call whose cost is not known goes past its budgets");
}

/// The store could not be asked.
pub(super) fn store_failed(action: OnStoreFailure) {
    let action = action.as_str();
    counter!("llm_budgets_store_failures_total", "action" => action).increment(1);
    tracing::debug!(action, "the store of the budgets is away");
}

/// What calls have cost could not be told to the store.
#[cfg(feature = "redis")]
pub(super) fn settlements_lost(number: usize) {
    if number > 0 {
        counter!("llm_budgets_settlements_lost_total").increment(number as u64);
        tracing::warn!(number, "costs could not be told to the store of the budgets");
    }
}

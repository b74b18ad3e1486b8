//! The metrics of external detectors that only they themselves can tell. No value goes in here.

use metrics::counter;

/// The model has named texts that are nowhere in what it was shown.
pub(super) fn unlocated(count: u64) {
    counter!("llm_pii_unlocated_total").increment(count);
    tracing::debug!(count, "a model has named personal data that is nowhere in the text");
}

/// The model has named texts of kinds that it was not asked for.
pub(super) fn unasked(count: u64) {
    counter!("llm_pii_unasked_total").increment(count);
    tracing::debug!(count, "a model has named personal data of kinds that it was not asked for");
}

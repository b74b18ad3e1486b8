//! The metrics of external detectors that only they themselves can tell. No value goes in here.

use metrics::counter;

/// The model has named texts that are nowhere in what it was shown.
pub(super) fn unlocated(count: u64) {
    counter!("llm_pii_unlocated_total").increment(count);
    tracing::debug!(count, "a model has named personal data that is nowhere in the text");
}

//! The only place that emits metrics and events. No prompt, answer or key goes in here.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use llm_layers_core::Operation;
use metrics::{counter, gauge};
use rust_decimal::Decimal;

use crate::{Entry, Size, Stats, control::Outcome, shape::Unfit};

/// What a cache has done.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    outcomes: [AtomicU64; Outcome::ALL.len()],
    semantic_hits: AtomicU64,
    stored: AtomicU64,
    saved_input_tokens: AtomicU64,
    saved_output_tokens: AtomicU64,
    saved_usd: Mutex<Decimal>,
}

impl Counters {
    /// A call has been answered so.
    pub(crate) fn answered(&self, operation: Operation, outcome: Outcome) {
        if let Some(count) = self.outcomes.get(outcome as usize) {
            count.fetch_add(1, Relaxed);
        }
        let (operation, outcome) = (operation.as_str(), outcome.as_str());
        counter!("llm_cache_requests_total", "operation" => operation, "outcome" => outcome).increment(1);
    }

    /// By an entry of another question.
    #[cfg(feature = "semantic")]
    pub(crate) fn found_by_meaning(&self) {
        self.semantic_hits.fetch_add(1, Relaxed);
        counter!("llm_cache_semantic_hits_total").increment(1);
    }

    /// An entry has stood in for a provider.
    pub(crate) fn saved(&self, entry: &Entry) {
        self.saved_tokens(entry.input_tokens(), entry.output_tokens(), entry.cost());
    }

    pub(crate) fn saved_tokens(&self, input: u64, output: u64, cost: Option<Decimal>) {
        self.saved_input_tokens.fetch_add(input, Relaxed);
        self.saved_output_tokens.fetch_add(output, Relaxed);
        counter!("llm_cache_saved_tokens_total", "kind" => "input").increment(input);
        counter!("llm_cache_saved_tokens_total", "kind" => "output").increment(output);
        let Some(cost) = cost else { return };
        let mut saved = self.saved_usd.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = saved.saturating_add(cost);
        // The counter of the facade is of whole numbers.
        gauge!("llm_cache_saved_usd").set(f64::try_from(*saved).unwrap_or_default());
    }

    /// An answer is kept from now on.
    pub(crate) fn stored(&self, size: Option<Size>) {
        self.stored.fetch_add(1, Relaxed);
        counter!("llm_cache_stored_total").increment(1);
        if let Some(Size { entries, bytes }) = size {
            #[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
            let [entries, bytes] = [entries as f64, bytes as f64];
            gauge!("llm_cache_entries").set(entries);
            gauge!("llm_cache_bytes").set(bytes);
        }
    }

    pub(crate) fn stats(&self, size: Option<Size>) -> Stats {
        let of = |outcome: Outcome| self.outcomes.get(outcome as usize).map_or(0, |count| count.load(Relaxed));
        Stats {
            hits: of(Outcome::Hit),
            semantic_hits: self.semantic_hits.load(Relaxed),
            stale: of(Outcome::Stale),
            coalesced: of(Outcome::Coalesced),
            misses: of(Outcome::Miss),
            bypassed: of(Outcome::Bypass),
            stored: self.stored.load(Relaxed),
            saved_input_tokens: self.saved_input_tokens.load(Relaxed),
            saved_output_tokens: self.saved_output_tokens.load(Relaxed),
            saved_usd: *self.saved_usd.lock().unwrap_or_else(PoisonError::into_inner),
            size,
        }
    }
}

/// An answer is not kept.
pub(crate) fn unfit(operation: Operation, why: Unfit) {
    let reason = match why {
        Unfit::Malformed => "malformed",
        Unfit::Unfinished => "unfinished",
        Unfit::Refused => "refused",
        Unfit::InvalidCall => "invalid_call",
    };
    counter!("llm_cache_unfit_total", "operation" => operation.as_str(), "reason" => reason).increment(1);
    tracing::debug!(operation = operation.as_str(), reason, "an answer is not kept");
}

/// There is too much to do beside calls, or nobody to do it: something was left undone.
pub(crate) fn dropped(what: &'static str) {
    counter!("llm_cache_dropped_total", "what" => what).increment(1);
}

/// The meaning of a question could not be told.
#[cfg(feature = "semantic")]
pub(crate) fn not_embedded() {
    counter!("llm_cache_not_embedded_total").increment(1);
}

//! Ids that a provider does not give.

use llm_layers_core::Rng;

/// Of an answer.
pub(crate) fn completion(rng: &Rng) -> String {
    format!("chatcmpl-{:016x}", rng.next_u64())
}

/// Of a call.
pub(crate) fn call(rng: &Rng) -> String {
    format!("call_{:016x}", rng.next_u64())
}

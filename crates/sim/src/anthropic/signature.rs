//! Signatures of thinking blocks: made so that one that was lost, changed or moved is found out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::ids;

/// The signature of a thinking text as it was sent.
pub(crate) fn sign(thinking: &str) -> String {
    STANDARD.encode(format!("sim-signature-v1:{:016x}", ids::hash(thinking.as_bytes())))
}

pub(crate) fn is_valid(thinking: &str, signature: &str) -> bool {
    signature == sign(thinking)
}

//! Log probabilities: a chat choice's, as a text part's.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A token of the answer. The number keeps its digits.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Logprob {
    token: String,
    bytes: Option<Vec<u8>>,
    logprob: Box<RawValue>,
    top_logprobs: Option<Vec<Top>>,
}

/// A token that might have been in its place.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Top {
    token: String,
    bytes: Option<Vec<u8>>,
    logprob: Box<RawValue>,
}

/// Reads a choice's `logprobs`; none where they are of another shape.
///
/// Responses must have `bytes` and `top_logprobs`, chat completions need not.
pub(super) fn read(raw: Option<&RawValue>) -> Vec<Logprob> {
    #[derive(Deserialize)]
    struct Logprobs {
        content: Option<Vec<Logprob>>,
    }
    let read = |raw: &RawValue| serde_json::from_str::<Logprobs>(raw.get()).ok()?.content;
    let mut logprobs = raw.and_then(read).unwrap_or_default();
    for logprob in &mut logprobs {
        logprob.bytes.get_or_insert_with(|| logprob.token.clone().into_bytes());
        for top in logprob.top_logprobs.get_or_insert_default() {
            top.bytes.get_or_insert_with(|| top.token.clone().into_bytes());
        }
    }
    logprobs
}

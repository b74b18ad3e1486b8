//! What a client must hand back as it got it: seals of reasoning, and what providers hang on calls.
//!
//! Anthropic's blocks have one place for a seal and no room for whose it is. A seal of Anthropic's stands there as it
//! is. Any other is marked, so that it never goes back to the wrong provider: `llm-layers:FORMAT:SEAL`. What is hung
//! on a call travels in a `redacted_thinking` block in front of it. Both are opaque to the client. Anthropic itself
//! takes neither: a conversation that began with another provider stays with this layer.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Whose seals need no mark.
const ANTHROPIC: &str = "anthropic-v1";
const MARK: &str = "llm-layers:";
const CALL: &str = "llm-layers:call:";

/// A seal for a block of Anthropic's.
pub(super) fn mark<'a>(seal: &'a str, format: Option<&str>) -> Cow<'a, str> {
    match format.filter(|format| !format.is_empty() && *format != ANTHROPIC && !format.contains(':')) {
        Some(format) => Cow::Owned(format!("{MARK}{format}:{seal}")),
        None => Cow::Borrowed(seal),
    }
}

/// The seal and its format, of a block.
pub(super) fn unmark(seal: Cow<'_, str>) -> (Cow<'_, str>, Cow<'_, str>) {
    match seal.strip_prefix(MARK).and_then(|rest| rest.split_once(':')) {
        Some((format, rest)) => (Cow::Owned(rest.to_owned()), Cow::Owned(format.to_owned())),
        None => (seal, Cow::Borrowed(ANTHROPIC)),
    }
}

/// What a provider has hung on a call, as the data of a block.
pub(super) fn of_call(id: &str, extra_content: &RawValue) -> String {
    #[derive(Serialize)]
    struct Extra<'a> {
        id: &'a str,
        extra_content: &'a RawValue,
    }
    // A string and JSON: writing them cannot fail.
    format!("{CALL}{}", serde_json::to_string(&Extra { id, extra_content }).unwrap_or_default())
}

/// The same, read back: the call's id and what hangs on it.
#[derive(Deserialize)]
pub(super) struct Extra {
    pub(super) id: String,
    pub(super) extra_content: Box<RawValue>,
}

impl Extra {
    pub(super) fn read(data: &str) -> Option<Self> {
        serde_json::from_str(data.strip_prefix(CALL)?).ok()
    }
}

//! What a request says of its accounts, and what has to be changed in it.

use llm_layers_core::{Operation, metering};
use llm_layers_wire::json::Object;

/// What is to be done about the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The client wants `usage.cost`.
    pub(crate) wants_cost: bool,
    /// A stream tells its usage, and the client has not asked for it.
    pub(crate) hides_usage: bool,
}

/// Reads what the client wants to know, and asks the provider for what is needed to know it.
///
/// The convention is OpenRouter's ("Usage accounting" of its documentation, read in November 2026): a request with
/// `"usage": {"include": true}` is answered with `usage.cost`, in a stream in its last chunk. OpenRouter itself tells
/// the cost unasked by now; other providers refuse the member or ignore it.
pub(crate) fn prepare(
    request: &mut Object,
    operation: Operation,
    is_openrouter: bool,
    asks_for_usage: bool,
    adds_cost: bool,
) -> Wishes {
    let usage = request.get_bytes("usage").filter(|usage| usage.starts_with(b"{"));
    let include = usage.and_then(|usage| Object::parse(usage).ok()).filter(|usage| usage.contains("include"));
    let wants_cost = adds_cost && include.as_ref().is_some_and(|usage| usage.is_true("include"));
    if adds_cost && include.is_some() && !is_openrouter {
        request.remove("usage");
    }
    let hides_usage = (asks_for_usage || wants_cost) && metering::ask_for_usage(Some(operation), request);
    Wishes { wants_cost, hides_usage: hides_usage && !wants_cost }
}

//! Calls that a model has written into its text.

use crate::contract::Contract;

/// Calls found in a text, and what is left of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// The text without the calls.
    pub(crate) text: String,
    /// Names and arguments, as written.
    pub(crate) calls: Vec<(String, String)>,
}

/// Finds the calls of offered tools in a text. `None` where there are none.
pub(crate) fn find(_text: &str, _contract: &Contract) -> Option<Written> {
    None
}

/// How much of a text that is still coming may be let go: what is behind may become a call.
pub(crate) fn settled(text: &str) -> usize {
    text.len()
}

use rust_decimal::Decimal;

use crate::Size;

/// What a cache has done since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that were answered by a fresh entry.
    pub hits: u64,
    /// Of those, calls that were answered by the entry of a question that means the same.
    pub semantic_hits: u64,
    /// Calls that were answered by a stale entry.
    pub stale: u64,
    /// Calls that shared the answer of an equal one under way.
    pub coalesced: u64,
    /// Calls that were sent on, because there was no entry.
    pub misses: u64,
    /// Calls that the cache had no part in.
    pub bypassed: u64,
    /// Answers that were kept.
    pub stored: u64,
    /// Tokens of prompts that nobody had to read.
    pub saved_input_tokens: u64,
    /// Tokens of answers that nobody had to write.
    pub saved_output_tokens: u64,
    /// What that would have cost, in US dollars, as far as it is known.
    pub saved_usd: Decimal,
    /// What the store holds, where that is known.
    pub size: Option<Size>,
}

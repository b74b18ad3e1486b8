//! How much of an answer is held at most until it can be told: more than any provider sends that means well.

/// Blocks that may be open at once. One is, in practice; a look for each delta's among many would be a provider's way to
/// keep us busy.
pub(crate) const MOST_OPEN: usize = 64;

/// Sources of one text.
pub(crate) const MOST_SOURCES: usize = 4096;

/// Bytes of a signature, and of a call's input that must be whole before it is unwrapped.
pub(crate) const MOST_HELD: usize = 4 << 20;

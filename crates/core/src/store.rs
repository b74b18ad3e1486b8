//! Stores that replicas share, and that may be away.

use std::fmt;

/// What happens to calls while a store that replicas share cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnStoreFailure {
    /// Each process counts for itself, by the same limits, and tells the store when it is back.
    #[default]
    Open,
    /// They are refused, with 503.
    Closed,
}

/// The store cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

impl OnStoreFailure {
    /// `open` or `closed`: the label of metrics, and the word in a file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store cannot be asked")
    }
}

impl std::error::Error for Unavailable {}

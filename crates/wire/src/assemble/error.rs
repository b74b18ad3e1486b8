use std::fmt;

/// Chunks that do not make a completion.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The stream ended without one choice.
    NoChoices,
    /// The provider reported an error inside the stream.
    Upstream,
    /// The completion is larger than allowed.
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// More choices, tool calls or members than allowed.
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// One chunk holds a member as one type, and a later chunk as another.
    Mismatch {
        /// The member's name, cut to 64 characters.
        member: String,
    },
}

impl Error {
    pub(super) fn mismatch(member: &str) -> Self {
        Self::Mismatch { member: member.chars().take(64).collect() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChoices => f.write_str("the stream ended without a choice"),
            Self::Upstream => f.write_str("the provider reported an error inside the stream"),
            Self::TooLong { limit } => write!(f, "the completion is longer than {limit} bytes"),
            Self::TooMany { limit } => write!(f, "the completion has more than {limit} choices, calls or members"),
            Self::Mismatch { member } => write!(f, "`{member}` changes its type from chunk to chunk"),
        }
    }
}

impl std::error::Error for Error {}

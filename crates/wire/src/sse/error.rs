use std::fmt;

/// A stream of events that goes beyond a limit. There is no other error: every byte sequence is a legal stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A line is longer than allowed.
    LineTooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// An event is larger than allowed.
    EventTooLong {
        /// The limit, in bytes.
        limit: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineTooLong { limit } => write!(f, "a line of the event stream is longer than {limit} bytes"),
            Self::EventTooLong { limit } => write!(f, "an event of the stream is larger than {limit} bytes"),
        }
    }
}

impl std::error::Error for Error {}

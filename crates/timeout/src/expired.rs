use std::{error::Error, fmt, io, time::Duration};

use llm_layers_core::Failure;

/// What ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// The time until the head of the answer.
    FirstByte,
    /// The time until a stream said something.
    FirstToken,
    /// The time between two pieces of the answer.
    Idle,
    /// The time of the attempt.
    Total,
    /// The patience with a slow stream.
    Speed,
    /// The time of the whole call.
    Deadline,
}

impl Limit {
    /// A short name, for metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstByte => "first_byte",
            Self::FirstToken => "first_token",
            Self::Idle => "idle",
            Self::Total => "total",
            Self::Speed => "speed",
            Self::Deadline => "deadline",
        }
    }
}

/// A limit has run out: the error that a body ends in when it is no stream of events.
///
/// Its source is an [`io::Error`] of the kind [`TimedOut`](io::ErrorKind::TimedOut), by which strangers know it.
#[derive(Debug)]
pub struct Expired {
    limit: Limit,
    time: Option<Duration>,
    source: io::Error,
}

impl Expired {
    pub(crate) fn new(limit: Limit, time: Option<Duration>) -> Self {
        Self { limit, time, source: io::ErrorKind::TimedOut.into() }
    }

    /// What ran out.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        self.limit
    }

    /// What the client is told.
    pub(crate) fn failure(&self) -> Failure {
        match self.limit {
            Limit::Deadline => Failure::deadline_exceeded(self.to_string()),
            _ => Failure::timed_out(self.to_string()),
        }
    }
}

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.limit {
            Limit::FirstByte => "The provider did not begin to answer in time",
            Limit::FirstToken => "The provider's model said nothing in time",
            Limit::Idle => "The provider fell silent in the middle of its answer",
            Limit::Total => "The provider's answer took too long",
            Limit::Speed => "The provider's answer came too slowly",
            Limit::Deadline => "The deadline of the call has passed",
        })?;
        match self.time {
            Some(time) => write!(f, " ({time:?})."),
            None => f.write_str("."),
        }
    }
}

impl Error for Expired {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

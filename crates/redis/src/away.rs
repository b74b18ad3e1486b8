use std::fmt;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// A call that Redis did not answer, or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    reason: Reason,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It was away a moment ago, and was not asked.
    CoolingDown,
    /// No answer within the time limit.
    TimedOut,
    /// No connection, or one that broke.
    Unreachable,
    /// It answers, but cannot serve: it is loading, out of memory, read-only, without masters, or does not know the
    /// password.
    Unavailable,
    /// It refused this one call, or answered with what was not expected.
    Refused,
}

impl Away {
    pub(crate) const fn new(reason: Reason) -> Self {
        Self { reason }
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }
}

impl Reason {
    pub(crate) fn of(error: &RedisError) -> Self {
        use ServerErrorKind as Server;
        match error.kind() {
            ErrorKind::Io if error.is_timeout() => Self::TimedOut,
            ErrorKind::Io | ErrorKind::ClusterConnectionNotFound => Self::Unreachable,
            ErrorKind::AuthenticationFailed
            | ErrorKind::InvalidClientConfig
            | ErrorKind::RESP3NotSupported
            | ErrorKind::Server(
                Server::BusyLoading | Server::ClusterDown | Server::MasterDown | Server::ReadOnly | Server::TryAgain,
            ) => Self::Unavailable,
            // Those without a kind of their own are told by their code.
            _ if matches!(error.code(), Some("OOM" | "NOAUTH" | "WRONGPASS" | "BUSY" | "MISCONF" | "NOREPLICAS")) => {
                Self::Unavailable
            }
            _ if error.is_connection_dropped() => Self::Unreachable,
            _ => Self::Refused,
        }
    }

    /// Whether the next call would fare no better.
    pub(crate) const fn is_of_the_server(self) -> bool {
        matches!(self, Self::TimedOut | Self::Unreachable | Self::Unavailable)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::CoolingDown => "cooling_down",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            Reason::CoolingDown => "Redis was away a moment ago and was not asked",
            Reason::TimedOut => "Redis did not answer in time",
            Reason::Unreachable => "Redis cannot be reached",
            Reason::Unavailable => "Redis cannot serve",
            Reason::Refused => "Redis refused the call",
        })
    }
}

impl std::error::Error for Away {}

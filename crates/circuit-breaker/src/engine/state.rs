use llm_layers_core::FailureKind;

/// Whether calls are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// All of them are.
    Closed,
    /// A share of them is, since the probes have succeeded.
    Recovering,
    /// A few of them are, to see how it goes.
    HalfOpen,
    /// None of them is.
    Open,
}

impl State {
    /// A short name, for logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Recovering => "recovering",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

/// Why a breaker has opened, or was forced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Too large a share of the calls failed.
    FailureRate,
    /// Too many calls in a row failed.
    ConsecutiveFailures,
    /// Too large a share of the calls was slow.
    SlowCalls,
    /// The first token came too late too often.
    FirstToken,
    /// The end of the answer came too late too often.
    TotalTime,
    /// A probe failed.
    Probe,
    /// The provider does not know the key.
    Unauthenticated,
    /// The key may not do this.
    Forbidden,
    /// Paid up or spent.
    Quota,
    /// Another replica has opened it.
    Peer,
    /// Somebody has forced it.
    Forced,
}

impl Reason {
    /// A short name, for metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FailureRate => "failure_rate",
            Self::ConsecutiveFailures => "consecutive_failures",
            Self::SlowCalls => "slow_calls",
            Self::FirstToken => "first_token",
            Self::TotalTime => "total_time",
            Self::Probe => "probe",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Quota => "quota",
            Self::Peer => "peer",
            Self::Forced => "forced",
        }
    }

    pub(super) const fn of_auth(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Quota => Self::Quota,
            FailureKind::Forbidden => Self::Forbidden,
            _ => Self::Unauthenticated,
        }
    }
}

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::Breaker;
use crate::{
    Verdict,
    engine::{Sample, Ticket},
};

/// A call that a breaker lets through. Dropped without a verdict it counts for nothing, as a call that was cancelled.
#[must_use]
pub struct Permit {
    breaker: Arc<Breaker>,
    ticket: Ticket,
    started: Instant,
    first_token: Option<Duration>,
    is_judged: bool,
}

impl Permit {
    pub(super) fn acquire(breaker: Arc<Breaker>, is_deployment: bool, now: Instant) -> Result<Self, Refused> {
        match breaker.acquire(now) {
            Ok(ticket) => Ok(Self { breaker, ticket, started: now, first_token: None, is_judged: false }),
            Err(retry_after) => Err(Refused { breaker, is_deployment, retry_after }),
        }
    }

    /// The answer has begun: its first token has come.
    pub fn begin(&mut self) {
        if self.first_token.is_none() {
            self.first_token = Some(Instant::now().saturating_duration_since(self.started));
            self.begin_plain();
        }
    }

    /// The answer has begun, and is one without a first token.
    pub(crate) fn begin_plain(&self) {
        if self.is_probe() {
            self.breaker.begin(self.ticket);
        }
    }

    /// The call is over, and this is what became of it.
    pub fn judge(self, verdict: Verdict) {
        self.judge_with(verdict, None);
    }

    /// The call is over, and the provider says when to come back.
    pub(crate) fn judge_with(mut self, verdict: Verdict, retry_after: Option<Duration>) {
        self.is_judged = true;
        let now = Instant::now();
        let total = now.saturating_duration_since(self.started);
        let sample = Sample { verdict, first_token: self.first_token, total, retry_after };
        self.breaker.record(self.ticket, &sample, now);
    }

    /// So long somebody waited for the client, not for the provider: that is not its fault.
    pub(crate) fn forgive(&mut self, time: Duration) {
        self.started += time;
    }

    /// Whether anybody wants to know how long the call takes.
    pub(crate) fn is_timed(&self) -> bool {
        let rules = self.breaker.rules();
        self.wants_first_token() || rules.slow_calls.is_some() || rules.max_total.is_some()
    }

    /// Whether the fate of the breaker hangs on this call.
    #[must_use]
    pub const fn is_probe(&self) -> bool {
        self.ticket.probe.is_some()
    }

    /// Whether anybody wants to know when the first token comes.
    pub(crate) fn wants_first_token(&self) -> bool {
        self.is_probe() || self.breaker.rules().max_first_token.is_some()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.is_judged {
            self.breaker.cancel(self.ticket);
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("is_probe", &self.is_probe()).finish_non_exhaustive()
    }
}

/// A call that a breaker does not let through.
pub struct Refused {
    breaker: Arc<Breaker>,
    is_deployment: bool,
    retry_after: Duration,
}

impl Refused {
    /// When to try again.
    #[must_use]
    pub const fn retry_after(&self) -> Duration {
        self.retry_after
    }

    /// The deployment whose breaker it is; `None` where the key is another one, which clients need not know.
    #[must_use]
    pub fn deployment(&self) -> Option<&str> {
        self.is_deployment.then_some(&**self.breaker.key())
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused").field("retry_after", &self.retry_after).finish_non_exhaustive()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.deployment() {
            Some(deployment) => write!(f, "The deployment `{deployment}` is failing and is not called for now.")?,
            None => f.write_str("The provider is failing and is not called for now.")?,
        }
        let seconds = self.retry_after.as_millis().div_ceil(1000).max(1);
        write!(f, " Try again in {seconds} s.")
    }
}

impl std::error::Error for Refused {}

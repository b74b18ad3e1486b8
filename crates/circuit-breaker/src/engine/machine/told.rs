//! What a machine is told from outside: by hand, and by other replicas.

#[cfg(any(test, feature = "redis"))]
use std::time::Duration;

use tokio::time::Instant;

use super::{Machine, Phase, Transition};
use crate::{
    engine::{Counts, Reason, State},
    rules::Rules,
};

impl Machine {
    /// Opens, and stays so.
    pub(crate) fn force_open(&mut self, now: Instant) {
        self.forced = true;
        self.open_until(None, Reason::Forced, now);
    }

    /// Closes, and stays so.
    pub(crate) fn force_closed(&mut self, now: Instant) {
        self.forced = true;
        self.forget_calls();
        self.enter(Phase::Closed, Some(Reason::Forced), now);
    }

    /// As new, but that an opening known of is not learnt of again.
    pub(crate) fn reset(&mut self, rules: &Rules, now: Instant) {
        let (last_until, generation) = (self.last_until, self.generation.wrapping_add(1));
        let from = self.state();
        *self = Self { last_until, generation, ..Self::new(rules, now) };
        if from != State::Closed {
            let counts = Counts::default();
            self.transitions.push(Transition { from, to: State::Closed, reason: None, until: None, counts });
        }
    }

    /// Another replica has opened for this long.
    #[cfg(any(test, feature = "redis"))]
    pub(crate) fn learn(&mut self, remaining: Duration, rules: &Rules, now: Instant) {
        /// Clocks and round trips make the same opening end at slightly different times.
        const SAME: Duration = Duration::from_secs(1);
        self.settle(rules, now);
        let until = now + remaining.min(rules.max_open_for);
        let known = self.last_until.is_some_and(|last| until <= last + SAME);
        // A half-open one finds out for itself.
        if !self.forced && !known && !matches!(self.phase, Phase::HalfOpen(_)) {
            let reason = if let Phase::Open { .. } = self.phase { self.reason } else { Some(Reason::Peer) };
            self.open_until(Some(until), reason.unwrap_or(Reason::Peer), now);
        }
    }
}

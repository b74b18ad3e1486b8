mod told;

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Counts, Mark, Reason, Sample, State,
    probes::{Judged, Probes},
    tally::Tally,
};
use crate::{
    Verdict,
    rules::{Percentile, Rules},
};

/// What a call that is let through shows when it comes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    /// Calls from before an opening say nothing of the time after it.
    pub(crate) generation: u32,
    pub(crate) probe: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Transition {
    pub(crate) from: State,
    pub(crate) to: State,
    pub(crate) reason: Option<Reason>,
    pub(crate) until: Option<Instant>,
    pub(crate) counts: Counts,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    pub(crate) state: State,
    pub(crate) forced: bool,
    pub(crate) reason: Option<Reason>,
    pub(crate) since: Instant,
    pub(crate) until: Option<Instant>,
    pub(crate) counts: Counts,
}

/// The machine of one breaker.
#[derive(Debug)]
pub(crate) struct Machine {
    phase: Phase,
    /// It stays as it is until it is reset.
    forced: bool,
    reason: Option<Reason>,
    since: Instant,
    generation: u32,
    tally: Tally,
    consecutive: u32,
    /// How often it has opened without a healthy while between.
    openings: u32,
    /// When the provider last asked to be left alone.
    asked_at: Option<Instant>,
    /// Until when it wants to be.
    asked_until: Option<Instant>,
    /// When the last opening ends or has ended.
    last_until: Option<Instant>,
    /// Empty but for a moment: whoever has caused them takes them.
    transitions: Vec<Transition>,
}

#[derive(Debug)]
enum Phase {
    Closed,
    /// Without an end where it is forced.
    Open {
        until: Option<Instant>,
    },
    HalfOpen(Probes),
    /// The share lets a call through whenever its credit has grown to a whole one.
    Recovering {
        step: usize,
        ends: Instant,
        credit: f64,
    },
}

/// The credit of a call, less what adding up fractions of two loses.
const WHOLE: f64 = 1.0 - 1e-9;
/// When to try again where nobody knows.
const SOON: Duration = Duration::from_secs(1);

impl Machine {
    pub(crate) fn new(rules: &Rules, now: Instant) -> Self {
        Self {
            phase: Phase::Closed,
            forced: false,
            reason: None,
            since: now,
            generation: 0,
            tally: Tally::new(rules.window, now),
            consecutive: 0,
            openings: 0,
            asked_at: None,
            asked_until: None,
            last_until: None,
            transitions: Vec::new(),
        }
    }

    pub(crate) const fn generation(&self) -> u32 {
        self.generation
    }

    pub(crate) const fn state(&self) -> State {
        match self.phase {
            Phase::Closed => State::Closed,
            Phase::Open { .. } => State::Open,
            Phase::HalfOpen(_) => State::HalfOpen,
            Phase::Recovering { .. } => State::Recovering,
        }
    }

    pub(crate) fn take_transitions(&mut self) -> Vec<Transition> {
        std::mem::take(&mut self.transitions)
    }

    /// Whether it must not be forgotten.
    pub(crate) fn is_kept(&self, now: Instant) -> bool {
        self.forced || self.until().is_some_and(|until| until > now)
    }

    pub(crate) const fn is_forced(&self) -> bool {
        self.forced
    }

    pub(crate) fn until(&self) -> Option<Instant> {
        match self.phase {
            Phase::Open { until } => until,
            Phase::Recovering { ends, .. } => Some(ends),
            Phase::Closed | Phase::HalfOpen(_) => None,
        }
    }

    pub(crate) fn snapshot(&mut self, rules: &Rules, now: Instant) -> Snapshot {
        self.settle(rules, now);
        Snapshot {
            state: self.state(),
            forced: self.forced,
            reason: self.reason,
            since: self.since,
            until: self.until(),
            counts: self.tally.counts(now),
        }
    }

    /// Lets a call through, or says when to try again.
    pub(crate) fn acquire(&mut self, rules: &Rules, now: Instant) -> Result<Ticket, Duration> {
        self.settle(rules, now);
        let probe = match &mut self.phase {
            Phase::Closed => None,
            Phase::Open { until } => {
                return Err(until.map_or(rules.open_for, |until| until.saturating_duration_since(now)));
            }
            Phase::HalfOpen(probes) => Some(probes.admit(rules.probes, now).ok_or(SOON)?),
            Phase::Recovering { step, credit, .. } => {
                *credit += rules.share(*step);
                if *credit < WHOLE {
                    return Err(SOON);
                }
                *credit -= 1.0;
                None
            }
        };
        Ok(Ticket { generation: self.generation, probe })
    }

    /// A call that was let through counts for nothing: its place is free.
    pub(crate) fn release(&mut self, ticket: Ticket) {
        if let Some((probes, probe)) = self.probe(ticket) {
            probes.leave(probe);
        }
    }

    /// The answer to a call has begun.
    pub(crate) fn begin(&mut self, ticket: Ticket) {
        if let Some((probes, probe)) = self.probe(ticket) {
            probes.begin(probe);
        }
    }

    fn probe(&mut self, ticket: Ticket) -> Option<(&mut Probes, u32)> {
        match &mut self.phase {
            Phase::HalfOpen(probes) if ticket.generation == self.generation => Some((probes, ticket.probe?)),
            _ => None,
        }
    }

    /// A call that was let through is over.
    pub(crate) fn record(&mut self, ticket: Ticket, sample: &Sample, rules: &Rules, now: Instant) {
        self.settle(rules, now);
        if ticket.generation != self.generation {
            return;
        }
        if let Some(wait) = sample.retry_after {
            self.asked_at = Some(now);
            self.asked_until = self.asked_until.max(Some(now + wait.min(rules.max_open_for)));
        }
        let mark = Mark::of(sample, rules);
        match sample.verdict {
            Verdict::Ignore => self.release(ticket),
            Verdict::Auth(kind) => self.open(Reason::of_auth(kind), rules, now),
            Verdict::Failure(_) | Verdict::Success => match (&mut self.phase, ticket.probe) {
                (Phase::HalfOpen(_), _) if mark.is(Mark::FAILED) => self.open(Reason::Probe, rules, now),
                (Phase::HalfOpen(_), _) if mark.is(Mark::SLOW) => self.open(Reason::SlowCalls, rules, now),
                (Phase::HalfOpen(_), _) if mark.is(Mark::LATE_FIRST) => self.open(Reason::FirstToken, rules, now),
                (Phase::HalfOpen(_), _) if mark.is(Mark::LATE_END) => self.open(Reason::TotalTime, rules, now),
                (Phase::HalfOpen(probes), Some(probe)) => {
                    if probes.succeed(probe, rules.probes) {
                        self.recover(rules, now);
                    }
                }
                _ => self.count(mark, rules, now),
            },
        }
    }

    /// Counts a call, and opens if there are too many of its kind.
    fn count(&mut self, mark: Mark, rules: &Rules, now: Instant) {
        self.tally.push(mark, now);
        self.consecutive = if mark.is(Mark::FAILED) { self.consecutive.saturating_add(1) } else { 0 };
        if rules.consecutive_failures.is_some_and(|most| self.consecutive >= most) {
            return self.open(Reason::ConsecutiveFailures, rules, now);
        }
        let counts = self.tally.counts(now);
        // While it recovers few calls come through; what sufficed to let them suffices to stop them.
        let recovering = matches!(self.phase, Phase::Recovering { .. });
        let least = if recovering { rules.least().min(rules.probes) } else { rules.least() };
        if counts.calls < least {
            return;
        }
        let share = |part: u32| f64::from(part) / f64::from(counts.calls);
        if rules.failure_rate.is_some_and(|rate| share(counts.failures) >= rate) {
            self.open(Reason::FailureRate, rules, now);
        } else if rules.slow_calls.is_some_and(|rule| share(counts.slow) >= rule.rate) {
            self.open(Reason::SlowCalls, rules, now);
        } else if counts.first_tokens >= least
            && exceeds(rules.max_first_token, counts.late_first_tokens, counts.first_tokens)
        {
            self.open(Reason::FirstToken, rules, now);
        } else if exceeds(rules.max_total, counts.late_ends, counts.calls) {
            self.open(Reason::TotalTime, rules, now);
        }
    }

    /// Does what only waited for its time.
    fn settle(&mut self, rules: &Rules, now: Instant) {
        match &mut self.phase {
            Phase::Open { until: Some(until) } if *until <= now => {
                self.forget_calls();
                self.enter(Phase::HalfOpen(Probes::default()), self.reason, now);
            }
            Phase::HalfOpen(probes) => match probes.judge(rules.probe_timeout, rules.probes, now) {
                Judged::Undecided => {}
                Judged::Succeeded => self.recover(rules, now),
                Judged::Failed => self.open(Reason::Probe, rules, now),
            },
            Phase::Recovering { step, ends, credit } => {
                while *ends <= now && *step < rules.recovery.len() {
                    *step += 1;
                    *ends += rules.recovery_step;
                    *credit = credit.max(1.0 - rules.share(*step));
                }
                if *step >= rules.recovery.len() {
                    self.close(now);
                }
            }
            Phase::Closed | Phase::Open { .. } => {}
        }
    }

    fn open(&mut self, reason: Reason, rules: &Rules, now: Instant) {
        if self.forced {
            return;
        }
        if matches!(self.phase, Phase::Closed) && now.saturating_duration_since(self.since) >= rules.reset_after {
            self.openings = 0;
        }
        let doubled = rules.open_for.saturating_mul(1 << self.openings.min(20)).min(rules.max_open_for);
        let wait = doubled.mul_f64(1.0 - rules.jitter * rules.rng.next_f64());
        let asked = self.asked_until.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero());
        let wait = match asked {
            // What another call was told is no reason for a shorter opening: little of it may be left.
            Some(asked) if self.openings == 0 && self.asked_at == Some(now) => asked,
            Some(asked) => asked.max(wait),
            None => wait,
        };
        self.openings = self.openings.saturating_add(1);
        self.open_until(Some(now + wait), reason, now);
    }

    fn open_until(&mut self, until: Option<Instant>, reason: Reason, now: Instant) {
        self.generation = self.generation.wrapping_add(1);
        self.asked_until = None;
        self.last_until = until.or(self.last_until);
        self.enter(Phase::Open { until }, Some(reason), now);
    }

    /// The probes have succeeded.
    fn recover(&mut self, rules: &Rules, now: Instant) {
        if rules.recovery.is_empty() {
            return self.close(now);
        }
        // The first call after the probes is let through.
        let credit = 1.0 - rules.share(0);
        self.enter(Phase::Recovering { step: 0, ends: now + rules.recovery_step, credit }, self.reason, now);
    }

    fn close(&mut self, now: Instant) {
        self.enter(Phase::Closed, None, now);
    }

    fn forget_calls(&mut self) {
        self.tally.clear();
        self.consecutive = 0;
    }

    fn enter(&mut self, phase: Phase, reason: Option<Reason>, now: Instant) {
        let from = self.state();
        self.phase = phase;
        self.reason = reason;
        self.since = now;
        let counts = self.tally.counts(now);
        self.transitions.push(Transition { from, to: self.state(), reason, until: self.until(), counts });
    }
}

/// Whether more calls are late than the percentile leaves out. One call alone is an accident.
fn exceeds(rule: Option<Percentile>, late: u32, all: u32) -> bool {
    // A little more than nothing, for what fractions of two lose.
    const ROUNDING: f64 = 1e-9;
    rule.is_some_and(|rule| late > 1 && f64::from(late) > f64::from(all) * (1.0 - rule.quantile) + ROUNDING)
}

#[cfg(test)]
mod tests;

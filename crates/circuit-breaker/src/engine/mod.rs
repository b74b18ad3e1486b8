//! When a breaker opens and closes: a machine of states over a window of calls. It knows neither HTTP nor locks, and
//! is told what time it is.

mod machine;
mod probes;
mod state;
mod tally;

pub(crate) use machine::{Machine, Ticket, Transition};
pub use state::{Reason, State};
pub use tally::Counts;

use std::time::Duration;

use crate::{Verdict, rules::Rules};

/// What became of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) verdict: Verdict,
    /// From the call to the first event that says something.
    pub(crate) first_token: Option<Duration>,
    /// From the call to the end of the answer.
    pub(crate) total: Duration,
    /// When to come back, as the provider says.
    pub(crate) retry_after: Option<Duration>,
}

/// What a window keeps of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark(u8);

impl Mark {
    const FAILED: u8 = 1;
    const SLOW: u8 = 2;
    /// It had a first token.
    const SPOKE: u8 = 4;
    const LATE_FIRST: u8 = 8;
    const LATE_END: u8 = 16;

    fn of(sample: &Sample, rules: &Rules) -> Self {
        let beyond = |limit: Option<Duration>, time: Duration| limit.is_some_and(|limit| time > limit);
        let late_first = |first| beyond(rules.max_first_token.map(|rule| rule.limit), first);
        let flags = [
            (Self::FAILED, matches!(sample.verdict, Verdict::Failure(_) | Verdict::Auth(_))),
            (Self::SLOW, beyond(rules.slow_calls.map(|rule| rule.over), sample.total)),
            (Self::SPOKE, sample.first_token.is_some()),
            (Self::LATE_FIRST, sample.first_token.is_some_and(late_first)),
            (Self::LATE_END, beyond(rules.max_total.map(|rule| rule.limit), sample.total)),
        ];
        Self(flags.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag).sum())
    }

    const fn is(self, flag: u8) -> bool {
        self.0 & flag != 0
    }
}

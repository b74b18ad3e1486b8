//! Requests are decided by `governor`, over a cell of ours.
//!
//! governor has no way to give a request back, which a call that one rule admits and the next refuses must get. Its
//! decisions are pure functions of a state that a [`StateStore`] keeps, so that the state can live in a [`Cell`], which
//! has one.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{NotKeyed, StateStore},
};

use super::Cell;
use crate::limits::Rate;

/// Uses one request, or says how long to wait for it. A rate without a burst lets none through: ask before.
pub(crate) fn take_request(cell: &Cell, now: u64, rate: &Rate) -> Result<(), Duration> {
    let burst = NonZeroU32::new(u32::try_from(rate.burst()).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
    let unit = Duration::from_nanos(rate.nanos(1).max(1));
    let Some(quota) = Quota::with_period(unit).map(|quota| quota.allow_burst(burst)) else { return Ok(()) };
    let limiter: RateLimiter<_, _, _, NoOpMiddleware<Nanos>> = RateLimiter::new(quota, FromNow { cell, now }, Still);
    limiter.check().map_err(|not_until| not_until.wait_time_from(Nanos::from(0)))
}

/// A cell whose times are told from now on. Those in the past are now: both mean a full burst.
struct FromNow<'a> {
    cell: &'a Cell,
    now: u64,
}

impl StateStore for FromNow<'_> {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.cell.update(|arrival| {
            let from_now = Nanos::from(arrival.saturating_sub(self.now));
            decide(Some(from_now)).map(|(outcome, next)| (outcome, self.now.saturating_add(next.as_u64())))
        })
    }
}

/// It is now.
#[derive(Clone, Copy)]
struct Still;

impl Clock for Still {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(0)
    }
}

//! What is known of a deployment from the calls that went to it.

mod fading;
mod in_flight;
mod share;
mod times;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

pub use self::in_flight::{InFlight, Outcome};
pub(crate) use self::share::Share;
use self::{
    fading::{Fading, TICKS_PER_SECOND, Tick, faded},
    times::Times,
};

/// After so many ticks an estimate is half of what it was: what has not been tried for a while is tried again.
const FADES: u32 = 300 * TICKS_PER_SECOND;

/// How a deployment has done of late. Clones of a router share it, and a reload keeps it.
#[derive(Debug, Default)]
pub struct Stats {
    in_flight: AtomicU64,
    /// In shares of 2^32.
    failures: Fading,
    /// To the first word of streams.
    first_word: Times,
    /// To the end of whole answers, which begin when they are over: another scale.
    whole: Times,
    /// The share of the prompt that was read from the cache.
    pub(crate) cached: Share,
    /// Where the last call of the conversation had gone here, too: the share of what its prompt had.
    pub(crate) warm: Share,
    /// The share of the prompt that was written to the cache unasked.
    pub(crate) written: Share,
    /// The share of answers that was thoughts.
    pub(crate) thoughts: Share,
}

impl Stats {
    /// Calls that have begun and not ended.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// The peak EWMA of the time to the first word of streams: a worse time counts at once, a better one bit by bit, and
    /// all of it fades (to a half in 5 min). `None` while there is none.
    #[must_use]
    pub fn first_word(&self, now: Instant) -> Option<Duration> {
        self.peak(Now::of(now, true)).map(|micros| Duration::from_micros(micros.into()))
    }

    /// The same of the time to the end of answers that are not streamed.
    #[must_use]
    pub fn whole(&self, now: Instant) -> Option<Duration> {
        self.peak(Now::of(now, false)).map(|micros| Duration::from_micros(micros.into()))
    }

    /// That of the two by which a call goes, in µs.
    pub(crate) fn peak(&self, now: Now) -> Option<u32> {
        self.times(now.is_streamed).peak(now.tick)
    }

    /// The share of calls that failed: an EWMA over the last ten or so, which fades (to a half in 5 min).
    #[must_use]
    pub fn failure_rate(&self, now: Instant) -> f64 {
        self.failure_rate_at(Now::of(now, true))
    }

    pub(crate) fn failure_rate_at(&self, now: Now) -> f64 {
        let (share, age) = self.failures.get(now.tick);
        f64::from(faded(share, age, FADES)) * (1.0 / u32::MAX as f64)
    }

    /// The share of prompts that was read from the provider's cache, from 0 to 1, on average over the last calls. `None`
    /// while the provider has not told.
    #[must_use]
    pub fn cached_share(&self) -> Option<f64> {
        self.cached.get().map(|share| share as f64 / Share::WHOLE as f64)
    }

    /// The 99th percentile of the time to the first word of streams over the last five minutes, as of a second ago at
    /// most. `None` while there are fewer than twenty calls.
    #[must_use]
    pub fn p99(&self, now: Instant) -> Option<Duration> {
        self.p99_at(Now::of(now, true))
    }

    /// The same of the time to the end of answers that are not streamed.
    #[must_use]
    pub fn whole_p99(&self, now: Instant) -> Option<Duration> {
        self.p99_at(Now::of(now, false))
    }

    pub(crate) fn p99_at(&self, now: Now) -> Option<Duration> {
        self.times(now.is_streamed).p99(now.tick)
    }

    const fn times(&self, is_streamed: bool) -> &Times {
        if is_streamed { &self.first_word } else { &self.whole }
    }

    fn saw_end(&self, failed: bool, now: Instant) {
        /// A call counts for a tenth.
        const NEW: u32 = 10;
        self.failures.update(Tick::of(now), |share, age| {
            let sample = if failed { u32::MAX / NEW } else { 0 };
            let kept = faded(share, age, FADES);
            (kept - kept / NEW).saturating_add(sample)
        });
    }
}

/// When a call is made, and which times it goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    tick: Tick,
    is_streamed: bool,
}

impl Now {
    pub(crate) fn of(instant: Instant, is_streamed: bool) -> Self {
        Self { tick: Tick::of(instant), is_streamed }
    }

    pub(crate) const fn is_streamed(self) -> bool {
        self.is_streamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn failures_are_a_share_and_fade() {
        let stats = Stats::default();
        for _ in 0..200 {
            stats.saw_end(true, Instant::now());
        }
        assert!((stats.failure_rate(Instant::now()) - 1.0).abs() < 0.01);
        stats.saw_end(false, Instant::now());
        assert!((stats.failure_rate(Instant::now()) - 0.9).abs() < 0.01);
        tokio::time::advance(300 * Duration::from_secs(1)).await;
        assert!((stats.failure_rate(Instant::now()) - 0.45).abs() < 0.01);
    }
}

//! What is known of a deployment from the calls that went to it.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use llm_layers_core::{FailureKind, Latencies, Usage};
use tokio::time::Instant;

use crate::affinity::Visit;

/// After so many ticks an estimate is half of what it was: what has not been tried for a while is tried again.
const FADES: u32 = 300 * TICKS_PER_SECOND;
/// After so many ticks without a call the next one counts as much as all before it.
const FORGETS: u32 = 20 * TICKS_PER_SECOND;
/// The window of the 99th percentile.
const WINDOW: Duration = Duration::from_secs(300);

/// How a deployment has done of late. Clones of a router share it, and a reload keeps it.
#[derive(Debug)]
pub struct Stats {
    in_flight: AtomicU64,
    /// In µs; 0 is unmeasured.
    first_word: Fading,
    /// In shares of 2^32.
    failures: Fading,
    latencies: Latencies,
    /// In units of 0.1 ms; 0 where there is none.
    p99: Fading,
    /// The share of the prompt that was read from the cache, of calls that were the first of a conversation here.
    pub(crate) cold: Share,
    /// The same, of calls that were not.
    pub(crate) warm: Share,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            in_flight: AtomicU64::new(0),
            first_word: Fading::default(),
            failures: Fading::default(),
            latencies: Latencies::new(WINDOW),
            p99: Fading::default(),
            cold: Share::default(),
            warm: Share::default(),
        }
    }
}

impl Stats {
    /// Calls that have begun and not ended.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// The peak EWMA of the time to the first word: a worse time counts at once, a better one bit by bit, and all of it
    /// fades (to a half in 5 min). `None` while there is none.
    #[must_use]
    pub fn first_word(&self, now: Instant) -> Option<Duration> {
        self.first_word_at(Tick::of(now)).map(|micros| Duration::from_micros(micros.into()))
    }

    /// The same in µs.
    pub(crate) fn first_word_at(&self, now: Tick) -> Option<u32> {
        let (micros, age) = self.first_word.get(now);
        (micros > 0).then(|| faded(micros, age, FADES).max(1))
    }

    /// The share of calls that failed: an EWMA over the last ten or so, which fades (to a half in 5 min).
    #[must_use]
    pub fn failure_rate(&self, now: Instant) -> f64 {
        self.failure_rate_at(Tick::of(now))
    }

    pub(crate) fn failure_rate_at(&self, now: Tick) -> f64 {
        let (share, age) = self.failures.get(now);
        f64::from(faded(share, age, FADES)) / f64::from(u32::MAX)
    }

    /// The share of prompts that was read from the provider's cache, from 0 to 1, on average over the last calls that
    /// were the first of a conversation here. `None` while the provider has not told.
    #[must_use]
    pub fn cached_share(&self) -> Option<f64> {
        self.cold.get().map(|share| share as f64 / Share::WHOLE as f64)
    }

    /// The 99th percentile of the time to the first word over the last five minutes, as of a second ago at most. `None`
    /// while there are fewer than twenty calls.
    #[must_use]
    pub fn p99(&self, now: Instant) -> Option<Duration> {
        self.p99_at(Tick::of(now))
    }

    pub(crate) fn p99_at(&self, tick: Tick) -> Option<Duration> {
        let (units, age) = self.p99.get(tick);
        let units = if age < TICKS_PER_SECOND && self.p99.is_set() {
            units
        } else {
            // A walk over a histogram under a lock: not for each choice.
            let p99 = self.latencies.quantile(0.99);
            let units = p99.map_or(0, |p99| (p99.as_micros() / 100).clamp(1, u128::from(u32::MAX)) as u32);
            self.p99.set(units, tick);
            units
        };
        (units > 0).then(|| Duration::from_micros(u64::from(units) * 100))
    }

    pub(crate) fn saw_first_word(&self, after: Duration, now: Instant) {
        self.latencies.record(after);
        let sample = after.as_micros().clamp(1, u128::from(u32::MAX)) as u32;
        self.first_word.update(Tick::of(now), |micros, age| {
            let kept = faded(micros, age, FORGETS);
            // What an old estimate has lost the new one makes up for.
            if sample >= micros { sample } else { kept.saturating_add(sample - faded(sample, age, FORGETS)) }
        });
    }

    pub(crate) fn saw_end(&self, failed: bool, now: Instant) {
        /// A call counts for a tenth.
        const NEW: u32 = 10;
        self.failures.update(Tick::of(now), |share, age| {
            let sample = if failed { u32::MAX / NEW } else { 0 };
            let kept = faded(share, age, FADES);
            (kept - kept / NEW).saturating_add(sample)
        });
    }
}

const TICKS_PER_SECOND: u32 = 64;

/// A time of tokio's clock in 64ths of a second: two years of them fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tick(u32);

impl Tick {
    pub(crate) fn of(now: Instant) -> Self {
        static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);
        let since = now.saturating_duration_since(*EPOCH);
        let ticks = since.as_secs() * u64::from(TICKS_PER_SECOND) + u64::from(since.subsec_nanos() / 15_625_000);
        // 0 is for what was never set.
        Self(u32::try_from(ticks).unwrap_or(u32::MAX).saturating_add(1))
    }
}

/// What is left of a value that is halved again and again, in a straight line between one halving and the next.
/// Integers, since a choice asks this of every deployment.
fn faded(value: u32, age: u32, halved_after: u32) -> u32 {
    let whole = value.checked_shr(age / halved_after).unwrap_or(0);
    let part = u64::from(whole) * u64::from(age % halved_after) / u64::from(2 * halved_after);
    whole - part as u32
}

/// A value and when it was set, in one word: no lock.
#[derive(Debug, Default)]
struct Fading(AtomicU64);

impl Fading {
    /// The value, and how many ticks ago it was set.
    fn get(&self, Tick(tick): Tick) -> (u32, u32) {
        unpack(self.0.load(Ordering::Relaxed), tick)
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    fn set(&self, value: u32, Tick(tick): Tick) {
        self.0.store(pack(value, tick), Ordering::Relaxed);
    }

    fn update(&self, Tick(tick): Tick, new: impl Fn(u32, u32) -> u32) {
        let update = |word| {
            let (value, age) = unpack(word, tick);
            Some(pack(new(value, age), tick))
        };
        // The closure always has a new value: there is no error.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }
}

const fn pack(value: u32, tick: u32) -> u64 {
    (value as u64) << 32 | tick as u64
}

const fn unpack(word: u64, tick: u32) -> (u32, u32) {
    ((word >> 32) as u32, tick.saturating_sub(word as u32))
}

/// A running average of something between nothing and all, in parts of [`WHOLE`](Share::WHOLE).
#[derive(Debug, Default)]
pub(crate) struct Share(Average);

impl Share {
    /// A power of two, so that a share of a number is a shift and no division.
    pub(crate) const WHOLE: u64 = 1 << 20;

    pub(crate) fn record(&self, part: u64, whole: u64) {
        if whole > 0 {
            self.0.record((u128::from(part.min(whole)) * u128::from(Self::WHOLE) / u128::from(whole)) as u64);
        }
    }

    pub(crate) fn get(&self) -> Option<u64> {
        self.0.get()
    }
}

/// A running average over the last sixteen or so.
#[derive(Debug, Default)]
pub(crate) struct Average(AtomicU64);

impl Average {
    /// Sixteenths, so that small numbers do not get stuck.
    const FINE: u64 = 16;
    /// More than any model says: an absurd report spoils the average no further.
    const MOST: u64 = 1 << 32;

    pub(crate) fn record(&self, value: u64) {
        let sample = value.min(Self::MOST) * Self::FINE;
        let update = |word: u64| {
            // 0 is none yet, what is kept is one more.
            Some(match word.checked_sub(1) {
                None => sample + 1,
                Some(average) => (average * 15 + sample) / 16 + 1,
            })
        };
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    pub(crate) fn get(&self) -> Option<u64> {
        let average = self.0.load(Ordering::Relaxed).checked_sub(1)?;
        Some((average + Self::FINE / 2) / Self::FINE)
    }
}

/// How a call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer is whole.
    Success,
    /// The provider failed. What the request is to blame for counts for nothing.
    Failure(FailureKind),
    /// The client has hung up, or another layer has refused the call: neither of the two.
    Cancelled,
}

/// A call at a deployment. Dropped without a word, it is taken for cancelled.
#[derive(Debug)]
pub struct InFlight {
    stats: Arc<Stats>,
    output: Option<Arc<Average>>,
    visit: Option<Visit>,
}

impl InFlight {
    pub(crate) fn begin(stats: &Arc<Stats>, output: Option<&Arc<Average>>, visit: Option<Visit>) -> Self {
        stats.in_flight.fetch_add(1, Ordering::Relaxed);
        Self { stats: Arc::clone(stats), output: output.cloned(), visit }
    }

    /// The first word came so long after the call.
    pub fn first_word(&self, after: Duration) {
        self.stats.saw_first_word(after, Instant::now());
    }

    /// The provider has told what the call used.
    pub fn used(&self, usage: &Usage) {
        let (prompt, cached) = (usage.prompt_tokens, usage.cached_tokens());
        match &self.visit {
            Some(visit) => {
                let share = if visit.is_warm { &self.stats.warm } else { &self.stats.cold };
                share.record(cached, prompt);
                visit.record(prompt, cached);
            }
            None => self.stats.cold.record(cached, prompt),
        }
        if let Some(output) = &self.output {
            output.record(usage.completion_tokens);
        }
    }

    /// The call is over.
    pub fn end(self, outcome: Outcome) {
        match outcome {
            Outcome::Success => self.stats.saw_end(false, Instant::now()),
            Outcome::Failure(kind) if is_the_providers(kind) => self.stats.saw_end(true, Instant::now()),
            Outcome::Failure(_) | Outcome::Cancelled => {}
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.stats.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

const fn is_the_providers(kind: FailureKind) -> bool {
    !matches!(
        kind,
        FailureKind::BadRequest
            | FailureKind::ContextLength
            | FailureKind::ContentFilter
            | FailureKind::NotFound
            | FailureKind::TooLarge
            | FailureKind::Conflict
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_peak_counts_at_once_and_fades() {
        let stats = Stats::default();
        assert_eq!(stats.first_word(Instant::now()), None);
        stats.saw_first_word(SECOND / 2, Instant::now());
        assert_eq!(stats.first_word(Instant::now()), Some(SECOND / 2));
        stats.saw_first_word(4 * SECOND, Instant::now());
        assert_eq!(stats.first_word(Instant::now()), Some(4 * SECOND));
        stats.saw_first_word(SECOND / 2, Instant::now());
        assert!(stats.first_word(Instant::now()).unwrap() > 3 * SECOND, "a better one counts bit by bit");
        tokio::time::advance(20 * SECOND).await;
        stats.saw_first_word(SECOND / 2, Instant::now());
        assert_eq!(stats.first_word(Instant::now()), Some(Duration::from_millis(2250)), "after a while for a half");
        tokio::time::advance(300 * SECOND).await;
        assert_eq!(stats.first_word(Instant::now()), Some(Duration::from_millis(1125)), "and alone it fades");
        tokio::time::advance(3_000_000 * SECOND).await;
        assert_eq!(stats.first_word(Instant::now()), Some(Duration::from_micros(1)), "it is still known to be known");
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_a_share_and_fade() {
        let stats = Stats::default();
        for _ in 0..200 {
            stats.saw_end(true, Instant::now());
        }
        assert!((stats.failure_rate(Instant::now()) - 1.0).abs() < 0.01);
        stats.saw_end(false, Instant::now());
        assert!((stats.failure_rate(Instant::now()) - 0.9).abs() < 0.01);
        tokio::time::advance(300 * SECOND).await;
        assert!((stats.failure_rate(Instant::now()) - 0.45).abs() < 0.01);
    }

    #[tokio::test(start_paused = true)]
    async fn a_percentile_is_as_of_a_second_ago_and_forgets() {
        let stats = Stats::default();
        assert_eq!(stats.p99(Instant::now()), None);
        (0..20).for_each(|_| stats.saw_first_word(3 * SECOND, Instant::now()));
        tokio::time::advance(SECOND).await;
        assert!(stats.p99(Instant::now()).unwrap().abs_diff(3 * SECOND) < SECOND / 5);
        tokio::time::advance(2 * WINDOW).await;
        assert_eq!(stats.p99(Instant::now()), None, "what nobody calls any longer is given another chance");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_in_flight_until_it_ends_however_it_ends() {
        let stats = Arc::new(Stats::default());
        let (one, two) = (InFlight::begin(&stats, None, None), InFlight::begin(&stats, None, None));
        assert_eq!(stats.in_flight(), 2);
        drop(one);
        assert_eq!((stats.in_flight(), stats.failure_rate(Instant::now())), (1, 0.0));
        two.end(Outcome::Failure(FailureKind::BadRequest));
        assert_eq!((stats.in_flight(), stats.failure_rate(Instant::now())), (0, 0.0));
        InFlight::begin(&stats, None, None).end(Outcome::Failure(FailureKind::Timeout));
        assert!(stats.failure_rate(Instant::now()) > 0.05);
    }

    #[test]
    fn averages_settle_on_what_comes() {
        let average = Average::default();
        assert_eq!(average.get(), None);
        average.record(1000);
        assert_eq!(average.get(), Some(1000));
        (0..200).for_each(|_| average.record(10));
        assert_eq!(average.get(), Some(10));
        average.record(u64::MAX);
        assert!(average.get().is_some());
        let share = Share::default();
        share.record(5, 0);
        assert_eq!(share.get(), None);
        share.record(9, 3);
        assert_eq!(share.get(), Some(Share::WHOLE), "no more than all of it");
    }
}

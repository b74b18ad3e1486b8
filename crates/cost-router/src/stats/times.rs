use std::time::Duration;

use llm_layers_core::Latencies;
use tokio::time::Instant;

use super::{
    FADES,
    fading::{Fading, TICKS_PER_SECOND, Tick, faded},
};

/// After so many ticks without a call the next one counts as much as all before it.
const FORGETS: u32 = 20 * TICKS_PER_SECOND;
/// The window of the 99th percentile.
const WINDOW: Duration = Duration::from_secs(300);

/// How long it took of late until there was something to read.
#[derive(Debug)]
pub(super) struct Times {
    /// In µs; 0 is unmeasured.
    peak: Fading,
    /// In units of 0.1 ms; 0 where there is none.
    p99: Fading,
    latencies: Latencies,
}

impl Default for Times {
    fn default() -> Self {
        Self { peak: Fading::default(), p99: Fading::default(), latencies: Latencies::new(WINDOW) }
    }
}

impl Times {
    /// The peak EWMA, in µs.
    pub(super) fn peak(&self, now: Tick) -> Option<u32> {
        let (micros, age) = self.peak.get(now);
        (micros > 0).then(|| faded(micros, age, FADES).max(1))
    }

    pub(super) fn p99(&self, now: Tick) -> Option<Duration> {
        let (units, age) = self.p99.get(now);
        let units = if age < TICKS_PER_SECOND && self.p99.is_set() {
            units
        } else {
            // A walk over a histogram under a lock: not for each choice.
            let p99 = self.latencies.quantile(0.99);
            let units = p99.map_or(0, |p99| (p99.as_micros() / 100).clamp(1, u128::from(u32::MAX)) as u32);
            self.p99.set(units, now);
            units
        };
        (units > 0).then(|| Duration::from_micros(u64::from(units) * 100))
    }

    pub(super) fn record(&self, time: Duration, now: Instant) {
        self.latencies.record(time);
        let sample = time.as_micros().clamp(1, u128::from(u32::MAX)) as u32;
        self.peak.update(Tick::of(now), |micros, age| {
            let kept = faded(micros, age, FORGETS);
            // What an old estimate has lost the new one makes up for.
            if sample >= micros { sample } else { kept.saturating_add(sample - faded(sample, age, FORGETS)) }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn peak(times: &Times) -> Option<Duration> {
        times.peak(Tick::of(Instant::now())).map(|micros| Duration::from_micros(micros.into()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_peak_counts_at_once_and_fades() {
        let times = Times::default();
        assert_eq!(peak(&times), None);
        times.record(SECOND / 2, Instant::now());
        assert_eq!(peak(&times), Some(SECOND / 2));
        times.record(4 * SECOND, Instant::now());
        assert_eq!(peak(&times), Some(4 * SECOND));
        times.record(SECOND / 2, Instant::now());
        assert!(peak(&times).unwrap() > 3 * SECOND, "a better one counts bit by bit");
        tokio::time::advance(20 * SECOND).await;
        times.record(SECOND / 2, Instant::now());
        assert_eq!(peak(&times), Some(Duration::from_millis(2250)), "after a while for a half");
        tokio::time::advance(300 * SECOND).await;
        assert_eq!(peak(&times), Some(Duration::from_millis(1125)), "and alone it fades");
        tokio::time::advance(3_000_000 * SECOND).await;
        assert_eq!(peak(&times), Some(Duration::from_micros(1)), "it is still known to be known");
    }

    #[tokio::test(start_paused = true)]
    async fn a_percentile_is_as_of_a_second_ago_and_forgets() {
        let times = Times::default();
        let p99 = || times.p99(Tick::of(Instant::now()));
        assert_eq!(p99(), None);
        (0..20).for_each(|_| times.record(3 * SECOND, Instant::now()));
        tokio::time::advance(SECOND).await;
        assert!(p99().unwrap().abs_diff(3 * SECOND) < SECOND / 5);
        tokio::time::advance(2 * WINDOW).await;
        assert_eq!(p99(), None, "what nobody calls any longer is given another chance");
    }
}

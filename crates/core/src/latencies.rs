use std::{
    array, fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long calls took of late: a histogram over a sliding window of time, from which quantiles are read.
///
/// A quantile is right to 5 % for durations from 1 ms to 30 min; shorter ones are told apart by 62 µs, longer ones are
/// taken for 35 min. A record is forgotten once it is as old as the window, at the earliest after five sixths of it.
/// It takes half a KiB, and as much again for each doubling of the duration that is recorded: 2 to 4 KiB for what one
/// model does, 10 KiB at most.
///
/// ```
/// use std::time::Duration;
/// use llm_layers_core::Latencies;
///
/// let latencies = Latencies::new(Duration::from_secs(60)).least(3);
/// latencies.record(Duration::from_millis(120));
/// latencies.record(Duration::from_millis(130));
/// assert_eq!(latencies.quantile(0.5), None, "two calls tell little");
/// latencies.record(Duration::from_millis(900));
/// let median = latencies.quantile(0.5).expect("three calls");
/// assert!(median.abs_diff(Duration::from_millis(130)) < Duration::from_millis(7));
/// ```
pub struct Latencies {
    started: Instant,
    slot: Duration,
    least: u64,
    /// Held for a few nanoseconds at a time.
    histogram: Mutex<Histogram>,
}

impl Latencies {
    /// Nothing yet, of a window of this length. A window shorter than 6 ms is taken for one of 6 ms.
    #[must_use]
    pub fn new(window: Duration) -> Self {
        let slot = (window / SLOTS as u32).max(Duration::from_millis(1));
        Self { started: Instant::now(), slot, least: 20, histogram: Mutex::new(Histogram::default()) }
    }

    /// Sets how many records it takes before there are quantiles. Default 20.
    #[must_use]
    pub const fn least(mut self, records: u64) -> Self {
        self.least = records;
        self
    }

    /// Takes in how long a call took.
    pub fn record(&self, duration: Duration) {
        self.histogram().record(duration);
    }

    /// The duration that this share of the calls did not exceed (0.99, say); `None` while there are too few.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        let histogram = self.histogram();
        (histogram.count >= self.least.max(1)).then(|| histogram.quantile(q))
    }

    /// How many records are in the window.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram().count
    }

    /// The histogram, without what has grown old.
    fn histogram(&self) -> MutexGuard<'_, Histogram> {
        // The clock is read under the lock, so that it does not run backwards between two threads.
        let mut histogram = self.histogram.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.started.elapsed().as_nanos() / self.slot.as_nanos();
        histogram.advance(u64::try_from(now).unwrap_or(u64::MAX));
        histogram
    }
}

impl fmt::Debug for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latencies")
            .field("window", &(self.slot * SLOTS as u32))
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

/// The window moves on by so many steps.
const SLOTS: usize = 6;
/// Buckets of one width each in which an octave, a doubling of the duration, is counted: a value is then at most
/// 1/32 off the middle of its bucket.
const BUCKETS: usize = 16;
/// The first octave is all that is below a millisecond, the last one ends at 35 minutes.
const OCTAVES: usize = 22;
/// The width of the narrowest buckets: a sixteenth of a millisecond.
const UNIT_NANOS: u64 = 62_500;

#[derive(Default)]
struct Histogram {
    /// The step of time that is being recorded.
    now: u64,
    count: u64,
    /// Of each slot, so that empty ones need no emptying.
    counts: [u64; SLOTS],
    octaves: [Option<Box<Octave>>; OCTAVES],
}

#[derive(Default)]
struct Octave {
    totals: [u32; BUCKETS],
    slots: [[u32; BUCKETS]; SLOTS],
}

impl Histogram {
    fn record(&mut self, duration: Duration) {
        let (octave, bucket) = place(duration);
        let slot = slot_of(self.now);
        let Some(octave) = self.octaves.get_mut(octave) else { return };
        let octave = octave.get_or_insert_default();
        let total = octave.totals.get_mut(bucket);
        let within = octave.slots.get_mut(slot).and_then(|slot| slot.get_mut(bucket));
        let (Some(total), Some(within), Some(count)) = (total, within, self.counts.get_mut(slot)) else { return };
        // A count that is full stays so: four billion calls of one kind tell no more.
        if *total < u32::MAX {
            *total += 1;
            *within += 1;
            *count += 1;
            self.count += 1;
        }
    }

    /// Empties the slots of which the time has come again.
    fn advance(&mut self, now: u64) {
        let steps = now.saturating_sub(self.now).min(SLOTS as u64);
        for step in 1..=steps {
            self.forget(slot_of(self.now.saturating_add(step)));
        }
        self.now = self.now.max(now);
    }

    fn forget(&mut self, slot: usize) {
        let Some(count) = self.counts.get_mut(slot) else { return };
        let count = std::mem::take(count);
        if count == 0 {
            return;
        }
        self.count -= count;
        for octave in self.octaves.iter_mut().flatten() {
            let Some(within) = octave.slots.get_mut(slot) else { continue };
            for (total, within) in octave.totals.iter_mut().zip(within) {
                *total -= std::mem::take(within);
            }
        }
        if self.count == 0 {
            // Nobody calls any longer: what was needed for it is given back.
            self.octaves = array::from_fn(|_| None);
        }
    }

    fn quantile(&self, q: f64) -> Duration {
        let rank = ((q * self.count as f64).ceil() as u64).clamp(1, self.count.max(1));
        let mut seen = 0;
        for (place, octave) in self.octaves.iter().enumerate() {
            let Some(octave) = octave else { continue };
            for (bucket, total) in octave.totals.iter().enumerate() {
                seen += u64::from(*total);
                if seen >= rank {
                    return middle(place, bucket);
                }
            }
        }
        Duration::ZERO
    }
}

const fn slot_of(step: u64) -> usize {
    (step % SLOTS as u64) as usize
}

/// The octave and the bucket of a duration.
fn place(duration: Duration) -> (usize, usize) {
    const LAST: u64 = (1 << (OCTAVES + 3)) - 1;
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let units = (nanos / UNIT_NANOS).min(LAST);
    let octave = units.checked_ilog2().map_or(0, |log| log.saturating_sub(3));
    let bucket = units >> octave.saturating_sub(1);
    (octave as usize, bucket as usize % BUCKETS)
}

/// The duration in the middle of a bucket.
const fn middle(octave: usize, bucket: usize) -> Duration {
    let (lower, shift) = match octave {
        0 => (bucket, 0),
        _ => (BUCKETS + bucket, octave - 1),
    };
    Duration::from_nanos(((lower as u64 * UNIT_NANOS) << shift) + ((UNIT_NANOS / 2) << shift))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn every_duration_is_near_the_middle_of_its_bucket() {
        let mut nanos = 1_000_000_u64;
        while nanos < 30 * 60 * 1_000_000_000 {
            let duration = Duration::from_nanos(nanos);
            let (octave, bucket) = place(duration);
            let off = middle(octave, bucket).abs_diff(duration).as_secs_f64() / duration.as_secs_f64();
            assert!(off <= 0.032, "{duration:?} is {off} off");
            nanos += nanos / 97 + 1;
        }
        assert_eq!(place(Duration::ZERO), (0, 0));
        assert_eq!(place(Duration::from_millis(1)), (1, 0));
        assert_eq!(place(Duration::MAX), (OCTAVES - 1, BUCKETS - 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_window_slides() {
        let latencies = Latencies::new(6 * SECOND).least(1);
        assert_eq!((latencies.count(), latencies.quantile(0.5)), (0, None));
        latencies.record(SECOND);
        tokio::time::advance(Duration::from_millis(5_999)).await;
        latencies.record(Duration::from_millis(10));
        assert_eq!(latencies.count(), 2);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(latencies.count(), 1, "the first one is as old as the window");
        tokio::time::advance(1000 * SECOND).await;
        assert_eq!((latencies.count(), latencies.quantile(0.5)), (0, None));
        assert!(latencies.histogram().octaves.iter().all(Option::is_none), "the memory is given back");
    }

    #[tokio::test(start_paused = true)]
    async fn odd_questions_have_answers() {
        let latencies = Latencies::new(Duration::ZERO).least(0);
        assert_eq!(latencies.quantile(0.5), None);
        latencies.record(SECOND);
        for q in [-1.0, 0.0, 1.0, 7.0, f64::NAN, f64::INFINITY] {
            assert!(latencies.quantile(q).unwrap().abs_diff(SECOND) < Duration::from_millis(50), "{q}");
        }
    }

    #[test]
    fn a_thousand_fit() {
        let latencies = Latencies::new(SECOND);
        // What one model does: from 200 ms to 20 s.
        for millis in (200..20_000).step_by(7) {
            latencies.record(Duration::from_millis(millis));
        }
        let used = latencies.histogram().octaves.iter().flatten().count();
        let size = size_of::<Latencies>() + used * size_of::<Octave>();
        assert!(size <= 4 << 10, "{size} bytes");
        assert!(size_of::<Latencies>() + OCTAVES * size_of::<Octave>() <= 10 << 10);
    }

    #[test]
    fn threads_lose_nothing() {
        let latencies = Latencies::new(3600 * SECOND);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let latencies = &latencies;
                scope.spawn(move || (0..1000).for_each(|i| latencies.record(Duration::from_millis(thread * i))));
            }
        });
        assert_eq!(latencies.count(), 4000);
    }

    fn duration() -> impl Strategy<Value = Duration> {
        prop_oneof![1_000..60_000_000_u64, 60_000_000..1_200_000_000_u64].prop_map(Duration::from_micros)
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_a_sorted_list(
            steps in prop::collection::vec((0..900_u64, duration()), 1..300),
            q in 0.0..=1.0_f64,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let window = Duration::from_secs(60);
                let (latencies, started) = (Latencies::new(window).least(1), Instant::now());
                let mut list = Vec::new();
                for (pause, duration) in steps {
                    tokio::time::advance(Duration::from_millis(pause)).await;
                    latencies.record(duration);
                    list.push((started.elapsed(), duration));
                }
                let step = |at: Duration| at.as_secs() / 10;
                let now = started.elapsed();
                let counted: Vec<_> = list.iter().filter(|(at, _)| step(now) - step(*at) < 6).collect();
                for (at, _) in &list {
                    let age = now - *at;
                    assert!(age < window || step(now) - step(*at) >= 6, "what is old is forgotten");
                    assert!(age >= window * 5 / 6 || step(now) - step(*at) < 6, "what is young is kept");
                }
                let mut sorted: Vec<_> = counted.iter().map(|(_, duration)| *duration).collect();
                sorted.sort_unstable();
                assert_eq!(latencies.count(), sorted.len() as u64);
                let rank = ((q * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len());
                let exact = sorted[rank - 1];
                let off = latencies.quantile(q).unwrap().abs_diff(exact).as_secs_f64() / exact.as_secs_f64();
                assert!(off <= 0.05, "{off} off {exact:?}");
            });
        }
    }
}

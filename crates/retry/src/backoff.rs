use std::time::Duration;

use llm_layers_core::Rng;
use tokio::time::{Sleep, sleep};
use tower::retry::backoff::Backoff;

/// Waits anywhere between nothing and a ceiling that doubles each time: "full jitter".
///
/// Of the usual kinds it spreads clients best, since it leaves no moment at which they all come back (Marc Brooker,
/// "Exponential Backoff And Jitter", AWS, 2015). Waits are whole milliseconds, as finely as tokio's timers count.
#[derive(Clone, Debug)]
pub(crate) struct FullJitter {
    base: Duration,
    max: Duration,
    rng: Rng,
    waits: u32,
}

impl FullJitter {
    pub(crate) const fn new(base: Duration, max: Duration, rng: Rng) -> Self {
        Self { base, max, rng, waits: 0 }
    }

    /// The wait that a provider asked for, and a little more: of a thousand clients told the same, all would come
    /// back at once. The more is chance, up to 100 ms and a tenth of the wait, of which a second counts at most.
    pub(crate) fn asked(&self, wait: Duration) -> Sleep {
        let more = (wait / 10).min(Duration::from_secs(1)) + Duration::from_millis(100);
        sleep(wait + self.part_of(more))
    }

    fn part_of(&self, ceiling: Duration) -> Duration {
        let millis = ceiling.as_secs_f64() * 1000.0 * self.rng.next_f64();
        Duration::try_from_secs_f64(millis.floor() / 1000.0).unwrap_or(ceiling)
    }
}

impl Backoff for FullJitter {
    type Future = Sleep;

    fn next_backoff(&mut self) -> Sleep {
        let factor = 2_u32.saturating_pow(self.waits);
        self.waits = self.waits.saturating_add(1);
        sleep(self.part_of(self.base.saturating_mul(factor).min(self.max)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};
    use tokio::time::Instant;

    use super::*;

    fn waits(seed: u64, base: u64, max: u64) -> Vec<u64> {
        let mut backoff = FullJitter::new(Duration::from_millis(base), Duration::from_millis(max), Rng::seeded(seed));
        let now = Instant::now();
        (0..40).map(|_| backoff.next_backoff().deadline().duration_since(now).as_millis() as u64).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_ceiling_doubles_up_to_the_longest() {
        // The longest of many waits comes close to the ceiling, and none is above.
        let mut longest = [0; 40];
        for seed in 0..500 {
            for (longest, wait) in longest.iter_mut().zip(waits(seed, 100, 1500)) {
                *longest = wait.max(*longest);
            }
        }
        for (n, longest) in longest.into_iter().enumerate() {
            let ceiling = (100 << n.min(20)).min(1500);
            assert!(longest < ceiling && longest > ceiling * 9 / 10, "{n}: {longest}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_seed_repeats_itself() {
        assert_eq!(waits(7, 500, 8000), waits(7, 500, 8000));
        assert_ne!(waits(7, 500, 8000), waits(8, 500, 8000));
    }

    proptest! {
        #[test]
        fn no_wait_is_beyond_its_bounds(seed: u64, base in 0_u64..1 << 40, max in 0_u64..1 << 40, asked in 0_u64..1 << 30) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let _entered = runtime.enter();
            prop_assert!(waits(seed, base, max).iter().all(|wait| *wait <= max));
            let asked = Duration::from_millis(asked);
            let backoff = FullJitter::new(Duration::ZERO, Duration::ZERO, Rng::seeded(seed));
            let wait = backoff.asked(asked).deadline().duration_since(Instant::now());
            prop_assert!(wait >= asked && wait <= asked + (asked / 10).min(Duration::from_secs(1)) + Duration::from_millis(100));
        }
    }
}

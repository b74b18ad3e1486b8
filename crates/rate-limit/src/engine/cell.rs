use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::limits::Rate;

/// A debt grows no larger than what comes back in these nanoseconds: a provider that reports nonsense locks nobody out.
pub(crate) const MAX_DEBT: u64 = 3600 * 1_000_000_000;

/// The state of one limit of one key: its theoretical arrival time, in nanoseconds since the limiter began. Lock-free.
///
/// Time is always the caller's. One that runs backwards between two callers harms nothing.
#[derive(Debug, Default)]
pub(crate) struct Cell(AtomicU64);

impl Cell {
    /// Uses so many units, or says how long to wait for them. More units than the burst never fit: ask before.
    pub(crate) fn take(&self, now: u64, rate: &Rate, units: u64) -> Result<(), Duration> {
        let (cost, burst) = (rate.nanos(units), rate.nanos(rate.burst()));
        self.update(|arrival| {
            let next = arrival.max(now).saturating_add(cost);
            let latest = now.saturating_add(burst);
            if next > latest { Err(Duration::from_nanos(next - latest)) } else { Ok(((), next)) }
        })
    }

    /// Uses so many units that were used already, whether they are there or not.
    pub(crate) fn charge(&self, now: u64, rate: &Rate, units: u64) {
        let cost = rate.nanos(units);
        let most = now.saturating_add(rate.nanos(rate.burst())).saturating_add(MAX_DEBT);
        // What is beyond the bound stays, where a limit has become smaller meanwhile.
        let _ = self.update(|arrival| Ok::<_, ()>(((), arrival.max(now).saturating_add(cost).min(most.max(arrival)))));
    }

    /// Gives back units that were not used. An arrival time in the past means a full burst, and no more than that.
    pub(crate) fn give_back(&self, rate: &Rate, units: u64) {
        let cost = rate.nanos(units);
        let _ = self.update(|arrival| Ok::<_, ()>(((), arrival.saturating_sub(cost))));
    }

    /// How long until all is there again.
    pub(crate) fn ahead(&self, now: u64) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed).saturating_sub(now))
    }

    /// Changes the arrival time; `next` may be asked again when another was faster.
    pub(super) fn update<T, E>(&self, next: impl Fn(u64) -> Result<(T, u64), E>) -> Result<T, E> {
        // The number stands for itself: nothing else is published by it.
        let mut arrival = self.0.load(Ordering::Relaxed);
        loop {
            let (outcome, new) = next(arrival)?;
            match self.0.compare_exchange_weak(arrival, new, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(outcome),
                Err(other) => arrival = other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Limits, engine::take_request};

    const MINUTE: u64 = 60_000_000_000;

    /// A bucket, as one would write it without a second thought: units times nanoseconds, exactly.
    struct Bucket {
        level: i128,
        at: u64,
        number: i128,
        burst: i128,
    }

    impl Bucket {
        fn new(number: u64, burst: u64) -> Self {
            let burst = i128::from(burst) * i128::from(MINUTE);
            Self { level: burst, at: 0, number: number.into(), burst }
        }

        fn refill(&mut self, now: u64) {
            self.level = (self.level + i128::from(now - self.at) * self.number).min(self.burst);
            self.at = now;
        }

        fn take(&mut self, now: u64, units: u64) -> bool {
            self.refill(now);
            let cost = i128::from(units) * i128::from(MINUTE);
            let fits = self.level >= cost;
            self.level -= if fits { cost } else { 0 };
            fits
        }

        fn add(&mut self, now: u64, units: i64) {
            self.refill(now);
            self.level = (self.level + i128::from(units) * i128::from(MINUTE)).min(self.burst);
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Wait(u64),
        Take(u64),
        Charge(u64),
        GiveBack(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (0..20_000_000_000u64).prop_map(Step::Wait),
            (0..40u64).prop_map(Step::Take),
            (0..40u64).prop_map(Step::Charge),
            (0..40u64).prop_map(Step::GiveBack),
        ];
        proptest::collection::vec(step, 1..80)
    }

    /// Numbers that divide a minute's nanoseconds, so that both count exactly.
    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![Just(1u64), Just(2), Just(6), Just(60), Just(600), Just(1000), Just(60_000)]
    }

    proptest! {
        #[test]
        fn it_decides_as_the_naive_bucket(number in number(), burst in 1..60u64, steps in steps()) {
            let rate = Limits::new().tokens_per_minute(number).token_burst(burst).token_rate().expect("a rate");
            let (cell, mut bucket, mut now) = (Cell::default(), Bucket::new(number, burst), 0u64);
            for step in steps {
                match step {
                    Step::Wait(nanos) => now += nanos,
                    Step::Take(units) if units <= burst => {
                        let taken = cell.take(now, &rate, units);
                        prop_assert_eq!(taken.is_ok(), bucket.take(now, units));
                        if let Err(wait) = taken {
                            // Exactly then, and not a moment before.
                            let wait = wait.as_nanos() as u64;
                            let probe = Cell(AtomicU64::new(cell.0.load(Ordering::Relaxed)));
                            prop_assert!(probe.take(now + wait - 1, &rate, units).is_err());
                            prop_assert!(probe.take(now + wait, &rate, units).is_ok());
                        }
                    }
                    Step::Take(_) => {}
                    Step::Charge(units) if bucket.level - i128::from(units) * i128::from(MINUTE) > 0 => {
                        cell.charge(now, &rate, units);
                        bucket.add(now, -(units as i64));
                    }
                    Step::Charge(_) => {}
                    Step::GiveBack(units) => {
                        cell.give_back(&rate, units);
                        bucket.add(now, units as i64);
                    }
                }
                bucket.refill(now);
                let whole = u64::try_from(bucket.level / i128::from(MINUTE)).expect("never below zero here");
                prop_assert_eq!(rate.level(cell.ahead(now)).remaining, whole);
            }
        }

        #[test]
        fn nothing_gives_more_than_the_burst(number in number(), burst in 1..60u64, steps in steps()) {
            let rate = Limits::new().tokens_per_minute(number).token_burst(burst).token_rate().expect("a rate");
            let (cell, mut now) = (Cell::default(), 0u64);
            for step in steps {
                match step {
                    Step::Wait(nanos) => now += nanos,
                    Step::Take(units) => drop(cell.take(now, &rate, units)),
                    Step::Charge(units) => cell.charge(now, &rate, units),
                    Step::GiveBack(units) => cell.give_back(&rate, units),
                }
                let taken = (0..=burst).take_while(|_| {
                    let probe = Cell(AtomicU64::new(cell.0.load(Ordering::Relaxed)));
                    let all = probe.take(now, &rate, burst).is_ok();
                    all && probe.take(now, &rate, 1).is_ok()
                });
                prop_assert_eq!(taken.count(), 0, "a burst and one more");
                prop_assert!(cell.ahead(now).as_nanos() as u64 <= rate.nanos(burst) + MAX_DEBT);
            }
        }

        #[test]
        fn requests_are_decided_as_tokens_of_one(number in number(), burst in 1..60u32, steps in steps()) {
            let limits = Limits::new().requests_per_minute(number as u32).burst(burst);
            let rate = limits.request_rate().expect("a rate");
            let (one, other, mut now) = (Cell::default(), Cell::default(), 0u64);
            for step in steps {
                if let Step::Wait(nanos) = step {
                    now += nanos;
                }
                prop_assert_eq!(take_request(&one, now, &rate), other.take(now, &rate, 1));
                prop_assert_eq!(one.ahead(now), other.ahead(now));
            }
        }
    }

    #[test]
    fn a_debt_is_bounded_and_paid_off() {
        let rate = Limits::new().tokens_per_minute(60).token_rate().expect("a rate");
        let cell = Cell::default();
        cell.charge(0, &rate, u64::MAX);
        assert_eq!(cell.ahead(0), Duration::from_secs(60 + 3600));
        assert_eq!(cell.take(0, &rate, 1), Err(Duration::from_secs(3601)));
        assert_eq!(cell.take(3_601_000_000_000, &rate, 1), Ok(()));
    }

    #[test]
    fn threads_take_no_more_than_there_is() {
        let rate = Limits::new().requests_per_minute(1000).request_rate().expect("a rate");
        let cell = Cell::default();
        let taken: usize = std::thread::scope(|scope| {
            let takers: Vec<_> =
                (0..8).map(|_| scope.spawn(|| (0..500).filter(|_| cell.take(0, &rate, 1).is_ok()).count())).collect();
            takers.into_iter().map(|taker| taker.join().expect("no panic")).sum()
        });
        assert_eq!(taken, 1000);
    }
}

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use tower::retry::budget::Budget;

/// A budget of a share of all calls, however seldom they come.
///
/// tower's forgets what it has been given within a minute, and would never let a twentieth of three calls a minute
/// through. What is saved up here is bounded instead, so that a quiet night does not pay for a storm.
#[derive(Debug)]
pub(super) struct Share {
    /// In millionths of a call.
    saved: AtomicI64,
    each: i64,
}

const CALL: i64 = 1_000_000;
/// So many calls can be saved up.
const MOST: i64 = 10 * CALL;

impl Share {
    /// Of 20 calls one may be hedged where the ratio is 0.05. A ratio is held to be from 0 to 1.
    pub(super) fn new(ratio: f64) -> Self {
        let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) };
        Self { saved: AtomicI64::new(0), each: (ratio * CALL as f64).round() as i64 }
    }
}

impl Budget for Share {
    fn deposit(&self) {
        let _ = self.saved.fetch_update(Relaxed, Relaxed, |saved| Some((saved + self.each).min(MOST)));
    }

    fn withdraw(&self) -> bool {
        self.saved.fetch_update(Relaxed, Relaxed, |saved| (saved >= CALL).then(|| saved - CALL)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many calls are hedged, if all want to be.
    fn hedged(share: &Share, calls: usize) -> usize {
        let wants = |_: &usize| {
            share.deposit();
            share.withdraw()
        };
        (0..calls).filter(wants).count()
    }

    #[test]
    fn a_share_is_a_share() {
        for (ratio, expected) in
            [(0.05, 50), (0.0, 0), (1.0, 1000), (0.333, 333), (f64::NAN, 0), (-1.0, 0), (9.0, 1000)]
        {
            assert_eq!(hedged(&Share::new(ratio), 1000), expected, "{ratio}");
        }
    }

    #[test]
    fn no_more_than_ten_calls_are_saved_up() {
        let share = Share::new(0.5);
        (0..10_000).for_each(|_| share.deposit());
        assert_eq!((0..100).filter(|_| share.withdraw()).count(), 10);
    }
}

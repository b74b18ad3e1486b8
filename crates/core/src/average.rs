use std::sync::atomic::{AtomicU64, Ordering};

/// A running average over the last sixteen or so: how long answers are, say. No lock, and no allocation.
///
/// ```
/// use llm_layers_core::Average;
///
/// let average = Average::default();
/// assert_eq!(average.get(), None);
/// average.record(100);
/// average.record(116);
/// assert_eq!(average.get(), Some(101));
/// ```
#[derive(Debug, Default)]
pub struct Average(AtomicU64);

impl Average {
    /// More than any model says: an absurd report spoils the average no further.
    pub const MOST: u64 = 1 << 32;
    /// Fractions of which a sixteenth is still much less than a half: small numbers do not get stuck.
    const FINE: u64 = 256;

    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts a value for a sixteenth, the first one for all. One beyond [`MOST`](Self::MOST) counts as that.
    pub fn record(&self, value: u64) {
        let sample = value.min(Self::MOST) * Self::FINE;
        let update = |word: u64| {
            // 0 is none yet, what is kept is one more.
            Some(match word.checked_sub(1) {
                None => sample + 1,
                Some(average) => (average * 15 + sample) / 16 + 1,
            })
        };
        // The closure always has a new value: there is no error.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    /// The average, rounded; `None` while there is nothing to make one of.
    #[must_use]
    pub fn get(&self) -> Option<u64> {
        let average = self.0.load(Ordering::Relaxed).checked_sub(1)?;
        Some((average + Self::FINE / 2) / Self::FINE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_small_and_great_numbers_and_forgets_absurd_ones() {
        let average = Average::new();
        average.record(0);
        assert_eq!(average.get(), Some(0), "nothing is a number");
        for goal in [1, 7, 8_000, 0, 3] {
            (0..300).for_each(|_| average.record(goal));
            assert_eq!(average.get(), Some(goal));
        }
        average.record(u64::MAX);
        assert!(average.get().is_some_and(|average| average <= Average::MOST / 16 + 3));
    }
}

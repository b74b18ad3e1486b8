use std::sync::{Arc, Mutex, PoisonError};

/// Chance: jitter, probes, ids. Seeded, it repeats itself, so that a test can be right every time.
///
/// Clones draw from the same sequence.
#[derive(Clone, Debug, Default)]
pub struct Rng {
    seeded: Option<Arc<Mutex<fastrand::Rng>>>,
}

impl Rng {
    /// Chance that differs in every process.
    #[must_use]
    pub const fn new() -> Self {
        Self { seeded: None }
    }

    /// Chance that repeats itself.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seeded: Some(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)))) }
    }

    /// A number of 64 random bits. Not fit for secrets.
    #[must_use]
    pub fn next_u64(&self) -> u64 {
        self.draw(|rng| rng.u64(..))
    }

    /// A number from 0 up to, but without, 1.
    #[must_use]
    pub fn next_f64(&self) -> f64 {
        self.draw(fastrand::Rng::f64)
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        match &self.seeded {
            // Chance knows no broken state: a lock that a panic left is as good as any.
            Some(rng) => draw(&mut rng.lock().unwrap_or_else(PoisonError::into_inner)),
            // A generator of its own for each thread: no lock.
            None => draw(&mut fastrand::Rng::with_seed(fastrand::u64(..))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_clones_share_it() {
        let (a, b) = (Rng::seeded(7), Rng::seeded(7));
        let clone = b.clone();
        assert_eq!([a.next_u64(), a.next_u64()], [b.next_u64(), clone.next_u64()]);
        assert!((0.0..1.0).contains(&Rng::new().next_f64()));
    }
}

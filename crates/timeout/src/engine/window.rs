use std::time::Duration;

use crate::MinSpeed;

/// A window is looked at so many times on its way.
const STEPS: u8 = 4;

/// Tokens of the last while, in waiting time, held against a least speed.
#[derive(Debug)]
pub(crate) struct Window {
    /// So many tokens must come in a window.
    least: f64,
    step: Duration,
    step_ends: Duration,
    /// Tokens of this step, and of those before.
    counts: [u32; STEPS as usize],
    /// Steps that have passed; no more are counted than make a window.
    passed: u8,
}

impl Window {
    pub(super) fn new(speed: MinSpeed, now: Duration) -> Self {
        // A product of two decimals may come out a hair above the whole number that was meant.
        let least = speed.tokens_per_second() * speed.over().as_secs_f64() * (1.0 - 1e-9);
        let step = speed.over() / u32::from(STEPS);
        Self { least, step, step_ends: now.saturating_add(step), counts: [0; STEPS as usize], passed: 0 }
    }

    pub(crate) const fn add(&mut self, tokens: u32) {
        let [newest, ..] = &mut self.counts;
        *newest = newest.saturating_add(tokens);
    }

    pub(super) const fn step_ends(&self) -> Duration {
        self.step_ends
    }

    /// A step has passed. Says whether the speed was kept, as far as a whole window has passed to say so.
    pub(super) fn pass(&mut self) -> bool {
        self.passed = self.passed.saturating_add(1).min(STEPS);
        let sum: f64 = self.counts.iter().copied().map(f64::from).sum();
        let kept = self.passed < STEPS || sum >= self.least;
        self.counts.rotate_right(1);
        let [newest, ..] = &mut self.counts;
        *newest = 0;
        self.step_ends = self.step_ends.saturating_add(self.step);
        kept
    }
}

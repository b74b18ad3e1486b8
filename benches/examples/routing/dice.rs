//! Chance that belongs to what it is about: the same request meets the same luck whatever was chosen before.

/// Throws for one thing: a seed and what it is about.
#[derive(Clone, Copy)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// Dice of their own for a part of it.
    pub(crate) fn of(self, part: u64) -> Self {
        Self(mix(self.0 ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 up to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From one number up to, but without, another.
    pub(crate) fn between(&mut self, from: usize, to: usize) -> usize {
        from + (self.unit() * (to - from) as f64) as usize
    }

    /// From one number to another, small ones as often as large ones: each doubling is as likely as any.
    pub(crate) fn log_between(&mut self, from: f64, to: f64) -> f64 {
        from * (to / from).powf(self.unit())
    }

    /// Around 1, half of them below: a log-normal variable.
    pub(crate) fn log_normal(&mut self, sigma: f64) -> f64 {
        let (radius, angle) = ((-2.0 * (1.0 - self.unit()).ln()).sqrt(), self.unit() * std::f64::consts::TAU);
        (radius * angle.cos() * sigma).exp()
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.between(0, from.len())]
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use tokio::time::Instant;

pub(super) const TICKS_PER_SECOND: u32 = 64;

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
pub(super) fn faded(value: u32, age: u32, halved_after: u32) -> u32 {
    let whole = value.checked_shr(age / halved_after).unwrap_or(0);
    let part = u64::from(whole) * u64::from(age % halved_after) / u64::from(2 * halved_after);
    whole - part as u32
}

/// A value and when it was set, in one word: no lock.
#[derive(Debug, Default)]
pub(super) struct Fading(AtomicU64);

impl Fading {
    /// The value, and how many ticks ago it was set.
    pub(super) fn get(&self, Tick(tick): Tick) -> (u32, u32) {
        unpack(self.0.load(Ordering::Relaxed), tick)
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    pub(super) fn set(&self, value: u32, Tick(tick): Tick) {
        self.0.store(pack(value, tick), Ordering::Relaxed);
    }

    pub(super) fn update(&self, Tick(tick): Tick, new: impl Fn(u32, u32) -> u32) {
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

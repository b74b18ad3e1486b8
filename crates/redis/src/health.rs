//! Whether Redis is there, and who may look whether it is back.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Away from the first failure until a call succeeds.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// The same as whether there is a cool-down; without a lock, for the calls of all good days.
    away: AtomicBool,
    /// Counts the cool-downs and returns: a call that began before the last of them says nothing new by failing.
    generation: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    cool_down: Option<Duration>,
    until: Option<Instant>,
    is_probed: bool,
}

/// Leave to ask. Dropped without a verdict (its call was cancelled), it changes nothing.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    health: &'a Health,
    generation: u64,
    is_probe: bool,
}

/// What a verdict has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    Gone(Duration),
    /// It was away, and has not answered again.
    StillGone(Duration),
    Back,
}

impl Health {
    pub(crate) fn is_away(&self) -> bool {
        self.away.load(Ordering::Acquire)
    }

    /// `None` while it cools down, or while another call is looking.
    pub(crate) fn pass(&self) -> Option<Pass<'_>> {
        // In this order: a call that is let go as one of a good day must not pass for one of a later.
        let generation = self.generation();
        if !self.is_away() {
            return Some(Pass { health: self, generation, is_probe: false });
        }
        let mut state = self.lock();
        if state.is_probed || state.until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        // It may have come back since the look without the lock; then this is a call like any other.
        let is_probe = state.until.is_some();
        state.is_probed = is_probe;
        Some(Pass { health: self, generation: self.generation(), is_probe })
    }

    /// Whether a call now would not be asked.
    pub(crate) fn is_cooling_down(&self) -> bool {
        self.is_away() && {
            let state = self.lock();
            state.is_probed || state.until.is_some_and(|until| Instant::now() < until)
        }
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in it is ever half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    pub(crate) fn succeeded(self) -> Change {
        if !self.health.is_away() {
            return Change::Nothing;
        }
        let mut state = self.health.lock();
        if self.is_old() {
            return Change::Nothing;
        }
        *state = State::default();
        self.health.generation.fetch_add(1, Ordering::Release);
        self.health.away.store(false, Ordering::Release);
        Change::Back
    }

    pub(crate) fn failed(self) -> Change {
        let mut state = self.health.lock();
        if self.is_old() {
            return Change::Nothing;
        }
        let before = state.cool_down;
        let cool_down = before.map_or(FIRST, |last| (last * 2).min(LONGEST));
        self.health.generation.fetch_add(1, Ordering::Release);
        state.cool_down = Some(cool_down);
        state.until = Some(Instant::now() + cool_down);
        state.is_probed = false;
        self.health.away.store(true, Ordering::Release);
        if before.is_some() { Change::StillGone(cool_down) } else { Change::Gone(cool_down) }
    }

    fn is_old(&self) -> bool {
        self.health.generation() != self.generation
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            let mut state = self.health.lock();
            if !self.is_old() {
                state.is_probed = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn cool_downs_grow_and_one_call_at_a_time_looks() {
        let health = Health::default();
        assert_eq!(health.pass().expect("there").failed(), Change::Gone(FIRST));
        for millis in [100, 200, 400, 800, 1600, 3200, 5000, 5000] {
            let cool_down = Duration::from_millis(millis);
            advance(cool_down - Duration::from_millis(1)).await;
            assert!(health.pass().is_none() && health.is_cooling_down(), "not before {millis} ms");
            advance(Duration::from_millis(1)).await;
            assert!(!health.is_cooling_down());
            let probe = health.pass().expect("after the cool-down");
            assert!(health.pass().is_none(), "one at a time");
            assert_eq!(probe.failed(), Change::StillGone((cool_down * 2).min(LONGEST)));
        }
        advance(LONGEST).await;
        assert_eq!(health.pass().expect("after the cool-down").succeeded(), Change::Back);
        assert!(!health.is_away());
        assert_eq!(health.pass().expect("there").failed(), Change::Gone(FIRST), "from the beginning");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_began_together_begin_one_cool_down() {
        let health = Health::default();
        let (first, second, third) = (health.pass(), health.pass(), health.pass());
        assert_eq!(first.expect("there").failed(), Change::Gone(FIRST));
        assert_eq!(second.expect("there").failed(), Change::Nothing);
        assert_eq!(third.expect("there").succeeded(), Change::Nothing, "an old success is no news either");
        assert!(health.is_away());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_look_lets_another_look() {
        let health = Health::default();
        health.pass().expect("there").failed();
        advance(FIRST).await;
        drop(health.pass().expect("after the cool-down"));
        assert!(health.pass().is_some());
    }
}

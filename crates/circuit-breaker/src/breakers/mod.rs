mod breaker;
mod permit;
mod registry;

use std::{fmt, sync::Arc};

use tokio::{sync::broadcast, time::Instant};

pub(crate) use breaker::Breaker;
pub use permit::{Permit, Refused};
use registry::Registry;

use crate::{Counts, Reason, Rules, State, key::Key};

/// The breakers of a layer: seen, watched and steered.
///
/// Clones share them. It also guards calls that are not HTTP: see [`acquire`](Self::acquire).
#[derive(Clone)]
pub struct Breakers {
    registry: Arc<Registry>,
}

/// How one breaker is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// What it is the breaker of.
    pub key: Arc<str>,
    /// Whether calls are let through.
    pub state: State,
    /// Whether it stays so until it is reset.
    pub forced: bool,
    /// Why it opened; `None` for a closed one.
    pub reason: Option<Reason>,
    /// Since when it is in this state.
    pub since: Instant,
    /// When an open one lets the first probe through, or a recovering one a larger share.
    pub until: Option<Instant>,
    /// The calls in its window. Those of an open one are those for which it opened, as far as they are in it still.
    pub counts: Counts,
    /// How many calls it has refused since it was made.
    pub refused: u64,
}

/// A breaker has changed its state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// What it is the breaker of.
    pub key: Arc<str>,
    /// The state before.
    pub from: State,
    /// The state now; that of before where an opening got longer.
    pub to: State,
    /// Why it opened; `None` once it has closed.
    pub reason: Option<Reason>,
    /// When it happened.
    pub at: Instant,
    /// When an open one lets the first probe through, or a recovering one a larger share.
    pub until: Option<Instant>,
    /// The calls in its window then.
    pub counts: Counts,
}

impl Breakers {
    /// Breakers by these rules.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self { registry: Arc::new(Registry::new(rules)) }
    }

    /// How all of them are, in the order of their keys.
    #[must_use]
    pub fn list(&self) -> Vec<Status> {
        let now = Instant::now();
        let mut list: Vec<_> = self.registry.all(now).iter().map(|breaker| breaker.status(now)).collect();
        list.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        list
    }

    /// How one of them is; `None` where there has been no call of that key, or none for long.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Status> {
        let now = Instant::now();
        Some(self.registry.find(Key::of(key).name())?.status(now))
    }

    /// Whether calls of a key are refused now: cheap enough to be asked of many keys for each call. One that is due for
    /// a probe is not.
    #[must_use]
    pub fn is_open(&self, key: &str) -> bool {
        self.registry.find(Key::of(key).name()).is_some_and(|breaker| breaker.is_open(Instant::now()))
    }

    /// The changes from now on.
    ///
    /// The last 256 of them are kept: whoever is too slow misses some, and learns of it. Nobody waits for it.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Change> {
        self.registry.settings().changes.subscribe()
    }

    /// Opens a breaker, which stays so until it is [`reset`](Self::reset).
    pub fn force_open(&self, key: &str) {
        let now = Instant::now();
        self.breaker(key, now).change(now, |machine, _| machine.force_open(now));
    }

    /// Closes a breaker, which stays so, whatever comes of the calls, until it is [`reset`](Self::reset).
    pub fn force_closed(&self, key: &str) {
        let now = Instant::now();
        self.breaker(key, now).change(now, |machine, _| machine.force_closed(now));
    }

    /// Closes a breaker, forgets its past, and leaves it to its rules.
    pub fn reset(&self, key: &str) {
        let now = Instant::now();
        if let Some(breaker) = self.registry.find(Key::of(key).name()) {
            breaker.change(now, |machine, rules| machine.reset(rules, now));
        }
    }

    /// Lets a call through, or refuses it. What becomes of the call is told to the [`Permit`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use llm_layers_circuit_breaker::{Breakers, Rules, Verdict};
    /// use llm_layers_core::FailureKind;
    ///
    /// let breakers = Breakers::new(Rules::default().consecutive_failures(1));
    /// breakers.acquire("search").expect("closed").judge(Verdict::Failure(FailureKind::Timeout));
    /// assert!(breakers.acquire("search").unwrap_err().retry_after() > Duration::from_secs(13));
    /// ```
    ///
    /// # Errors
    /// The breaker is open, or lets no more calls through for now.
    pub fn acquire(&self, key: &str) -> Result<Permit, Refused> {
        self.admit(&Key::of(key))
    }

    pub(crate) fn admit(&self, key: &Key<'_>) -> Result<Permit, Refused> {
        let now = Instant::now();
        Permit::acquire(self.registry.get(key, now), key.deployment().is_some(), now)
    }

    fn breaker(&self, key: &str, now: Instant) -> Arc<Breaker> {
        self.registry.get(&Key::of(key), now)
    }

    #[cfg(feature = "redis")]
    pub(crate) fn learn(&self, key: &str, remaining: std::time::Duration) {
        let now = Instant::now();
        self.breaker(key, now).change(now, |machine, rules| machine.learn(remaining, rules, now));
    }
}

impl fmt::Debug for Breakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breakers").field("rules", &self.registry.settings().rules).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

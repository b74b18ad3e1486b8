use std::{fmt, sync::Arc, time::Duration};

use llm_layers_core::{Clock, FailureKind, Rng, opening::Hold};
use tower::retry::budget::{Budget, TpsBudget};
use tower_layer::Layer;

use crate::{Retry, backoff::FullJitter, rules::Rules};

/// Failed calls once more. See the [crate](crate) for what it does.
///
/// Cloning it shares the settings and the budget.
#[derive(Clone, Debug)]
pub struct RetryLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) rules: Rules,
    base_delay: Duration,
    max_delay: Duration,
    pub(crate) budget: Option<Arc<dyn Budget + Send + Sync>>,
    pub(crate) max_replay: usize,
    pub(crate) hold: Hold,
    pub(crate) stops_clients: bool,
    pub(crate) clock: Clock,
    rng: Rng,
}

impl Settings {
    pub(crate) fn backoff(&self) -> FullJitter {
        FullJitter::new(self.base_delay, self.max_delay, self.rng.clone())
    }
}

impl RetryLayer {
    /// Three attempts, a backoff from 500 ms up to 8 s, waits of up to 30 s where a provider asks for them, and a
    /// budget of a fifth of the successful calls.
    #[must_use]
    pub fn new() -> Self {
        Self {
            settings: Arc::new(Settings {
                rules: Rules {
                    max_attempts: 3,
                    attempts: [None; FailureKind::COUNT],
                    max_wait: Duration::from_secs(30),
                },
                base_delay: Duration::from_millis(500),
                max_delay: Duration::from_secs(8),
                budget: Some(Arc::new(budget(0.2, 10))),
                max_replay: 16 << 20,
                hold: Hold::default(),
                stops_clients: true,
                clock: Clock::system(),
                rng: Rng::new(),
            }),
        }
    }

    /// Sets how many attempts a call has, the first one included. Default 3; 1 switches retries off, 0 is taken for 1.
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        self.set(|settings| settings.rules.max_attempts = attempts.max(1))
    }

    /// Sets how many attempts a call has whose latest failure is of this kind, in place of
    /// [`max_attempts`](Self::max_attempts). Default for [`Malformed`](FailureKind::Malformed) 2 at most.
    ///
    /// A kind that is [never retried](FailureKind::is_retryable) stays so.
    #[must_use]
    pub fn attempts(self, kind: FailureKind, attempts: u32) -> Self {
        self.set(|settings| {
            if let Some(of_kind) = settings.rules.attempts.get_mut(kind.index()) {
                *of_kind = Some(attempts.max(1));
            }
        })
    }

    /// Failures of this kind are not tried again.
    #[must_use]
    pub fn never(self, kind: FailureKind) -> Self {
        self.attempts(kind, 1)
    }

    /// Sets the longest of the first waits; those of the later ones double. Default 500 ms. How long a wait is chance:
    /// anything from nothing on.
    #[must_use]
    pub fn base_delay(self, delay: Duration) -> Self {
        self.set(|settings| settings.base_delay = delay)
    }

    /// Sets the longest wait of all where the provider asks for none. Default 8 s.
    #[must_use]
    pub fn max_delay(self, delay: Duration) -> Self {
        self.set(|settings| settings.max_delay = delay)
    }

    /// Sets the longest wait that a provider may ask for. Default 30 s. Where it asks for more, its failure is the
    /// answer at once, with its `retry-after`.
    #[must_use]
    pub fn max_wait(self, wait: Duration) -> Self {
        self.set(|settings| settings.rules.max_wait = wait)
    }

    /// Sets how many retries there may be: a share of the calls that succeeded in the last 10 s, and so many a second
    /// beside. Default 0.2 and 10.
    ///
    /// One retry is had for every `1 / ratio` successes, rounded down; a ratio is held to be from 0 to 1.
    #[must_use]
    pub fn budget(self, ratio: f32, min_per_second: u32) -> Self {
        self.shared_budget(Arc::new(budget(ratio, min_per_second)))
    }

    /// Sets a budget of your own, or one that several layers share.
    #[must_use]
    pub fn shared_budget(self, budget: Arc<dyn Budget + Send + Sync>) -> Self {
        self.set(|settings| settings.budget = Some(budget))
    }

    /// As many retries as there are failures. When a provider is down, this multiplies its load by
    /// [`max_attempts`](Self::max_attempts).
    #[must_use]
    pub fn without_budget(self) -> Self {
        self.set(|settings| settings.budget = None)
    }

    /// Sets the longest request that is kept for a replay, in bytes. Default 16 MiB. A longer one is sent once, as it
    /// comes in; what is in memory already is kept whatever its length.
    #[must_use]
    pub fn max_replay(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_replay = bytes)
    }

    /// Sets how much of an answer is held back until it has begun.
    #[must_use]
    pub fn hold(self, hold: Hold) -> Self {
        self.set(|settings| settings.hold = hold)
    }

    /// Sets whether clients are told not to retry what was retried here in vain, or for want of budget
    /// (`x-should-retry: false`, which the SDKs of OpenAI and Anthropic obey). Default true.
    #[must_use]
    pub fn stops_clients(self, yes: bool) -> Self {
        self.set(|settings| settings.stops_clients = yes)
    }

    /// Sets the clock by which dates in `retry-after` are read.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.set(|settings| settings.clock = clock)
    }

    /// Sets the chance that waits are made of.
    #[must_use]
    pub fn rng(self, rng: Rng) -> Self {
        self.set(|settings| settings.rng = rng)
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

/// tower's budget within the bounds that it asserts.
fn budget(ratio: f32, min_per_second: u32) -> TpsBudget {
    // The bounds of `clamp` leave out what is no number.
    let ratio = if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) };
    TpsBudget::new(Duration::from_secs(10), min_per_second.min(1_000_000), ratio)
}

impl Default for RetryLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("rules", &self.rules)
            .field("base_delay", &self.base_delay)
            .field("max_delay", &self.max_delay)
            .field("max_replay", &self.max_replay)
            .finish_non_exhaustive()
    }
}

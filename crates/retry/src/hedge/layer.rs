use std::{fmt, sync::Arc, time::Duration};

use llm_layers_core::opening::Hold;
use tower::retry::budget::Budget;
use tower_layer::Layer;

use super::{After, Hedge, series::AllSeries, share::Share};

/// Slow calls a second time, and the answer that begins first. See the [crate](crate#hedging) for what it does.
///
/// Cloning it shares the settings, the budget and what it knows of latencies.
#[derive(Clone, Debug)]
pub struct HedgeLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(super) after: After,
    pub(super) budget: Arc<dyn Budget + Send + Sync>,
    pub(super) series: Arc<AllSeries>,
    pub(super) max_replay: usize,
    pub(super) hold: Hold,
}

impl HedgeLayer {
    /// Hedges calls that take longer to begin than 95 % of those of the last 5 min, up to 5 % of all calls.
    #[must_use]
    pub fn new() -> Self {
        Self {
            settings: Arc::new(Settings {
                after: After::Quantile(0.95),
                budget: Arc::new(Share::new(0.05)),
                series: Arc::new(AllSeries::new(Duration::from_secs(300), MAX_SERIES)),
                max_replay: 16 << 20,
                hold: Hold::default(),
            }),
        }
    }

    /// Sets when a call is sent a second time. Default [`After::Quantile`] of 0.95, which is known from the 20th call
    /// of its kind on: a deployment's, of one operation, whole or as a stream.
    #[must_use]
    pub fn after(self, after: After) -> Self {
        self.set(|settings| settings.after = after)
    }

    /// Sets the share of the calls that may be sent a second time, from 0 to 1. Default 0.05.
    #[must_use]
    pub fn budget(self, share: f64) -> Self {
        self.shared_budget(Arc::new(Share::new(share)))
    }

    /// Sets a budget of your own: each call is a deposit, each hedge a withdrawal.
    #[must_use]
    pub fn shared_budget(self, budget: Arc<dyn Budget + Send + Sync>) -> Self {
        self.set(|settings| settings.budget = budget)
    }

    /// Sets how far back latencies are remembered. Default 5 min.
    #[must_use]
    pub fn window(self, window: Duration) -> Self {
        self.set(|settings| settings.series = Arc::new(AllSeries::new(window, MAX_SERIES)))
    }

    /// Sets the longest request that is kept to be sent twice, in bytes. Default 16 MiB. A longer one is sent once.
    #[must_use]
    pub fn max_replay(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_replay = bytes)
    }

    /// Sets how much of an answer is held back until it has begun.
    #[must_use]
    pub fn hold(self, hold: Hold) -> Self {
        self.set(|settings| settings.hold = hold)
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

/// So many deployments or hosts are kept in mind.
const MAX_SERIES: usize = 1000;

impl Default for HedgeLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for HedgeLayer {
    type Service = Hedge<S>;

    fn layer(&self, inner: S) -> Hedge<S> {
        Hedge::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("after", &self.after)
            .field("max_replay", &self.max_replay)
            .finish_non_exhaustive()
    }
}

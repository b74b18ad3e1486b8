use std::{fmt, sync::Arc};

use llm_layers_catalogue::{Catalogue, Model};
use llm_layers_core::{Clock, Deployment, metering::Metering, opening::Hold};
use llm_layers_wire::{json, sse};
use tower_layer::Layer;

use crate::{
    Ledger,
    observe::Metrics,
    outputs::Outputs,
    seams::{Audit, Spending},
    service::Accounts,
};

pub(crate) type Facts = dyn Fn(&Deployment) -> Option<Arc<Model>> + Send + Sync;

pub(crate) type Believes = dyn Fn(&Deployment) -> bool + Send + Sync;

/// Keeps the accounts of attempts at providers. See the [crate](crate) for what it does.
///
/// Cloning it shares the settings, the ledger and what was learned.
#[derive(Clone)]
pub struct AccountsLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) facts: Arc<Facts>,
    pub(crate) budgets: Option<Arc<dyn Spending>>,
    pub(crate) audit: Option<Arc<dyn Audit>>,
    pub(crate) believes: Option<Arc<Believes>>,
    pub(crate) provider: Box<str>,
    pub(crate) clock: Clock,
    pub(crate) header: bool,
    pub(crate) usage_cost: bool,
    pub(crate) ask_for_usage: bool,
    pub(crate) request_limits: json::Limits,
    pub(crate) metering: Metering,
    pub(crate) hold: Hold,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) outputs: Arc<Outputs>,
}

impl AccountsLayer {
    /// A layer that writes down nothing, and tells clients what their calls cost by the prices of the
    /// [built-in catalogue](Catalogue::builtin).
    #[must_use]
    pub fn new() -> Self {
        // Read now, and not by the first call.
        let builtin = Catalogue::builtin();
        let settings = Settings {
            ledger: Arc::new(()),
            facts: Arc::new(|deployment| builtin.find(deployment.provider(), deployment.model()).map(Arc::clone)),
            budgets: None,
            audit: None,
            believes: None,
            provider: "".into(),
            clock: Clock::system(),
            header: true,
            usage_cost: true,
            ask_for_usage: true,
            request_limits: json::Limits::DEFAULT,
            metering: Metering::new(),
            hold: Hold::default(),
            metrics: Arc::default(),
            outputs: Arc::default(),
        };
        Self { settings: Arc::new(settings) }
    }

    /// Sets where entries are written down. A tuple or a `Vec` of ledgers is one, too.
    #[must_use]
    pub fn ledger(self, ledger: impl Ledger) -> Self {
        self.set(|settings| settings.ledger = Arc::new(ledger))
    }

    /// Sets where the facts of a deployment come from: its prices above all. Default: the built-in catalogue.
    #[must_use]
    pub fn facts(self, facts: impl Fn(&Deployment) -> Option<Arc<Model>> + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.facts = Arc::new(facts))
    }

    /// Sets who grants money before an attempt. Default: nobody is asked.
    #[must_use]
    pub fn budgets(self, budgets: impl Spending) -> Self {
        self.set(|settings| settings.budgets = Some(Arc::new(budgets)))
    }

    /// Sets who looks at finished attempts. Default: nobody.
    #[must_use]
    pub fn audit(self, audit: impl Audit) -> Self {
        self.set(|settings| settings.audit = Some(Arc::new(audit)))
    }

    /// Sets whose `usage.cost` is what they charge in US dollars: it takes the place of the catalogue's prices, also where
    /// it is 0. Default: OpenRouter's, by the provider's name in the facts, else by the deployment's.
    ///
    /// Any other's counts where no price is known, unless it is 0. What cannot be, a thousand times what the tokens
    /// cost, is never believed.
    #[must_use]
    pub fn believes(self, believes: impl Fn(&Deployment) -> bool + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.believes = Some(Arc::new(believes)))
    }

    /// Sets which provider is below, by its name in the catalogue, where no router says so by a
    /// [`Deployment`]. The model is then the request's. Default: nobody knows, and costs are unknown.
    #[must_use]
    pub fn provider(self, name: impl Into<Box<str>>) -> Self {
        self.set(|settings| settings.provider = name.into())
    }

    /// Sets the time of day that entries have and prices go by.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.set(|settings| settings.clock = clock)
    }

    /// Sets whether plain answers have the header `x-llm-cost-usd`. Default: yes.
    #[must_use]
    pub fn header(self, yes: bool) -> Self {
        self.set(|settings| settings.header = yes)
    }

    /// Sets whether a request with `"usage": {"include": true}` is answered with `usage.cost`. Default: yes. With
    /// `false` the member goes on as it is.
    #[must_use]
    pub fn usage_cost(self, yes: bool) -> Self {
        self.set(|settings| settings.usage_cost = yes)
    }

    /// Sets whether a streamed chat or completion is asked for its usage (`stream_options.include_usage`) where its
    /// client does not ask. Such a client does not see it. Default `true`; `false` is for providers that refuse the
    /// option, and no layer below takes it out: tokens are estimated by what the stream shows then.
    #[must_use]
    pub fn ask_for_usage(self, yes: bool) -> Self {
        self.set(|settings| settings.ask_for_usage = yes)
    }

    /// Sets the longest request that is read, in bytes. Default 16 MiB; beyond it the answer is a 413.
    #[must_use]
    pub fn max_request(self, bytes: usize) -> Self {
        self.set(|settings| settings.request_limits.max_bytes = bytes)
    }

    /// Sets the longest plain answer that is waited for whole, in bytes, to tell its cost in its head. Default 1 MiB.
    #[must_use]
    pub fn max_plain(self, bytes: usize) -> Self {
        self.set(|settings| settings.hold.max_plain = bytes)
    }

    /// Sets the bounds on lines and events of streams.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.metering.sse_limits = limits)
    }

    /// Sends what a shared ledger has not been told yet. To be called every second or so from a task of your own, and
    /// before the process ends; ledgers in memory and in files need it not.
    pub async fn flush(&self) {
        self.settings.ledger.flush().await;
    }

    #[cfg(test)]
    pub(crate) const fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Default for AccountsLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for AccountsLayer {
    type Service = Accounts<S>;

    fn layer(&self, inner: S) -> Accounts<S> {
        Accounts::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for AccountsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountsLayer").finish_non_exhaustive()
    }
}

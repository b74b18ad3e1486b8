use std::{fmt, sync::Arc};

use http::request::Parts;
use llm_layers_core::{OnStoreFailure, Operation, name_apart};
use llm_layers_wire::{json, sse};
use tower_layer::Layer;

use crate::{
    ByBytes, Estimate, Rule,
    observe::Admitted,
    service::RateLimit,
    store::{Claim, MemoryStore, Store},
};

/// Limits requests, tokens and concurrent calls. See the [crate](crate) for what it does.
///
/// Cloning it shares the settings and what was counted: two services of one layer have one limit.
#[derive(Clone)]
pub struct RateLimitLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) rules: Vec<Rule>,
    pub(crate) store: Arc<dyn Store>,
    /// Counts while the store cannot be asked.
    pub(crate) fallback: Arc<MemoryStore>,
    pub(crate) on_store_failure: OnStoreFailure,
    pub(crate) estimate: Arc<dyn Estimate>,
    pub(crate) request_limits: json::Limits,
    pub(crate) sse_limits: sse::Limits,
    pub(crate) headers: bool,
    pub(crate) all_requests: bool,
    pub(crate) ask_for_usage: bool,
    pub(crate) admitted: Arc<Admitted>,
}

impl Settings {
    /// What a request asks of the rules. Tokens are those of calls whose words are known.
    pub(crate) fn claims(&self, operation: Option<Operation>, head: &Parts) -> Vec<Claim> {
        let counts_tokens = operation.is_some();
        self.rules.iter().filter_map(|rule| rule.claim(head, counts_tokens)).collect()
    }

    /// Whether a call is one that is limited. A list of models costs nobody anything.
    pub(crate) fn limits(&self, operation: Option<Operation>) -> bool {
        operation.map_or(self.all_requests, |operation| operation != Operation::Models)
    }

    pub(crate) fn rule(&self, claim: &Claim) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == claim.id.rule)
    }
}

impl RateLimitLayer {
    /// A layer without rules, which limits nothing.
    #[must_use]
    pub fn new() -> Self {
        let memory = Arc::new(MemoryStore::new());
        let settings = Settings {
            rules: Vec::new(),
            store: Arc::clone(&memory) as Arc<dyn Store>,
            fallback: memory,
            on_store_failure: OnStoreFailure::Open,
            estimate: Arc::new(ByBytes::default()),
            request_limits: json::Limits::DEFAULT,
            sse_limits: sse::Limits::DEFAULT,
            headers: true,
            all_requests: false,
            ask_for_usage: true,
            admitted: Arc::default(),
        };
        Self { settings: Arc::new(settings) }
    }

    /// Adds a rule. A call has to keep all of them; none counts a call that another refuses.
    ///
    /// A second rule of one name is called `NAME-2`, and so on.
    #[must_use]
    pub fn rule(self, mut rule: Rule) -> Self {
        let is_taken = |name: &str| self.settings.rules.iter().any(|other| *other.name == *name);
        rule.name = name_apart(&rule.name, is_taken);
        self.set(|settings| settings.rules.push(rule))
    }

    /// Counts on where another layer has come to: in its store, by the rules of this one.
    ///
    /// For a change of the rules while calls run: what was used stays used, for rules of the same name.
    #[must_use]
    pub fn counting_on(self, before: &Self) -> Self {
        let (store, fallback) = (Arc::clone(&before.settings.store), Arc::clone(&before.settings.fallback));
        self.set(|settings| (settings.store, settings.fallback) = (store, fallback))
    }

    /// Sets where is counted. Default: a [`MemoryStore`], in this process.
    #[must_use]
    pub fn store(self, store: impl Store) -> Self {
        self.set(|settings| settings.store = Arc::new(store))
    }

    /// Sets what happens while the store cannot be asked. Default: each process counts for itself. Refusals are a 503
    /// `rate_limiter_unavailable`.
    #[must_use]
    pub fn on_store_failure(self, action: OnStoreFailure) -> Self {
        self.set(|settings| settings.on_store_failure = action)
    }

    /// Sets how the tokens of a call are estimated. Default: [`ByBytes`].
    #[must_use]
    pub fn estimate(self, estimate: impl Estimate) -> Self {
        self.set(|settings| settings.estimate = Arc::new(estimate))
    }

    /// Sets the longest request that is read for its tokens, in bytes. Default 16 MiB; beyond it the answer is a 413.
    #[must_use]
    pub fn max_request(self, bytes: usize) -> Self {
        self.set(|settings| settings.request_limits.max_bytes = bytes)
    }

    /// Sets the bounds on lines and events of streams.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.sse_limits = limits)
    }

    /// Sets whether answers get the `x-ratelimit-` headers, refusals too. Default: yes.
    #[must_use]
    pub fn headers(self, yes: bool) -> Self {
        self.set(|settings| settings.headers = yes)
    }

    /// Sets whether calls that no [`Operation`] knows are limited as well: requests and calls at once, for their tokens
    /// nobody can tell. Default `false`. Lists of models are free in either case.
    #[must_use]
    pub fn all_requests(self, yes: bool) -> Self {
        self.set(|settings| settings.all_requests = yes)
    }

    /// Sets whether a streamed chat or completion whose tokens are limited is asked for its usage
    /// (`stream_options.include_usage`) where its client does not ask. Such a client does not see it. Default `true`;
    /// `false` is for providers that refuse the option, and no layer below takes it out: the answer counts by what
    /// it shows then.
    #[must_use]
    pub fn ask_for_usage(self, yes: bool) -> Self {
        self.set(|settings| settings.ask_for_usage = yes)
    }

    /// Sends what calls that are over have used, and the places that they have left, to a shared store.
    ///
    /// Each call does this for those before it. Where calls are few and concurrency is limited, call it every second
    /// or so from a task of your own; the memory store needs it not.
    pub async fn flush(&self) {
        self.settings.store.flush().await;
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Default for RateLimitLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimit<S>;

    fn layer(&self, inner: S) -> RateLimit<S> {
        RateLimit::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for RateLimitLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitLayer").field("rules", &self.settings.rules).finish_non_exhaustive()
    }
}

//! The layers between a call and its provider, in their order.

use std::{collections::HashMap, sync::Arc, time::Duration};

use llm_layers_accounts::{self as accounts, budgets::Budgets};
use llm_layers_cache::{Cache, CacheHandle, CacheLayer};
use llm_layers_circuit_breaker::{Breakers, CircuitBreaker, CircuitBreakerLayer, Reason, Replicas};
use llm_layers_core::Deployment;
use llm_layers_cost_router::{Router, RouterLayer};
use llm_layers_pii_redaction::{Redact, RedactLayer};
use llm_layers_provider_translator::{InboundLayer, InboundTranslator};
use llm_layers_rate_limit::{RateLimit, RateLimitLayer, RedisStore, Rule, Store as _};
use llm_layers_retry::{Hedge, Retry};
use llm_layers_timeout::{DeadlineLayer, EnforceDeadline, Timeout, TimeoutLayer};
use llm_layers_tool_call_validator::{Schemas, Validate};
use tower::util::{Either, option_layer};
use tower_layer::Layer;

use super::{
    Error, Providers,
    accounts::Accounts,
    facts::Facts,
    redaction,
    resource::Resources,
    routing::{self, Known},
};
use crate::config::{self, Config, RouteTable};

/// How often what is left to be told to a shared store is told, calls or none.
const FLUSH: Duration = Duration::from_secs(1);

/// How long entries may take to arrive at the end.
const LONGEST_FLUSH: Duration = Duration::from_secs(5);

/// A layer that may be switched off.
type Switch<L, S> = Either<L, S>;

/// How long a place is held of a call whose process has died.
const LONGEST_CALL: Duration = Duration::from_secs(600);

/// From a deployment to its answer: each attempt within its time, no attempt where they fail, failed ones again.
type Attempt = Switch<Timeout<Providers>, Providers>;
type Guarded = Switch<CircuitBreaker<Attempt>, Attempt>;
type Counted = Switch<RateLimit<Guarded>, Guarded>;
type Paid = Switch<accounts::Accounts<Counted>, Counted>;
type Retried = Switch<Retry<Paid>, Paid>;
type Deployed = Switch<Hedge<Retried>, Retried>;

/// From a chat to a deployment.
type Routed = Router<Deployed>;
type Cached = Switch<Cache<Routed>, Routed>;
type Redacted = Switch<Redact<Cached>, Cached>;
type Validated = Switch<Validate<Redacted>, Redacted>;
type Timed = Switch<EnforceDeadline<Validated>, Validated>;
type Limited = Switch<RateLimit<Timed>, Timed>;

/// From a call in any shape to its answer. Cloning it shares everything.
pub(super) type Layers = InboundTranslator<Limited>;

/// From a call in a provider's own words, or to another resource, to its answer.
type Searched = Switch<Redact<Resources<Providers>>, Resources<Providers>>;
pub(super) type Passed = Switch<RateLimit<Searched>, Searched>;

/// What layers keep beyond a call, and what is to be done for them meanwhile.
#[derive(Clone)]
pub(super) struct Kept {
    circuits: Option<CircuitBreakerLayer>,
    replicas: Option<Replicas>,
    limits: [Option<RateLimitLayer>; 2],
    stores: Stores,
    accounts: Option<Accounts>,
    redaction: Option<RedactLayer>,
    cache: Option<CacheLayer>,
    /// What clients' tools look like, compiled.
    schemas: Schemas,
    router: RouterLayer,
    /// What they were made of.
    made_of: config::Layers,
}

/// Where limits are counted together with replicas.
#[derive(Clone, Default)]
struct Stores {
    now: Option<RedisStore>,
    /// The one before it: calls that began there have still to tell it what they leave.
    before: Option<RedisStore>,
}

/// Puts the layers together, above what speaks with providers.
pub(super) fn assemble(
    config: &Config,
    routes: RouteTable,
    inbound: impl FnOnce(RouterLayer) -> InboundLayer,
    providers: Providers,
    before: Option<&Kept>,
) -> Result<(Layers, Kept), Error> {
    let settings = config.layers();
    let kept = Kept::new(config, routes, before)?;
    let Kept { circuits, limits: [of_callers, of_deployments], accounts, redaction, cache, router, .. } = &kept;
    let (retry, hedge) = match settings.retry.clone() {
        Some(config) => (Some(config.retry), config.hedge),
        None => (None, None),
    };
    let service = option_layer(attempts(config)).layer(providers);
    let service = option_layer(circuits.clone()).layer(service);
    // Each attempt counts: the limit is the provider's.
    let service = option_layer(of_deployments.clone()).layer(service);
    // Each attempt is paid for.
    let service = option_layer(accounts.as_ref().map(Accounts::layer)).layer(service);
    let service = option_layer(retry).layer(service);
    let service = option_layer(hedge).layer(service);
    let service = router.layer(service);
    // A hit asks nobody, and costs nothing.
    let service = option_layer(cache.clone()).layer(service);
    // Above whatever reads prompts, or keeps them.
    let service = option_layer(redaction.clone()).layer(service);
    // Above redaction: a placeholder is no email address, and what counts is what the client reads.
    let validator = settings.tool_call_validator.clone().map(|layer| layer.schemas(kept.schemas.clone()));
    let service = option_layer(validator).layer(service);
    let service = option_layer(settings.deadline.clone()).layer(service);
    let service = option_layer(of_callers.clone()).layer(service);
    Ok((inbound(kept.router()).layer(service), kept))
}

/// Puts the callers' limits in front of what no other layer knows the words of: it must be no way around them.
pub(super) fn pass(kept: &Kept, resources: Resources<Providers>) -> Passed {
    let searched = option_layer(kept.redaction.clone()).layer(resources);
    option_layer(kept.of_all_requests()).layer(searched)
}

/// The limits of an attempt: those of its provider, or else everybody's.
fn attempts(config: &Config) -> Option<TimeoutLayer> {
    let of_all = config.layers().timeout?;
    let own = |provider: &config::Provider| {
        let limits = provider.timeouts.attempt.clone().over(of_all).ok().filter(|limits| *limits != of_all);
        limits.map(|limits| (provider.name.clone(), limits))
    };
    let own: Vec<_> = config.providers().iter().filter_map(own).collect();
    let layer = TimeoutLayer::new(of_all);
    if own.is_empty() {
        return Some(layer);
    }
    Some(layer.limits_for(move |request| {
        let provider = request.extensions.get::<Deployment>()?.provider();
        own.iter().find(|(name, _)| **name == *provider).map(|(_, limits)| *limits)
    }))
}

impl Kept {
    fn new(config: &Config, routes: RouteTable, before: Option<&Self>) -> Result<Self, Error> {
        let settings = config.layers();
        let breaker = settings.circuit_breaker.as_ref();
        let store = breaker.and_then(|breaker| breaker.store.as_ref());
        let stores = Stores::new(settings, before);
        let circuits = breaker.map(|breaker| circuits(breaker, before));
        let facts = Facts::new(config)?;
        let accounts = settings.accounts.as_ref().map(|of| {
            let before = before.and_then(|before| Some((before.accounts.as_ref()?, before.made_of.accounts.as_ref()?)));
            Accounts::new(of, &facts, longest_call(settings), before)
        });
        let accounts = accounts.transpose().map_err(Error::Accounts)?;
        let known = Known {
            facts,
            circuits: circuits.as_ref().map(CircuitBreakerLayer::breakers),
            budgets: accounts.as_ref().and_then(Accounts::budgets),
            before: before.map(|before| &before.router),
        };
        Ok(Self {
            circuits,
            replicas: store.map(|store| Replicas::new(store.redis.clone())),
            limits: limits(settings, &stores, before),
            stores,
            accounts,
            redaction: settings.pii_redaction.as_ref().map(|of| redaction::layer(of, config)).transpose()?,
            cache: settings.cache.as_ref().map(|cache| self::cache(cache, before)),
            schemas: before.map(|before| before.schemas.clone()).unwrap_or_default(),
            router: routing::router(config, routes, known).map_err(Error::Routes)?,
            made_of: settings.clone(),
        })
    }

    /// Who answers.
    pub(super) fn router(&self) -> RouterLayer {
        self.router.clone()
    }

    /// What calls may cost, if that is limited.
    pub(super) fn budgets(&self) -> Option<Budgets> {
        self.accounts.as_ref().and_then(Accounts::budgets)
    }

    /// What is kept of answers.
    pub(super) fn cache(&self) -> Option<CacheHandle> {
        self.cache.as_ref().map(CacheLayer::handle)
    }

    /// What callers may use, of calls in whatever words.
    pub(super) fn of_all_requests(&self) -> Option<RateLimitLayer> {
        let [of_callers, _] = &self.limits;
        of_callers.clone().map(|layer| layer.all_requests(true))
    }

    /// Tells shared stores what calls have left to tell, before nobody is there who would.
    pub(super) async fn flush(&self) {
        for store in self.stores.each() {
            store.flush().await;
        }
        if let Some(accounts) = &self.accounts {
            accounts.flush().await;
        }
    }

    /// Lets entries arrive at their store, before nobody is there who would send them.
    pub(super) async fn keep(&self) {
        if let Some(cache) = self.cache() {
            // A provider that hangs must not keep the process.
            let _ = tokio::time::timeout(LONGEST_FLUSH, cache.flush()).await;
        }
    }

    pub(super) fn breakers(&self) -> Option<Breakers> {
        self.circuits.as_ref().map(CircuitBreakerLayer::breakers)
    }

    fn has_stores(&self) -> bool {
        self.stores.each().next().is_some() || self.accounts.as_ref().is_some_and(Accounts::has_stores)
    }

    /// Does what the layers need done beside calls, for as long as it is polled.
    pub(super) async fn look_after(self) {
        let circuits = async {
            if let (Some(circuits), Some(replicas)) = (&self.circuits, &self.replicas) {
                circuits.breakers().sync(replicas).await;
            }
        };
        let stores = async {
            while self.has_stores() {
                tokio::time::sleep(FLUSH).await;
                self.flush().await;
            }
        };
        tokio::join!(circuits, stores);
    }
}

impl Stores {
    fn new(settings: &config::Layers, before: Option<&Kept>) -> Self {
        let of = |settings: &config::Layers| settings.rate_limit.as_ref().and_then(|limits| limits.store.clone());
        let wanted = of(settings);
        let (now, before) = match before {
            Some(Kept { stores, made_of, .. }) if of(made_of) == wanted => (stores.now.clone(), stores.before.clone()),
            Some(Kept { stores, .. }) => (None, stores.now.clone().or_else(|| stores.before.clone())),
            None => (None, None),
        };
        let now = now.or_else(|| wanted.map(|store| RedisStore::new(store.redis)));
        Self { now: now.map(|store| store.longest_call(longest_call(settings))), before }
    }

    fn each(&self) -> impl Iterator<Item = &RedisStore> {
        [&self.now, &self.before].into_iter().flatten()
    }
}

/// A place in a shared store is held for as long as a call may take; those that no deadline bounds, for ten minutes.
fn longest_call(settings: &config::Layers) -> Duration {
    let longest = settings.deadline.as_ref().and_then(DeadlineLayer::longest);
    longest.unwrap_or_default().max(LONGEST_CALL)
}

/// The circuits as they are, unless their settings change: who reloads must not send calls to what is known to fail. What
/// a key was to blame for is tried anew: it may be what has changed.
fn circuits(breaker: &config::CircuitBreaker, before: Option<&Kept>) -> CircuitBreakerLayer {
    let same = before.filter(|before| {
        before.made_of.circuit_breaker.as_ref().is_some_and(|before| before.settings == breaker.settings)
    });
    let Some(circuits) = same.and_then(|before| before.circuits.clone()) else { return breaker.layer.clone() };
    let breakers = circuits.breakers();
    for status in breakers.list() {
        if matches!(status.reason, Some(Reason::Unauthenticated | Reason::Forbidden | Reason::Quota)) {
            breakers.reset(&status.key);
        }
    }
    circuits
}

/// The cache as it is, unless its settings change.
fn cache(cache: &config::Cache, before: Option<&Kept>) -> CacheLayer {
    let same = before.filter(|before| before.made_of.cache.as_ref() == Some(cache));
    same.and_then(|before| before.cache.clone()).unwrap_or_else(|| cache.layer())
}

/// The limits of callers and of deployments. A change must not give everybody a new allowance: what was used stays used,
/// as long as it is counted in the same place.
fn limits(settings: &config::Layers, stores: &Stores, before: Option<&Kept>) -> [Option<RateLimitLayer>; 2] {
    let Some(limit) = &settings.rate_limit else { return [None, None] };
    let same = |before: &&Kept| before.made_of.rate_limit.as_ref().is_some_and(|before| before.store == limit.store);
    let [callers, deployments] = before.filter(same).map_or([None, None], |before| before.limits.clone());
    let counted = |layer: RateLimitLayer, before: Option<RateLimitLayer>| {
        let layer = if let Some(before) = before { layer.counting_on(&before) } else { layer };
        if let Some(store) = &stores.now { layer.store(store.clone()) } else { layer }
    };
    [
        of_callers(limit).map(|layer| counted(layer, callers)),
        of_deployments(limit).map(|layer| counted(layer, deployments)),
    ]
}

/// The limits of callers, and of all together.
fn of_callers(settings: &config::RateLimit) -> Option<RateLimitLayer> {
    // What a key does not say is as for all.
    let own = settings.callers.iter().map(|(name, own)| (Arc::clone(name), own.or(settings.caller)));
    let own: HashMap<_, _> = own.collect();
    let has_own = !own.is_empty();
    let of_caller = Rule::per_caller(settings.caller).limits_for(move |caller| own.get(caller).copied());
    let rules = [(has_own || !settings.caller.is_unlimited()).then_some(of_caller), global(settings)];
    limited(settings, rules.into_iter().flatten())
}

fn global(settings: &config::RateLimit) -> Option<Rule> {
    (!settings.global.is_unlimited()).then(|| Rule::global(settings.global))
}

fn of_deployments(settings: &config::RateLimit) -> Option<RateLimitLayer> {
    let rule = (!settings.deployment.is_unlimited()).then(|| Rule::per_deployment(settings.deployment));
    // Their headers would tell a client of the limits of others.
    limited(settings, rule).map(|layer| layer.headers(false))
}

fn limited(settings: &config::RateLimit, rules: impl IntoIterator<Item = Rule>) -> Option<RateLimitLayer> {
    let mut rules = rules.into_iter().peekable();
    rules.peek()?;
    Some(rules.fold(RateLimitLayer::new().on_store_failure(settings.on_store_failure), RateLimitLayer::rule))
}

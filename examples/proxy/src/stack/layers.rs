//! The layers between a call and its provider, in their order.

use std::{collections::HashMap, time::Duration};

use llm_layers_circuit_breaker::{Breakers, CircuitBreaker, CircuitBreakerLayer, Replicas};
use llm_layers_core::Deployment;
use llm_layers_provider_translator::{InboundLayer, InboundTranslator};
use llm_layers_rate_limit::{RateLimit, RateLimitLayer, RedisStore, Rule};
use llm_layers_retry::{Hedge, Retry};
use llm_layers_timeout::{EnforceDeadline, Timeout, TimeoutLayer};
use tower::util::{Either, option_layer};
use tower_layer::Layer;

use super::{Providers, route::Route};
use crate::config::{self, Config, RouteTable};

/// How often what is left to be told to a shared store is told, calls or none.
const FLUSH: Duration = Duration::from_secs(1);

/// A layer that may be switched off.
type Switch<L, S> = Either<L, S>;

/// From a deployment to its answer: each attempt within its time, no attempt where they fail, failed ones again.
type Attempt = Switch<Timeout<Providers>, Providers>;
type Guarded = Switch<CircuitBreaker<Attempt>, Attempt>;
type Counted = Switch<RateLimit<Guarded>, Guarded>;
type Retried = Switch<Retry<Counted>, Counted>;
type Deployed = Switch<Hedge<Retried>, Retried>;

/// From a chat to a deployment.
type Routed = Route<Deployed>;
type Timed = Switch<EnforceDeadline<Routed>, Routed>;
type Limited = Switch<RateLimit<Timed>, Timed>;

/// From a call in any shape to its answer. Cloning it shares everything.
pub(super) type Layers = InboundTranslator<Limited>;

/// What layers keep beyond a call, and what is to be done for them meanwhile.
#[derive(Clone)]
pub(super) struct Kept {
    circuits: Option<CircuitBreakerLayer>,
    replicas: Option<Replicas>,
    /// What the limits below were made of.
    limited_by: Option<config::RateLimit>,
    limits: [Option<RateLimitLayer>; 2],
}

/// Puts the layers together, above what speaks with providers.
pub(super) fn assemble(
    config: &Config,
    routes: RouteTable,
    inbound: InboundLayer,
    providers: Providers,
    before: Option<&Kept>,
) -> (Layers, Kept) {
    let settings = config.layers();
    let kept = Kept::new(settings, before);
    let Kept { circuits, limits: [of_callers, of_deployments], .. } = &kept;
    let (retry, hedge) = match settings.retry.clone() {
        Some(config) => (Some(config.retry), config.hedge),
        None => (None, None),
    };
    let service = option_layer(attempts(config)).layer(providers);
    let service = option_layer(circuits.clone()).layer(service);
    // Each attempt counts: the limit is the provider's.
    let service = option_layer(of_deployments.clone()).layer(service);
    let service = option_layer(retry).layer(service);
    let service = option_layer(hedge).layer(service);
    let service = Route::new(service, routes);
    let service = option_layer(settings.deadline.clone()).layer(service);
    let service = option_layer(of_callers.clone()).layer(service);
    (inbound.layer(service), kept)
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
    fn new(settings: &config::Layers, before: Option<&Self>) -> Self {
        let breaker = settings.circuit_breaker.as_ref();
        let limit = settings.rate_limit.as_ref();
        // A change of something else must not give everybody a new allowance.
        let same = before.filter(|before| before.limited_by == settings.rate_limit);
        let limits = || [limit.and_then(of_callers), limit.and_then(of_deployments)];
        Self {
            circuits: breaker.map(|breaker| breaker.layer.clone()),
            replicas: breaker.and_then(|breaker| breaker.store.clone()).map(Replicas::new),
            limited_by: settings.rate_limit.clone(),
            limits: same.map_or_else(limits, |same| same.limits.clone()),
        }
    }

    pub(super) fn breakers(&self) -> Option<Breakers> {
        self.circuits.as_ref().map(CircuitBreakerLayer::breakers)
    }

    /// Does what the layers need done beside calls, for as long as it is polled.
    pub(super) async fn look_after(self) {
        let circuits = async {
            if let (Some(circuits), Some(replicas)) = (&self.circuits, &self.replicas) {
                circuits.breakers().sync(replicas).await;
            }
        };
        let limits = async {
            while self.limits.iter().any(Option::is_some) {
                tokio::time::sleep(FLUSH).await;
                for layer in self.limits.iter().flatten() {
                    layer.flush().await;
                }
            }
        };
        tokio::join!(circuits, limits);
    }
}

/// The limits of callers, and of all together.
fn of_callers(settings: &config::RateLimit) -> Option<RateLimitLayer> {
    let own: HashMap<_, _> = settings.callers.iter().cloned().collect();
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
    let layer = rules.fold(RateLimitLayer::new().on_store_failure(settings.on_store_failure), RateLimitLayer::rule);
    Some(match &settings.store {
        Some(redis) => layer.store(RedisStore::new(redis.clone())),
        None => layer,
    })
}

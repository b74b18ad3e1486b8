//! `[layers.NAME]`: which layers there are, and their settings.

use std::{fmt, sync::Arc};

use llm_layers_circuit_breaker::CircuitBreakerLayer;
use llm_layers_core::Secret;
use llm_layers_redis::Redis;
use llm_layers_retry as retry;
use llm_layers_timeout::{DeadlineConfig, DeadlineLayer, Limits, TimeoutConfig};
use llm_layers_tool_call_validator::ValidateLayer;

use super::accounts::Accounts;
use super::alias::Alias;
use super::cache::{self, Cache};
use super::key::Key;
use super::node::{Members, Node};
use super::provider::Provider;
use super::redaction::{self, Redaction};
use super::report::{Place, Report};
use super::{rate_limit::RateLimit, suggest};

/// The layers of the stack; `None` is one that is switched off.
#[derive(Clone, Debug)]
pub struct Layers {
    /// Failed calls once more.
    pub retry: Option<retry::Layers>,
    /// No calls to a deployment that fails.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// How long one attempt may take; a provider may have limits of its own.
    pub timeout: Option<Limits>,
    /// How long a call may take, retries and all.
    pub deadline: Option<DeadlineLayer>,
    /// How much may be used.
    pub rate_limit: Option<RateLimit>,
    /// What must not leave.
    pub pii_redaction: Option<Redaction>,
    /// What need not be asked twice.
    pub cache: Option<Cache>,
    /// No call to a tool but such as fit its schema.
    pub tool_call_validator: Option<ValidateLayer>,
    /// What calls have cost, and may.
    pub accounts: Option<Accounts>,
    /// Where the file says that nothing is limited.
    limits_are_off: Option<Place>,
    /// Where it says that nothing is accounted for.
    accounts_are_off: Option<Place>,
    /// Where it says that no attempt has a time.
    timeouts_are_off: Option<Place>,
}

/// No calls to a deployment that fails.
#[derive(Clone, Debug, Default)]
pub struct CircuitBreaker {
    /// When it opens, and what counts.
    pub layer: CircuitBreakerLayer,
    /// What the layer was made of, to tell whether that has changed.
    pub(crate) settings: toml::Table,
    /// Where replicas tell each other.
    pub store: Option<Store>,
}

/// A Redis, and the URL by which two are told apart.
#[derive(Clone)]
pub struct Store {
    url: Secret,
    /// The way to it.
    pub redis: Redis,
}

impl Store {
    /// The whole URL, password and all.
    pub(super) const fn url(&self) -> &Secret {
        &self.url
    }
}

/// By the whole URL: another password or database is another store.
impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        self.url.is(other.url.expose())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.redis.fmt(f)
    }
}

/// On are those without which a failing provider is everybody's failure.
impl Default for Layers {
    fn default() -> Self {
        Self {
            retry: Some(retry::Layers::default()),
            circuit_breaker: Some(CircuitBreaker::default()),
            timeout: Some(Limits::default()),
            deadline: Some(DeadlineLayer::default()),
            rate_limit: None,
            pii_redaction: None,
            cache: None,
            tool_call_validator: Some(ValidateLayer::default()),
            accounts: Some(Accounts::default()),
            limits_are_off: None,
            accounts_are_off: None,
            timeouts_are_off: None,
        }
    }
}

const LAYERS: [&str; 9] = [
    "retry",
    "circuit_breaker",
    "timeout",
    "deadline",
    "rate_limit",
    "pii_redaction",
    "cache",
    "tool_call_validator",
    "accounts",
];

impl Layers {
    /// Reads one table.
    pub(super) fn read(&mut self, name: &str, key: &Place, node: &Node<'_>, report: &mut Report<'_>) {
        if !LAYERS.contains(&name) {
            report.error(key, format!("unknown layer `{name}`"), suggest::help(name, LAYERS));
            return;
        }
        let Some(mut members) = node.table(&format!("[layers.{name}]"), report) else { return };
        let switch = members.get("enabled");
        let is_off = match switch.as_ref().map(|node| node.boolean(report)) {
            Some(None) => return, // told already
            Some(Some(enabled)) => !enabled,
            None => false,
        };
        let off = switch.filter(|_| is_off).map(|node| node.place);
        match name {
            "retry" => self.retry = settings::<retry::Config, _>(node, &[], report).filter(|_| !is_off),
            "circuit_breaker" => {
                let store = store(&mut members, report);
                let layer = settings::<llm_layers_circuit_breaker::Config, _>(node, &["store"], report);
                let made_of = node.plain_table(&["store", "enabled"]);
                let circuits = layer.map(|layer| CircuitBreaker { layer, settings: made_of, store });
                self.circuit_breaker = circuits.filter(|_| !is_off);
            }
            "timeout" => {
                self.timeout = settings::<TimeoutConfig, _>(node, &[], report).filter(|_| !is_off);
                self.timeouts_are_off = off;
            }
            "deadline" => self.deadline = settings::<DeadlineConfig, _>(node, &[], report).filter(|_| !is_off),
            "rate_limit" => {
                let store = store(&mut members, report);
                let limits = settings::<llm_layers_rate_limit::Config, RateLimit>(node, &["store"], report);
                self.rate_limit = limits.map(|limits| RateLimit { store, ..limits }).filter(|_| !is_off);
                self.limits_are_off = off;
            }
            "accounts" => {
                let store = store(&mut members, report);
                let accounts = settings::<llm_layers_accounts::Config, Accounts>(node, &["store"], report);
                self.accounts = accounts.map(|accounts| Accounts { store, ..accounts }).filter(|_| !is_off);
                self.accounts_are_off = off;
            }
            // Who writes the table wants it, as with rate limits.
            "pii_redaction" => self.pii_redaction = redaction::read(node, &mut members, report).filter(|_| !is_off),
            "cache" => self.cache = cache::read(node, &mut members, report).filter(|_| !is_off),
            "tool_call_validator" => {
                let layer = settings::<llm_layers_tool_call_validator::Config, _>(node, &[], report);
                self.tool_call_validator = layer.filter(|_| !is_off);
            }
            // There are no others.
            _ => {}
        }
    }
}

impl Layers {
    /// Takes over the limits of single keys. They hold whether the table is there or not, unless it says otherwise.
    pub(super) fn limit(&mut self, keys: &[Key], report: &mut Report<'_>) {
        let limited = keys.iter().filter_map(|key| Some((Arc::clone(&key.name), key.limits?)));
        let limited: Vec<_> = limited.collect();
        let Some((first, _)) = limited.first() else { return };
        if let Some(place) = &self.limits_are_off {
            let message = format!("`keys.{first}` has limits, and the layer that would keep them is switched off here");
            report.error(place, message, "leave this out, or the limits of all keys");
        }
        self.rate_limit.get_or_insert_default().callers = limited;
    }

    /// Takes over the budgets of single keys and aliases, which hold in the same way.
    pub(super) fn budget(&mut self, keys: &[Key], aliases: &[Alias], report: &mut Report<'_>) {
        let keys = keys.iter().filter(|key| !key.budget.is_empty());
        let keys: Vec<_> = keys.map(|key| (Arc::clone(&key.name), key.budget.clone())).collect();
        let aliases = aliases.iter().filter(|alias| !alias.budget.is_empty());
        let aliases: Vec<_> = aliases.map(|alias| (Arc::clone(&alias.name), alias.budget.clone())).collect();
        let first = keys.first().map(|(name, _)| format!("`keys.{name}`"));
        let first = first.or_else(|| aliases.first().map(|(name, _)| format!("the alias `{name}`")));
        if let (Some(place), Some(first)) = (&self.accounts_are_off, first) {
            let message = format!("{first} has a budget, and the layer that would keep it is switched off here");
            report.error(place, message, "leave this out, or all budgets");
        }
        if let Some(accounts) = &mut self.accounts {
            (accounts.callers, accounts.aliases) = (keys, aliases);
        }
    }

    /// Checks that the time limits of single providers are kept by somebody.
    pub(super) fn check_timeouts(&self, providers: &[Provider], report: &mut Report<'_>) {
        let Some(place) = &self.timeouts_are_off else { return };
        let Some(Provider { name, .. }) = providers.iter().find(|provider| provider.timeouts.limit_attempts()) else {
            return;
        };
        let message =
            format!("`providers.{name}.timeout` has limits, and the layer that would keep them is switched off here");
        report.error(place, message, "leave this out, or all members of the providers' `timeout` but `connect`");
    }
}

/// What is read by the layer's crate: everything but `enabled` and what is named.
fn settings<T, U>(node: &Node<'_>, but: &[&str], report: &mut Report<'_>) -> Option<U>
where
    T: serde::de::DeserializeOwned,
    U: TryFrom<T, Error: std::fmt::Display>,
{
    let but: Vec<_> = but.iter().copied().chain(["enabled"]).collect();
    node.settings::<T, U>(&but, report)
}

/// `store = "memory"`, or the URL of a Redis, which may hold a password.
fn store(members: &mut Members<'_>, report: &mut Report<'_>) -> Option<Store> {
    store_at(&members.get("store")?, report)?
}

/// `Some(None)` is memory, and `None` a mistake that is told.
pub(super) fn store_at(node: &Node<'_>, report: &mut Report<'_>) -> Option<Option<Store>> {
    let url = node.secret(report)?;
    if url.expose() == "memory" {
        return Some(None);
    }
    match Redis::open(url.expose()) {
        Ok(redis) => Some(Some(Store { url, redis })),
        Err(error) => {
            report.error(&node.place, error.to_string(), "write `\"memory\"`, or such as `\"redis://127.0.0.1:6379\"`");
            None
        }
    }
}

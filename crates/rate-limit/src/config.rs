//! Settings from a file.

use std::{fmt, num::NonZero};

use llm_layers_core::ConfigError;
use serde::Deserialize;

use crate::{Limits, OnStoreFailure, RateLimitLayer, Rule};

/// The layer's table in a file: limits of each caller, and if wanted of each deployment and of all together.
///
/// ```
/// use llm_layers_rate_limit::{Config, RateLimitLayer};
///
/// let config: Config = toml::from_str(
///     r#"
///     rpm = 600
///     tpm = 100_000
///     concurrent = 20
///     deployment = { tpm = 2_000_000 }
///     on_store_failure = "closed"
///     "#,
/// )?;
/// let layer = RateLimitLayer::try_from(config)?;
/// # let _ = layer;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// Requests per minute of each caller.
    pub rpm: Option<NonZero<u32>>,
    /// Tokens per minute of each caller.
    pub tpm: Option<NonZero<u64>>,
    /// Calls at once of each caller.
    pub concurrent: Option<NonZero<u32>>,
    /// Requests that may come at once. Default: `rpm`.
    pub burst: Option<NonZero<u32>>,
    /// Tokens that may be used at once. Default: `tpm`.
    pub token_burst: Option<NonZero<u64>>,
    /// Limits of each deployment.
    pub deployment: Option<LimitsConfig>,
    /// Limits of all calls together.
    pub global: Option<LimitsConfig>,
    /// What becomes of calls while the store is away: `open` (the default) or `closed`.
    pub on_store_failure: OnStoreFailure,
    /// `memory` (the default), or the URL of a Redis, such as `redis://127.0.0.1:6379`.
    pub store: Option<String>,
}

/// Limits in a file.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct LimitsConfig {
    /// Requests per minute.
    pub rpm: Option<NonZero<u32>>,
    /// Tokens per minute.
    pub tpm: Option<NonZero<u64>>,
    /// Calls at once.
    pub concurrent: Option<NonZero<u32>>,
    /// Requests that may come at once. Default: `rpm`.
    pub burst: Option<NonZero<u32>>,
    /// Tokens that may be used at once. Default: `tpm`.
    pub token_burst: Option<NonZero<u64>>,
}

impl Config {
    /// The limits of each caller.
    #[must_use]
    pub const fn caller(&self) -> LimitsConfig {
        let Self { rpm, tpm, concurrent, burst, token_burst, .. } = *self;
        LimitsConfig { rpm, tpm, concurrent, burst, token_burst }
    }
}

impl TryFrom<LimitsConfig> for Limits {
    type Error = ConfigError;

    fn try_from(config: LimitsConfig) -> Result<Self, ConfigError> {
        let mut limits = Self::new();
        if let Some(rpm) = config.rpm {
            limits = limits.requests_per_minute(rpm.get());
        }
        if let Some(tpm) = config.tpm {
            limits = limits.tokens_per_minute(tpm.get());
        }
        if let Some(concurrent) = config.concurrent {
            limits = limits.concurrent(concurrent.get());
        }
        if let Some(burst) = config.burst {
            config.rpm.ok_or_else(|| ConfigError::new("burst", "needs `rpm` beside it"))?;
            limits = limits.burst(burst.get());
        }
        if let Some(burst) = config.token_burst {
            config.tpm.ok_or_else(|| ConfigError::new("token_burst", "needs `tpm` beside it"))?;
            limits = limits.token_burst(burst.get());
        }
        Ok(limits)
    }
}

impl TryFrom<Config> for RateLimitLayer {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        let caller = Limits::try_from(config.caller())?;
        let mut layer = Self::new().on_store_failure(config.on_store_failure);
        if !caller.is_unlimited() {
            layer = layer.rule(Rule::per_caller(caller));
        }
        if let Some(limits) = config.deployment {
            layer = layer.rule(Rule::per_deployment(limits.try_into()?));
        }
        if let Some(limits) = config.global {
            layer = layer.rule(Rule::global(limits.try_into()?));
        }
        match config.store.as_deref() {
            None | Some("memory") => Ok(layer),
            Some(url) => shared(layer, url),
        }
    }
}

#[cfg(feature = "redis")]
fn shared(layer: RateLimitLayer, url: &str) -> Result<RateLimitLayer, ConfigError> {
    let redis = llm_layers_redis::Redis::open(url).map_err(|error| ConfigError::new("store", error.to_string()))?;
    Ok(layer.store(crate::RedisStore::new(redis)))
}

#[cfg(not(feature = "redis"))]
fn shared(_: RateLimitLayer, _: &str) -> Result<RateLimitLayer, ConfigError> {
    Err(ConfigError::new("store", "neither `memory`, nor is the feature `redis` of llm-layers-rate-limit on"))
}

/// The URL of the store may hold a password, and is not shown.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("rpm", &self.rpm)
            .field("tpm", &self.tpm)
            .field("concurrent", &self.concurrent)
            .field("deployment", &self.deployment)
            .field("global", &self.global)
            .field("on_store_failure", &self.on_store_failure)
            .finish_non_exhaustive()
    }
}

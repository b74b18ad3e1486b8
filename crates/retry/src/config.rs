//! The layers' settings in configuration files.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use llm_layers_core::{ConfigError, FailureKind, duration};
use serde::Deserialize;

use crate::{After, HedgeLayer, RetryLayer};

/// Both layers' settings in a configuration file. What is absent keeps its default.
///
/// ```
/// use llm_layers_retry::{Config, Layers};
///
/// let config: Config = toml::from_str(
///     r#"
///     max_attempts = 4
///     base_delay = "200ms"
///     max_delay = "5s"
///     max_wait = "20s"
///     budget = { ratio = 0.1, min_per_second = 5 }
///     attempts = { rate_limit = 5, timeout = 1 }
///     hedge = { after = "p99", budget = 0.02 }
///     "#,
/// )?;
/// let Layers { retry, hedge, .. } = Layers::try_from(config)?;
/// # let _ = retry;
/// assert!(hedge.is_some());
///
/// let wrong: Config = toml::from_str(r#"base_delay = "soon""#)?;
/// assert_eq!(Layers::try_from(wrong).unwrap_err().member(), "base_delay");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// [`RetryLayer::max_attempts`], from 1 to 20.
    pub max_attempts: Option<u32>,
    /// [`RetryLayer::base_delay`].
    pub base_delay: Option<String>,
    /// [`RetryLayer::max_delay`].
    pub max_delay: Option<String>,
    /// [`RetryLayer::max_wait`].
    pub max_wait: Option<String>,
    /// [`RetryLayer::budget`].
    pub budget: Option<BudgetConfig>,
    /// [`RetryLayer::attempts`], by the names of the [kinds](FailureKind::as_str), from 1 to 20.
    pub attempts: BTreeMap<String, u32>,
    /// The hedges; there are none without.
    pub hedge: Option<HedgeConfig>,
}

/// [`RetryLayer::budget`] in a configuration file: `{ ratio = 0.2, min_per_second = 10 }`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct BudgetConfig {
    /// The share of successful calls.
    pub ratio: Option<f32>,
    /// So many retries a second beside.
    pub min_per_second: Option<u32>,
}

/// A [`HedgeLayer`]'s settings in a configuration file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct HedgeConfig {
    /// `false` for none.
    pub enabled: Option<bool>,
    /// [`HedgeLayer::after`]: `"p95"` or `"800ms"`.
    pub after: Option<String>,
    /// [`HedgeLayer::budget`].
    pub budget: Option<f64>,
}

/// What a [`Config`] makes.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Layers {
    /// The retries.
    pub retry: RetryLayer,
    /// The hedges, which go above the retries.
    pub hedge: Option<HedgeLayer>,
}

impl TryFrom<Config> for Layers {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        let mut retry = RetryLayer::new();
        if let Some(attempts) = config.max_attempts {
            retry = retry.max_attempts(ConfigError::within("max_attempts", attempts, ATTEMPTS)?);
        }
        for (member, text, set) in [
            ("base_delay", config.base_delay, RetryLayer::base_delay as fn(RetryLayer, Duration) -> RetryLayer),
            ("max_delay", config.max_delay, RetryLayer::max_delay),
            ("max_wait", config.max_wait, RetryLayer::max_wait),
        ] {
            if let Some(text) = text {
                retry = set(retry, delay(member, &text)?);
            }
        }
        if let Some(BudgetConfig { ratio, min_per_second }) = config.budget {
            let ratio = ConfigError::within("budget.ratio", f64::from(ratio.unwrap_or(0.2)), 0.0..=1.0)?;
            retry = retry.budget(ratio as f32, min_per_second.unwrap_or(10));
        }
        for (name, attempts) in config.attempts {
            let kind = kind(&name)?;
            retry = retry.attempts(kind, ConfigError::within(format!("attempts.{name}"), attempts, ATTEMPTS)?);
        }
        let hedge = config.hedge.filter(|hedge| hedge.enabled != Some(false)).map(HedgeLayer::try_from).transpose()?;
        Ok(Self { retry, hedge })
    }
}

impl TryFrom<HedgeConfig> for HedgeLayer {
    type Error = ConfigError;

    fn try_from(config: HedgeConfig) -> Result<Self, ConfigError> {
        let mut hedge = Self::new();
        if let Some(text) = config.after {
            let after: After = text.parse().map_err(|error| ConfigError::new("hedge.after", format!("is {error}")))?;
            hedge = hedge.after(after);
        }
        if let Some(budget) = config.budget {
            hedge = hedge.budget(ConfigError::within("hedge.budget", budget, 0.0..=1.0)?);
        }
        Ok(hedge)
    }
}

const ATTEMPTS: RangeInclusive<u32> = 1..=20;

/// A time, which may be none at all: to try again at once.
fn delay(member: &'static str, text: &str) -> Result<Duration, ConfigError> {
    match duration::parse(text) {
        Some(delay) => Ok(delay),
        None => ConfigError::time(member, text),
    }
}

fn kind(name: &str) -> Result<FailureKind, ConfigError> {
    let mut kinds = FailureKind::ALL.into_iter().filter(|kind| kind.is_retryable());
    kinds.clone().find(|kind| kind.as_str() == name).ok_or_else(|| {
        let known: Vec<_> = kinds.by_ref().map(FailureKind::as_str).collect();
        let why = format!("not a kind of failure that is tried again, which are {}", known.join(", "));
        ConfigError::new(format!("attempts.{name}"), why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Layers, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        Layers::try_from(config).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_set_is_set() {
        let config = read(
            r#"
            max_attempts = 4
            base_delay = "0s"
            max_delay = "5s"
            attempts = { rate_limit = 5, timeout = 1 }
            hedge = { enabled = true, after = "800ms", budget = 0.02 }
            "#,
        );
        let config = config.expect("a config");
        let expected = RetryLayer::new()
            .max_attempts(4)
            .base_delay(Duration::ZERO)
            .max_delay(Duration::from_secs(5))
            .attempts(FailureKind::RateLimit, 5)
            .never(FailureKind::Timeout);
        assert_eq!(format!("{:?}", config.retry), format!("{expected:?}"));
        let expected = HedgeLayer::new().after(After::Fixed(Duration::from_millis(800)));
        assert_eq!(format!("{:?}", config.hedge), format!("{:?}", Some(expected)));
        assert!(read("").expect("defaults").hedge.is_none());
        assert!(read("hedge = { enabled = false }").expect("off").hedge.is_none());
        assert!(read("hedge = {}").expect("on").hedge.is_some());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, error) in [
            ("max_attempts = 0", "`max_attempts`: 0 is not from 1 to 20"),
            ("max_attempts = 21", "`max_attempts`: 21 is not from 1 to 20"),
            (
                r#"max_wait = "30""#,
                r#"`max_wait`: must be a time above zero with a unit, such as "500ms", "30s", "10m" or "1h""#,
            ),
            ("budget = { ratio = 1.5 }", "`budget.ratio`: 1.5 is not from 0 to 1"),
            ("budget = { ratio = nan }", "`budget.ratio`: NaN is not from 0 to 1"),
            ("attempts = { timeout = 0 }", "`attempts.timeout`: 0 is not from 1 to 20"),
            (
                "attempts = { quota = 2 }",
                "`attempts.quota`: not a kind of failure that is tried again, which are unreachable, timeout, conflict, \
                 rate_limit, overloaded, upstream, malformed",
            ),
            (
                r#"hedge = { after = "p100" }"#,
                r#"`hedge.after`: is neither a quantile such as "p95" nor a duration such as "800ms""#,
            ),
            ("hedge = { budget = 2.0 }", "`hedge.budget`: 2 is not from 0 to 1"),
        ] {
            assert_eq!(read(text).expect_err(text), error);
        }
        for text in ["max_atempts = 3", "budget = { rate = 1 }", "hedge = { on = true }", "max_attempts = -1"] {
            read(text).expect_err(text);
        }
    }
}

use std::time::Duration;

use llm_layers_core::ConfigError;
use serde::Deserialize;

use crate::{ByKind, CircuitBreakerLayer, Rules, Window, rules::MAX_CALLS};

/// Settings as a file has them. Those that are left out keep their defaults.
///
/// ```
/// use llm_layers_circuit_breaker::{CircuitBreakerLayer, Config};
///
/// let config: Config = serde_json::from_str(
///     r#"{
///         "failure_rate": 0.5, "window": { "calls": 100 }, "min_calls": 10, "consecutive_failures": 5,
///         "slow_call": { "over": "10s", "rate": 0.5 }, "max_p99": { "first_token": "2s", "total": "60s" },
///         "open_for": "15s", "max_open_for": "5m", "probes": 3, "recovery": [0.25, 0.5]
///     }"#,
/// )?;
/// let layer = CircuitBreakerLayer::try_from(config)?;
/// # let _ = layer;
///
/// let wrong: Config = serde_json::from_str(r#"{ "failure_rate": 50 }"#)?;
/// let error = CircuitBreakerLayer::try_from(wrong).unwrap_err();
/// assert_eq!(error.to_string(), "`failure_rate`: must be above 0 and at most 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// [`Rules::failure_rate`].
    pub failure_rate: Option<f64>,
    /// [`Rules::window`].
    pub window: Option<WindowConfig>,
    /// [`Rules::min_calls`].
    pub min_calls: Option<u32>,
    /// [`Rules::consecutive_failures`].
    pub consecutive_failures: Option<u32>,
    /// [`Rules::slow_calls`].
    pub slow_call: Option<SlowCallConfig>,
    /// [`Rules::max_first_token`] and [`Rules::max_total`] of the median.
    pub max_p50: Option<PercentileConfig>,
    /// Those of the 95th percentile.
    pub max_p95: Option<PercentileConfig>,
    /// Those of the 99th percentile.
    pub max_p99: Option<PercentileConfig>,
    /// [`Rules::open_for`].
    pub open_for: Option<String>,
    /// [`Rules::max_open_for`].
    pub max_open_for: Option<String>,
    /// [`Rules::reset_after`].
    pub reset_after: Option<String>,
    /// [`Rules::probes`].
    pub probes: Option<u32>,
    /// [`Rules::probe_timeout`].
    pub probe_timeout: Option<String>,
    /// [`Rules::recovery`].
    pub recovery: Option<Vec<f64>>,
    /// [`Rules::recovery_step`].
    pub recovery_step: Option<String>,
    /// [`ByKind::rate_limits`].
    pub count_rate_limits: Option<bool>,
    /// [`ByKind::auth`].
    pub open_on_auth: Option<bool>,
    /// [`Rules::max_keys`].
    pub max_keys: Option<usize>,
    /// [`Rules::idle_after`].
    pub idle_after: Option<String>,
}

/// A [`Window`] in a configuration file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a time such as \"30s\", or { calls = 100 }")]
#[non_exhaustive]
pub enum WindowConfig {
    /// [`Window::Time`].
    Time(String),
    /// [`Window::Calls`].
    Calls(CallsConfig),
}

/// A number of calls in a configuration file: `{ calls = 100 }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CallsConfig {
    /// How many.
    pub calls: u32,
}

/// [`Rules::slow_calls`] in a configuration file: `{ over = "10s", rate = 0.5 }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SlowCallConfig {
    /// What is slow.
    pub over: String,
    /// The share of calls that are.
    pub rate: f64,
}

/// What a percentile must not exceed, in a configuration file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PercentileConfig {
    /// [`Rules::max_first_token`].
    pub first_token: Option<String>,
    /// [`Rules::max_total`].
    pub total: Option<String>,
}

impl TryFrom<Config> for CircuitBreakerLayer {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        let mut classify = ByKind::default();
        if let Some(fail) = config.count_rate_limits {
            classify = classify.rate_limits(fail);
        }
        if let Some(opens) = config.open_on_auth {
            classify = classify.auth(opens);
        }
        Ok(Self::new(Rules::try_from(config)?).classify(classify))
    }
}

/// All but what tells successes from failures.
impl TryFrom<Config> for Rules {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        let mut rules = percentiles(Self::default(), &config)?;
        if let Some(rate) = config.failure_rate {
            rules = rules.failure_rate(share("failure_rate", rate)?);
        }
        if let Some(window) = config.window {
            rules = rules.window(window.check()?);
        }
        if let Some(calls) = config.min_calls {
            rules = rules.min_calls(count("min_calls", calls)?);
        }
        if let Some(failures) = config.consecutive_failures {
            rules = rules.consecutive_failures(count("consecutive_failures", failures)?);
        }
        if let Some(slow) = config.slow_call {
            rules =
                rules.slow_calls(ConfigError::time("slow_call.over", &slow.over)?, share("slow_call.rate", slow.rate)?);
        }
        for (member, value, set) in [
            ("open_for", config.open_for, Self::open_for as fn(Self, Duration) -> Self),
            ("max_open_for", config.max_open_for, Self::max_open_for),
            ("reset_after", config.reset_after, Self::reset_after),
            ("probe_timeout", config.probe_timeout, Self::probe_timeout),
            ("recovery_step", config.recovery_step, Self::recovery_step),
            ("idle_after", config.idle_after, Self::idle_after),
        ] {
            if let Some(value) = value {
                rules = set(rules, ConfigError::time(member, &value)?);
            }
        }
        if rules.max_open_for < rules.open_for {
            return Err(ConfigError::new("max_open_for", "must be at least open_for"));
        }
        if let Some(probes) = config.probes {
            rules = rules.probes(count("probes", probes)?);
        }
        if let Some(recovery) = config.recovery {
            for step in &recovery {
                share("recovery", *step)?;
            }
            rules = rules.recovery(recovery);
        }
        match config.max_keys {
            Some(0) => Err(ConfigError::new("max_keys", "must be at least 1")),
            Some(keys) => Ok(rules.max_keys(keys)),
            None => Ok(rules),
        }
    }
}

impl WindowConfig {
    fn check(self) -> Result<Window, ConfigError> {
        match self {
            Self::Time(value) => Ok(Window::Time(ConfigError::time("window", &value)?)),
            Self::Calls(CallsConfig { calls }) => {
                Ok(Window::Calls(ConfigError::within("window.calls", calls, 1..=MAX_CALLS)?))
            }
        }
    }
}

/// A time has one percentile.
fn percentiles(mut rules: Rules, config: &Config) -> Result<Rules, ConfigError> {
    const ONCE: &str = "must be limited by one percentile only";
    for (quantile, first_token, total, limits) in [
        (0.5, "max_p50.first_token", "max_p50.total", &config.max_p50),
        (0.95, "max_p95.first_token", "max_p95.total", &config.max_p95),
        (0.99, "max_p99.first_token", "max_p99.total", &config.max_p99),
    ] {
        let Some(limits) = limits else { continue };
        if let Some(limit) = &limits.first_token {
            if rules.max_first_token.is_some() {
                return Err(ConfigError::new(first_token, ONCE));
            }
            rules = rules.max_first_token(quantile, ConfigError::time(first_token, limit)?);
        }
        if let Some(limit) = &limits.total {
            if rules.max_total.is_some() {
                return Err(ConfigError::new(total, ONCE));
            }
            rules = rules.max_total(quantile, ConfigError::time(total, limit)?);
        }
    }
    Ok(rules)
}

fn share(member: &'static str, value: f64) -> Result<f64, ConfigError> {
    let valid = value > 0.0 && value <= 1.0;
    if valid { Ok(value) } else { Err(ConfigError::new(member, "must be above 0 and at most 1")) }
}

fn count(member: &'static str, value: u32) -> Result<u32, ConfigError> {
    if value == 0 { Err(ConfigError::new(member, "must be at least 1")) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Percentile, SlowCalls};

    fn read(text: &str) -> Result<Rules, String> {
        let config: Config = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Rules::try_from(config).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_is_the_default() {
        assert_eq!(format!("{:?}", read("{}").unwrap()), format!("{:?}", Rules::default()));
    }

    #[test]
    fn everything_is_taken_over() {
        let rules = read(
            r#"{ "failure_rate": 0.25, "window": "1m30s", "min_calls": 7, "consecutive_failures": 5,
                "slow_call": { "over": "10s", "rate": 0.75 }, "max_p99": { "first_token": "2s" },
                "max_p50": { "total": "60s" }, "open_for": "1500ms", "max_open_for": "1h", "reset_after": "2h",
                "probes": 2, "probe_timeout": "9s", "recovery": [], "recovery_step": "3s", "max_keys": 9,
                "idle_after": "8s" }"#,
        )
        .unwrap();
        let seconds = Duration::from_secs;
        assert_eq!((rules.failure_rate, rules.min_calls, rules.consecutive_failures), (Some(0.25), 7, Some(5)));
        assert_eq!(rules.window, Window::Time(seconds(90)));
        assert_eq!(rules.slow_calls, Some(SlowCalls { over: seconds(10), rate: 0.75 }));
        assert_eq!(rules.max_first_token, Some(Percentile { quantile: 0.99, limit: seconds(2) }));
        assert_eq!(rules.max_total, Some(Percentile { quantile: 0.5, limit: seconds(60) }));
        assert_eq!((rules.open_for, rules.max_open_for), (Duration::from_millis(1500), seconds(3600)));
        assert_eq!((rules.reset_after, rules.probe_timeout), (seconds(7200), seconds(9)));
        assert_eq!((rules.probes, rules.recovery.len(), rules.recovery_step), (2, 0, seconds(3)));
        assert_eq!((rules.max_keys, rules.idle_after), (9, seconds(8)));
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        for (text, expected) in [
            (r#"{"failure_rate":0}"#, "`failure_rate`: must be above 0 and at most 1"),
            (r#"{"failure_rate":1.5}"#, "`failure_rate`: must be above 0 and at most 1"),
            (r#"{"window":{"calls":0}}"#, "`window.calls`: 0 is not from 1 to 10000"),
            (r#"{"window":{"calls":10001}}"#, "`window.calls`: 10001 is not from 1 to 10000"),
            (r#"{"window":"0s"}"#, "`window`: must be a time"),
            (r#"{"window":"5"}"#, "`window`: must be a time"),
            (r#"{"open_for":"soon"}"#, "`open_for`: must be a time"),
            (r#"{"max_p99":{"first_token":"-2s"}}"#, "`max_p99.first_token`: must be a time"),
            (r#"{"min_calls":0}"#, "`min_calls`: must be at least 1"),
            (r#"{"consecutive_failures":0}"#, "`consecutive_failures`: must be at least 1"),
            (r#"{"slow_call":{"over":"1s","rate":2}}"#, "`slow_call.rate`: must be above 0 and at most 1"),
            (r#"{"open_for":"10m"}"#, "`max_open_for`: must be at least open_for"),
            (r#"{"probes":0}"#, "`probes`: must be at least 1"),
            (r#"{"recovery":[0.5,7]}"#, "`recovery`: must be above 0 and at most 1"),
            (r#"{"max_keys":0}"#, "`max_keys`: must be at least 1"),
            (
                r#"{"max_p50":{"total":"1s"},"max_p99":{"total":"2s"}}"#,
                "`max_p99.total`: must be limited by one percentile only",
            ),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        for text in [
            r#"{"open_for":15}"#,
            r#"{"falure_rate":0.5}"#,
            r#"{"window":{"calls":5,"time":"5s"}}"#,
            r#"{"slow_call":{"over":"1s"}}"#,
            r#"{"max_p99":{"last_token":"1s"}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}

use std::{fmt, time::Duration};

use llm_layers_core::retry_after;
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
/// assert_eq!(error.to_string(), "failure_rate: must be above 0 and at most 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    failure_rate: Option<f64>,
    window: Option<WindowConfig>,
    min_calls: Option<u32>,
    consecutive_failures: Option<u32>,
    slow_call: Option<SlowCallConfig>,
    max_p50: Option<PercentileConfig>,
    max_p95: Option<PercentileConfig>,
    max_p99: Option<PercentileConfig>,
    open_for: Option<String>,
    max_open_for: Option<String>,
    reset_after: Option<String>,
    probes: Option<u32>,
    probe_timeout: Option<String>,
    recovery: Option<Vec<f64>>,
    recovery_step: Option<String>,
    count_rate_limits: Option<bool>,
    open_on_auth: Option<bool>,
    max_keys: Option<usize>,
    idle_after: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a time such as \"30s\", or { calls = 100 }")]
enum WindowConfig {
    Time(String),
    Calls(CallsConfig),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallsConfig {
    calls: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlowCallConfig {
    over: String,
    rate: f64,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PercentileConfig {
    first_token: Option<String>,
    total: Option<String>,
}

/// A setting that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigError {
    member: &'static str,
    expected: &'static str,
}

impl ConfigError {
    /// The member of the table that is wrong.
    #[must_use]
    pub const fn member(&self) -> &'static str {
        self.member
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: must be {}", self.member, self.expected)
    }
}

impl std::error::Error for ConfigError {}

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
        let mut rules = Self::default();
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
            rules = rules.slow_calls(time("slow_call.over", &slow.over)?, share("slow_call.rate", slow.rate)?);
        }
        rules = percentiles(rules, [(0.5, config.max_p50), (0.95, config.max_p95), (0.99, config.max_p99)])?;
        for (member, value, set) in [
            ("open_for", config.open_for, Self::open_for as fn(Self, Duration) -> Self),
            ("max_open_for", config.max_open_for, Self::max_open_for),
            ("reset_after", config.reset_after, Self::reset_after),
            ("probe_timeout", config.probe_timeout, Self::probe_timeout),
            ("recovery_step", config.recovery_step, Self::recovery_step),
            ("idle_after", config.idle_after, Self::idle_after),
        ] {
            if let Some(value) = value {
                rules = set(rules, time(member, &value)?);
            }
        }
        if rules.max_open_for < rules.open_for {
            return Err(ConfigError { member: "max_open_for", expected: "at least open_for" });
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
            Some(0) => Err(ConfigError { member: "max_keys", expected: "at least 1" }),
            Some(keys) => Ok(rules.max_keys(keys)),
            None => Ok(rules),
        }
    }
}

impl WindowConfig {
    fn check(self) -> Result<Window, ConfigError> {
        match self {
            Self::Time(value) => Ok(Window::Time(time("window", &value)?)),
            Self::Calls(CallsConfig { calls: calls @ 1..=MAX_CALLS }) => Ok(Window::Calls(calls)),
            Self::Calls(_) => Err(ConfigError { member: "window.calls", expected: "from 1 to 10000" }),
        }
    }
}

/// A time has one percentile.
fn percentiles(mut rules: Rules, all: [(f64, Option<PercentileConfig>); 3]) -> Result<Rules, ConfigError> {
    const ONCE: &str = "limited by one percentile only";
    for (quantile, limits) in all.into_iter().filter_map(|(quantile, limits)| Some((quantile, limits?))) {
        if let Some(limit) = limits.first_token {
            if rules.max_first_token.is_some() {
                return Err(ConfigError { member: "first_token", expected: ONCE });
            }
            rules = rules.max_first_token(quantile, time("first_token", &limit)?);
        }
        if let Some(limit) = limits.total {
            if rules.max_total.is_some() {
                return Err(ConfigError { member: "total", expected: ONCE });
            }
            rules = rules.max_total(quantile, time("total", &limit)?);
        }
    }
    Ok(rules)
}

fn share(member: &'static str, value: f64) -> Result<f64, ConfigError> {
    let valid = value > 0.0 && value <= 1.0;
    if valid { Ok(value) } else { Err(ConfigError { member, expected: "above 0 and at most 1" }) }
}

const fn count(member: &'static str, value: u32) -> Result<u32, ConfigError> {
    if value == 0 { Err(ConfigError { member, expected: "at least 1" }) } else { Ok(value) }
}

/// A time as people write it: `"30s"`, `"1.5s"`, `"500ms"`, `"2m"`, `"1m30s"`, `"1h"`; a week at most.
fn time(member: &'static str, text: &str) -> Result<Duration, ConfigError> {
    let value = retry_after::duration(text).filter(|time| !time.is_zero());
    value.ok_or(ConfigError { member, expected: "a time such as \"500ms\", \"30s\" or \"5m\"" })
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
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
            (r#"{"failure_rate":0}"#, "failure_rate: must be above 0 and at most 1"),
            (r#"{"failure_rate":1.5}"#, "failure_rate: must be above 0 and at most 1"),
            (r#"{"window":{"calls":0}}"#, "window.calls: must be from 1 to 10000"),
            (r#"{"window":{"calls":10001}}"#, "window.calls: must be from 1 to 10000"),
            (r#"{"window":"0s"}"#, "window: must be a time such as \"500ms\", \"30s\" or \"5m\""),
            (r#"{"window":"5"}"#, "window: must be a time such as \"500ms\", \"30s\" or \"5m\""),
            (r#"{"open_for":"soon"}"#, "open_for: must be a time such as \"500ms\", \"30s\" or \"5m\""),
            (
                r#"{"max_p99":{"first_token":"-2s"}}"#,
                "first_token: must be a time such as \"500ms\", \"30s\" or \"5m\"",
            ),
            (r#"{"min_calls":0}"#, "min_calls: must be at least 1"),
            (r#"{"consecutive_failures":0}"#, "consecutive_failures: must be at least 1"),
            (r#"{"slow_call":{"over":"1s","rate":2}}"#, "slow_call.rate: must be above 0 and at most 1"),
            (r#"{"open_for":"10m"}"#, "max_open_for: must be at least open_for"),
            (r#"{"probes":0}"#, "probes: must be at least 1"),
            (r#"{"recovery":[0.5,7]}"#, "recovery: must be above 0 and at most 1"),
            (r#"{"max_keys":0}"#, "max_keys: must be at least 1"),
            (r#"{"max_p50":{"total":"1s"},"max_p99":{"total":"2s"}}"#, "total: must be limited by one percentile only"),
        ] {
            assert_eq!(read(text).err().as_deref(), Some(expected), "{text}");
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

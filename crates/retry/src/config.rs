use std::{collections::BTreeMap, time::Duration};

use llm_layers_core::{FailureKind, retry_after};
use serde::Deserialize;

use crate::{After, HedgeLayer, RetryLayer};

/// Both layers, as a configuration file sets them. Members that are left out keep their defaults.
///
/// ```
/// # use llm_layers_retry::Config;
/// let config: Config = toml::from_str(r#"
///     max_attempts = 4
///     base_delay = "200ms"
///     max_delay = "5s"
///     max_wait = "20s"
///     budget = { ratio = 0.1, min_per_second = 5 }
///     attempts = { rate_limit = 5, timeout = 1 }
///     hedge = { after = "p99", budget = 0.02 }
/// "#)?;
/// assert!(config.hedge.is_some());
///
/// let error = toml::from_str::<Config>(r#"base_delay = "soon""#).unwrap_err();
/// assert!(error.to_string().contains(r#"base_delay: "soon" is no duration"#));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Raw")]
#[non_exhaustive]
pub struct Config {
    /// The retries.
    pub retry: RetryLayer,
    /// The hedges: there are none without a table `hedge`, or where its `enabled` is `false`.
    pub hedge: Option<HedgeLayer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    max_attempts: Option<u32>,
    base_delay: Option<String>,
    max_delay: Option<String>,
    max_wait: Option<String>,
    budget: Option<RawBudget>,
    #[serde(default)]
    attempts: BTreeMap<String, u32>,
    hedge: Option<RawHedge>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBudget {
    ratio: Option<f32>,
    min_per_second: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHedge {
    enabled: Option<bool>,
    after: Option<String>,
    budget: Option<f64>,
}

impl TryFrom<Raw> for Config {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let mut retry = RetryLayer::new();
        if let Some(attempts) = raw.max_attempts {
            retry = retry.max_attempts(in_bounds("max_attempts", attempts)?);
        }
        if let Some(delay) = duration("base_delay", raw.base_delay)? {
            retry = retry.base_delay(delay);
        }
        if let Some(delay) = duration("max_delay", raw.max_delay)? {
            retry = retry.max_delay(delay);
        }
        if let Some(wait) = duration("max_wait", raw.max_wait)? {
            retry = retry.max_wait(wait);
        }
        if let Some(RawBudget { ratio, min_per_second }) = raw.budget {
            let ratio = share("budget.ratio", f64::from(ratio.unwrap_or(0.2)))?;
            retry = retry.budget(ratio as f32, min_per_second.unwrap_or(10));
        }
        for (name, attempts) in raw.attempts {
            let member = format!("attempts.{name}");
            retry = retry.attempts(kind(&name)?, in_bounds(&member, attempts)?);
        }
        let hedge = raw.hedge.filter(|hedge| hedge.enabled != Some(false)).map(hedge).transpose()?;
        Ok(Self { retry, hedge })
    }
}

fn hedge(raw: RawHedge) -> Result<HedgeLayer, String> {
    let mut hedge = HedgeLayer::new();
    if let Some(text) = raw.after {
        hedge = hedge.after(text.parse::<After>().map_err(|error| format!("hedge.after: {text:?} is {error}"))?);
    }
    if let Some(budget) = raw.budget {
        hedge = hedge.budget(share("hedge.budget", budget)?);
    }
    Ok(hedge)
}

fn in_bounds(member: &str, attempts: u32) -> Result<u32, String> {
    if (1..=20).contains(&attempts) {
        return Ok(attempts);
    }
    Err(format!("{member}: {attempts} is not from 1 to 20"))
}

fn share(member: &str, share: f64) -> Result<f64, String> {
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(format!("{member}: {share} is not from 0 to 1"))
}

fn duration(member: &str, text: Option<String>) -> Result<Option<Duration>, String> {
    let read = |text: String| {
        retry_after::duration(&text)
            .ok_or_else(|| format!(r#"{member}: {text:?} is no duration such as "500ms", "30s" or "2m""#))
    };
    text.map(read).transpose()
}

fn kind(name: &str) -> Result<FailureKind, String> {
    let mut kinds = FailureKind::ALL.into_iter().filter(|kind| kind.is_retryable());
    kinds.clone().find(|kind| kind.as_str() == name).ok_or_else(|| {
        let known: Vec<_> = kinds.by_ref().map(FailureKind::as_str).collect();
        format!("attempts.{name}: not a kind of failure that is tried again, which are {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn what_is_set_is_set() {
        let config = read(
            r#"
            max_attempts = 4
            base_delay = "200ms"
            max_delay = "5s"
            attempts = { rate_limit = 5, timeout = 1 }
            hedge = { enabled = true, after = "800ms", budget = 0.02 }
            "#,
        );
        let config = config.expect("a config");
        let expected = RetryLayer::new()
            .max_attempts(4)
            .base_delay(Duration::from_millis(200))
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
            ("max_attempts = 0", "max_attempts: 0 is not from 1 to 20"),
            ("max_attempts = 21", "max_attempts: 21 is not from 1 to 20"),
            (r#"max_wait = "30""#, r#"max_wait: "30" is no duration such as "500ms", "30s" or "2m""#),
            ("budget = { ratio = 1.5 }", "budget.ratio: 1.5 is not from 0 to 1"),
            ("budget = { ratio = nan }", "budget.ratio: NaN is not from 0 to 1"),
            ("attempts = { timeout = 0 }", "attempts.timeout: 0 is not from 1 to 20"),
            (
                "attempts = { quota = 2 }",
                "attempts.quota: not a kind of failure that is tried again, which are unreachable, timeout, conflict, \
                 rate_limit, overloaded, upstream, malformed",
            ),
            (
                r#"hedge = { after = "p100" }"#,
                r#"hedge.after: "p100" is neither a quantile such as "p95" nor a duration such as "800ms""#,
            ),
            ("hedge = { budget = 2.0 }", "hedge.budget: 2 is not from 0 to 1"),
        ] {
            assert_eq!(read(text).expect_err(text), error);
        }
        for text in ["max_atempts = 3", "budget = { rate = 1 }", "hedge = { on = true }", "max_attempts = -1"] {
            read(text).expect_err(text);
        }
    }
}

//! The layers' settings in configuration files.

use std::time::Duration;

use llm_layers_core::ConfigError;
use serde::Deserialize;

use crate::{DeadlineLayer, Limits, MinSpeed, TimeoutLayer};

/// The settings of a [`TimeoutLayer`] in a configuration file. Times are such as `"30s"`, or `"off"` for none; what is
/// absent keeps its default.
///
/// ```
/// use llm_layers_timeout::{TimeoutConfig, TimeoutLayer};
///
/// let config: TimeoutConfig = toml::from_str(
///     r#"
///     first_byte = "30s"
///     first_token = "60s"
///     idle = "off"
///     total = "10m"
///     min_speed = { tokens_per_second = 2, over = "20s" }
///     "#,
/// )?;
/// let layer = TimeoutLayer::try_from(config)?;
/// # let _ = layer;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct TimeoutConfig {
    /// [`Limits::first_byte`].
    pub first_byte: Option<String>,
    /// [`Limits::first_token`].
    pub first_token: Option<String>,
    /// [`Limits::idle`].
    pub idle: Option<String>,
    /// [`Limits::total`].
    pub total: Option<String>,
    /// [`Limits::min_speed`].
    pub min_speed: Option<MinSpeedConfig>,
}

/// A [`MinSpeed`] in a configuration file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MinSpeedConfig {
    /// [`MinSpeed::tokens_per_second`].
    pub tokens_per_second: f64,
    /// [`MinSpeed::over`].
    pub over: String,
}

/// The settings of a [`DeadlineLayer`] in a configuration file: `{ default = "10m", max = "30m" }`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DeadlineConfig {
    /// The time for calls that name none, or `"off"`.
    pub default: Option<String>,
    /// The longest time that a client may ask for, or `"off"`.
    pub max: Option<String>,
}

impl TimeoutConfig {
    /// These settings, and for what is absent those of `base`: the limits of one provider among others.
    ///
    /// # Errors
    /// A setting is no time, or makes no sense.
    pub fn over(self, base: Limits) -> Result<Limits, ConfigError> {
        let min_speed = self.min_speed.map(|speed| {
            let over = ConfigError::time("min_speed.over", &speed.over)?;
            MinSpeed::new(speed.tokens_per_second, over).map_err(|invalid| ConfigError::new("min_speed", invalid.0))
        });
        Ok(Limits {
            first_byte: read_or("first_byte", self.first_byte, base.first_byte)?,
            first_token: read_or("first_token", self.first_token, base.first_token)?,
            idle: read_or("idle", self.idle, base.idle)?,
            total: read_or("total", self.total, base.total)?,
            min_speed: min_speed.transpose()?.or(base.min_speed),
        })
    }
}

impl TryFrom<TimeoutConfig> for Limits {
    type Error = ConfigError;

    fn try_from(config: TimeoutConfig) -> Result<Self, ConfigError> {
        config.over(Self::default())
    }
}

impl TryFrom<TimeoutConfig> for TimeoutLayer {
    type Error = ConfigError;

    fn try_from(config: TimeoutConfig) -> Result<Self, ConfigError> {
        Limits::try_from(config).map(Self::new)
    }
}

impl TryFrom<DeadlineConfig> for DeadlineLayer {
    type Error = ConfigError;

    fn try_from(config: DeadlineConfig) -> Result<Self, ConfigError> {
        let max = read_or("max", config.max, Some(Self::MAX))?;
        // Who lowers the longest time lowers what is longer by default, too.
        let base = max.map_or(Self::DEFAULT, |max| max.min(Self::DEFAULT));
        let default = read_or("default", config.default, Some(base))?;
        if default > max && max.is_some() {
            return Err(ConfigError::new("default", "is longer than `max`"));
        }
        Ok(Self::new(default).max(max))
    }
}

fn read_or(
    member: &'static str,
    text: Option<String>,
    default: Option<Duration>,
) -> Result<Option<Duration>, ConfigError> {
    match text.as_deref() {
        None => Ok(default),
        Some("off") => Ok(None),
        Some(text) => ConfigError::time(member, text).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Result<Limits, String> {
        let config: TimeoutConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        Limits::try_from(config).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_absent_keeps_its_default() {
        assert_eq!(limits(""), Ok(Limits::default()));
        let seconds = Duration::from_secs;
        let expected = Limits::default()
            .first_byte(seconds(30))
            .idle(None)
            .total(seconds(5400))
            .min_speed(MinSpeed::new(2.0, seconds(20)).unwrap());
        let text = "first_byte = '30s'\nidle = 'off'\ntotal = '1.5h'\n\
                    min_speed = { tokens_per_second = 2, over = '20s' }";
        assert_eq!(limits(text), Ok(expected));
    }

    #[test]
    fn an_error_names_the_member() {
        for (text, member) in [
            ("first_byte = '30'", "first_byte"),
            ("first_token = '0s'", "first_token"),
            ("idle = ''", "idle"),
            ("total = 'never'", "total"),
            ("total = 10", "total"),
            ("ttfb = '1s'", "ttfb"),
            ("min_speed = { tokens_per_second = 2, over = 'x' }", "min_speed.over"),
            ("min_speed = { tokens_per_second = 0, over = '20s' }", "min_speed"),
            ("min_speed = { tokens_per_second = 2, over = '2ms' }", "min_speed"),
            ("min_speed = { tokens_per_second = 2 }", "over"),
        ] {
            let error = limits(text).expect_err(text);
            assert!(error.contains(member), "{text}: {error}");
        }
    }

    #[test]
    fn a_deadline_is_no_longer_than_the_longest() {
        let layer = |text: &str| {
            let config: DeadlineConfig = toml::from_str(text).expect("TOML");
            DeadlineLayer::try_from(config).map(|layer| format!("{layer:?}"))
        };
        assert_eq!(layer(""), Ok(format!("{:?}", DeadlineLayer::default())));
        assert!(layer("default = 'off'\nmax = 'off'").is_ok());
        assert!(layer("default = '2h'\nmax = 'off'").is_ok());
        assert_eq!(layer("default = '31m'").expect_err("longer").member(), "default");
        assert_eq!(layer("max = '1'").expect_err("no unit").member(), "max");
    }
}

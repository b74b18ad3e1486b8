//! The layer's settings in configuration files.

use llm_layers_core::ConfigError;
use serde::Deserialize;

use crate::{Admission, CacheLayer};

/// The settings of a [`CacheLayer`] in a configuration file. What is absent keeps its default. Where entries are kept, and
/// the secret of their keys, are for the program to say.
///
/// ```
/// use llm_layers_cache::{CacheLayer, Config};
///
/// let config: Config = toml::from_str(
///     r#"
///     ttl = "10m"
///     stale_if_error = "1h"
///     max_temperature = 0.3
///     "#,
/// )?;
/// let layer = CacheLayer::try_from(config)?;
/// # let _ = layer;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// [`CacheLayer::ttl`]. Default `"10m"`.
    pub ttl: Option<String>,
    /// [`CacheLayer::max_ttl`]. Default `"168h"`.
    pub max_ttl: Option<String>,
    /// [`CacheLayer::stale_while_revalidate`]. Default: none.
    pub stale_while_revalidate: Option<String>,
    /// [`CacheLayer::stale_if_error`]. Default: none.
    pub stale_if_error: Option<String>,
    /// [`CacheLayer::shared`]. Default `false`.
    pub shared: bool,
    /// [`Admission::max_temperature`]. Default: any.
    pub max_temperature: Option<f64>,
    /// [`Admission::max_choices`]. Default: any.
    pub max_choices: Option<u64>,
    /// [`Admission::tools`]. Default `true`.
    pub tools: Option<bool>,
    /// [`Admission::images`]. Default `true`.
    pub images: Option<bool>,
    /// [`CacheLayer::ignore_member`], each.
    pub ignore: Vec<String>,
    /// [`CacheLayer::heed_member`], each.
    pub heed: Vec<String>,
    /// [`CacheLayer::coalesce`]. Default `true`.
    pub coalesce: Option<bool>,
    /// [`CacheLayer::pace`]. Default: none.
    pub pace: Option<String>,
    /// [`CacheLayer::max_entry`], in KiB, from 1 to 32768. Default 4096.
    pub max_entry_kib: Option<usize>,
    /// [`CacheLayer::semantic`](crate::CacheLayer). Default: off.
    #[cfg(feature = "semantic")]
    pub semantic: Option<SemanticConfig>,
}

/// The settings of a [`Semantic`](crate::Semantic) look-up in a configuration file.
#[cfg(feature = "semantic")]
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SemanticConfig {
    /// The model of the embeddings.
    pub model: String,
    /// [`Semantic::threshold`](crate::Semantic::threshold), from 0.5 to 1. Default 0.95.
    pub threshold: Option<f32>,
    /// [`Semantic::messages`](crate::Semantic::messages), from 1 to 16. Default 1.
    pub messages: Option<usize>,
    /// [`Semantic::time_limit`](crate::Semantic::time_limit). Default `"2s"`.
    pub time_limit: Option<String>,
}

impl TryFrom<Config> for CacheLayer {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        let time =
            |member, text: &Option<String>| text.as_deref().map(|text| ConfigError::time(member, text)).transpose();
        let mut layer = Self::default();
        if let Some(ttl) = time("ttl", &config.ttl)? {
            layer = layer.ttl(ttl);
        }
        if let Some(most) = time("max_ttl", &config.max_ttl)? {
            layer = layer.max_ttl(most);
        }
        if let Some(window) = time("stale_while_revalidate", &config.stale_while_revalidate)? {
            layer = layer.stale_while_revalidate(window);
        }
        if let Some(window) = time("stale_if_error", &config.stale_if_error)? {
            layer = layer.stale_if_error(window);
        }
        if let Some(pace) = time("pace", &config.pace)? {
            layer = layer.pace(pace);
        }
        if let Some(kib) = config.max_entry_kib {
            layer = layer.max_entry(ConfigError::within("max_entry_kib", kib, 1..=32 << 10)? << 10);
        }
        if config.shared {
            layer = layer.shared();
        }
        layer = config.ignore.iter().fold(layer, |layer, name| layer.ignore_member(name.as_str()));
        layer = config.heed.iter().fold(layer, |layer, name| layer.heed_member(name));
        layer = layer.admission(config.admission()?).coalesce(config.coalesce.unwrap_or(true));
        #[cfg(feature = "semantic")]
        if let Some(semantic) = config.semantic {
            layer = layer.semantic(crate::Semantic::try_from(semantic)?);
        }
        Ok(layer)
    }
}

impl Config {
    fn admission(&self) -> Result<Admission, ConfigError> {
        let mut admission = Admission::new().tools(self.tools.unwrap_or(true)).images(self.images.unwrap_or(true));
        if let Some(most) = self.max_temperature {
            admission = admission.max_temperature(ConfigError::within("max_temperature", most, 0.0..=10.0)?);
        }
        if let Some(most) = self.max_choices {
            admission = admission.max_choices(ConfigError::within("max_choices", most, 1..=1024)?);
        }
        Ok(admission)
    }
}

#[cfg(feature = "semantic")]
impl TryFrom<SemanticConfig> for crate::Semantic {
    type Error = ConfigError;

    fn try_from(config: SemanticConfig) -> Result<Self, ConfigError> {
        if config.model.trim().is_empty() {
            return Err(ConfigError::new("semantic.model", "is the name of an embedding model, and must not be empty"));
        }
        let mut semantic = Self::new(config.model);
        if let Some(cosine) = config.threshold {
            semantic = semantic.threshold(ConfigError::within("semantic.threshold", cosine, 0.5..=1.0)?);
        }
        if let Some(count) = config.messages {
            semantic = semantic.messages(ConfigError::within("semantic.messages", count, 1..=16)?);
        }
        if let Some(time) = &config.time_limit {
            semantic = semantic.time_limit(ConfigError::time("semantic.time_limit", time)?);
        }
        Ok(semantic)
    }
}

#[cfg(all(test, feature = "semantic"))]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(text: &str) -> Result<CacheLayer, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        CacheLayer::try_from(config).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_absent_keeps_its_default() {
        assert_eq!(read("").unwrap().to_settings(), CacheLayer::default().to_settings());
        let set =
            read("ttl = '1m'\nstale_if_error = '1h'\nshared = true\nmax_temperature = 0.3\npace = '5ms'").unwrap();
        let expected = CacheLayer::default()
            .ttl(Duration::from_secs(60))
            .stale_if_error(Duration::from_secs(3600))
            .shared()
            .admission(Admission::new().max_temperature(0.3))
            .pace(Duration::from_millis(5));
        assert_eq!(set.to_settings(), expected.to_settings());
        let set = read("[semantic]\nmodel = 'm'\nthreshold = 0.9\nmessages = 2\ntime_limit = '1s'").unwrap();
        let semantic = crate::Semantic::new("m").threshold(0.9).messages(2).time_limit(Duration::from_secs(1));
        assert_eq!(set.to_settings(), CacheLayer::default().semantic(semantic).to_settings());
        assert_ne!(set.to_settings(), CacheLayer::default().to_settings());
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, why) in [
            ("ttl = 'soon'", "`ttl`: must be a time"),
            ("max_temperature = -1.0", "`max_temperature`: -1 is not from 0 to 10"),
            ("max_choices = 0", "`max_choices`"),
            ("max_entry_kib = 0", "`max_entry_kib`"),
            ("semantic = { model = '' }", "`semantic.model`"),
            ("semantic = { model = 'm', threshold = 0.2 }", "`semantic.threshold`"),
            ("semantic = { model = 'm', messages = 0 }", "`semantic.messages`"),
            ("tll = '1m'", "unknown field"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}

//! A model in a configuration file.

use std::{collections::BTreeMap, error::Error, path::PathBuf};

use llm_layers_core::ConfigError;
use llm_layers_pii::Entity;
use serde::Deserialize;

use super::{Ner, NerError, OnnxRuntime};
use crate::external::{External, config::asked};

/// A [`Ner`] in a configuration file. What is absent keeps its default.
///
/// ```
/// use llm_layers_pii_redaction::NerConfig;
///
/// let config: NerConfig = toml::from_str(
///     r#"
///     runtime = "/usr/lib/libonnxruntime.so"
///     model = "/srv/ner/model.onnx"
///     tokenizer = "/srv/ner/tokenizer.json"
///     config = "/srv/ner/config.json"
///     entities = { ORG = "company", LOC = "" }
///     timeout = "5s"
///     "#,
/// )?;
/// # assert!(config.into_external().is_err());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct NerConfig {
    /// [`OnnxRuntime::load`].
    pub runtime: PathBuf,
    /// The model.
    pub model: PathBuf,
    /// Its tokenizer.
    pub tokenizer: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// [`Ner::threshold`].
    pub threshold: Option<f32>,
    /// [`Ner::entity`] by label; an empty name is [`Ner::without`].
    pub entities: BTreeMap<String, String>,
    /// [`External::timeout`].
    pub timeout: Option<String>,
    /// `"closed"` (the default) or `"open"`: [`External::on_failure`].
    pub on_failure: Option<String>,
    /// [`External::concurrency`].
    pub concurrency: Option<usize>,
}

impl NerConfig {
    /// The detector. Opens all of its files.
    ///
    /// # Errors
    /// A setting makes no sense, or a file cannot be used.
    pub fn into_external(self) -> Result<External, ConfigError> {
        let runtime = OnnxRuntime::load(&self.runtime).map_err(wrong)?;
        let mut ner = Ner::open(&runtime, &self.model, &self.tokenizer, &self.config).map_err(wrong)?;
        if let Some(threshold) = self.threshold {
            ner = ner.threshold(ConfigError::within("threshold", threshold, 0.0..=1.0)?);
        }
        for (label, entity) in self.entities {
            ner = if entity.is_empty() { ner.without(&label) } else { ner.entity(&label, Entity::new(entity)) };
        }
        asked(External::new("ner", ner), self.timeout, self.on_failure, self.concurrency)
    }
}

/// Names the file that is at fault, and says why.
fn wrong(error: NerError) -> ConfigError {
    let member = match &error {
        NerError::Runtime(_) => "runtime",
        NerError::Config { .. } => "config",
        NerError::Tokenizer(_) => "tokenizer",
        NerError::Model(_) | NerError::Mismatch(_) | NerError::GivenUp => "model",
    };
    let why = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    ConfigError::new(member, why)
}

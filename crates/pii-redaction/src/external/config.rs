//! External detectors in configuration files: all but the client, which is the program's.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, ConfigError, Secret};
use llm_layers_pii::Entity;
use serde::Deserialize;
use tower_service::Service;

use super::{External, Llm, OnFailure, Presidio, presidio};
use crate::config::check_name;

/// A [`Presidio`] in a configuration file. What is absent keeps its default.
///
/// ```
/// use llm_layers_pii_redaction::PresidioConfig;
///
/// let config: PresidioConfig = toml::from_str(
///     r#"
///     url = "http://presidio.internal:3000"
///     language = "en"
///     entities = ["PERSON", "LOCATION"]
///     threshold = 0.6
///     timeout = "1s"
///     on_failure = "closed"
///     "#,
/// )?;
/// # let client = tower::service_fn(async |_: http::Request<llm_layers_core::Body>| {
/// #     Ok::<_, llm_layers_core::BoxError>(http::Response::new(llm_layers_core::Body::empty()))
/// # });
/// let external = config.into_external(client)?;
/// assert!(external.is_closed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PresidioConfig {
    /// Where it is; `/analyze` is added to its path.
    pub url: String,
    /// [`Presidio::language`].
    pub language: Option<String>,
    /// [`Presidio::entities`]; all where there are none.
    pub entities: Vec<String>,
    /// [`Presidio::threshold`].
    pub threshold: Option<f32>,
    /// [`Presidio::one_by_one`].
    pub one_by_one: bool,
    /// [`External::timeout`].
    pub timeout: Option<String>,
    /// `"closed"` (the default) or `"open"`: [`External::on_failure`].
    pub on_failure: Option<String>,
    /// [`External::concurrency`].
    pub concurrency: Option<usize>,
    /// [`External::max_bytes`].
    pub max_bytes: Option<usize>,
}

/// An [`Llm`] in a configuration file. What is absent keeps its default.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
#[allow(missing_debug_implementations, reason = "it holds a key")]
pub struct LlmConfig {
    /// Where the endpoint is; `/chat/completions` is added to its path.
    #[serde(alias = "url")]
    pub base_url: String,
    /// The model.
    pub model: String,
    /// [`Llm::key`].
    #[serde(deserialize_with = "secret")]
    pub api_key: Option<Secret>,
    /// [`Llm::kinds`].
    pub kinds: Option<LlmKinds>,
    /// [`Llm::score`].
    pub score: Option<f32>,
    /// [`Llm::max_tokens`].
    pub max_tokens: Option<u32>,
    /// [`Llm::set`]: `{ reasoning_effort = "low", max_completion_tokens = 2048 }`.
    pub set: BTreeMap<String, serde_json::Value>,
    /// [`Llm::without`]: `["temperature", "max_tokens"]`.
    pub without: Vec<String>,
    /// [`External::timeout`].
    pub timeout: Option<String>,
    /// `"closed"` (the default) or `"open"`: [`External::on_failure`].
    pub on_failure: Option<String>,
    /// [`External::concurrency`].
    pub concurrency: Option<usize>,
    /// [`External::max_bytes`].
    pub max_bytes: Option<usize>,
    /// [`Llm::batch_bytes`].
    pub batch_bytes: Option<usize>,
}

/// What a model is asked for: `["person", "street_address"]`, or with what they are,
/// `{ person = "", project = "A code name of ours." }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum LlmKinds {
    /// By their names.
    Names(Vec<String>),
    /// With what they are; what is empty is as for those that are known.
    Described(BTreeMap<String, String>),
}

impl PresidioConfig {
    /// The detector, asked through this client.
    ///
    /// # Errors
    /// A setting makes no sense.
    pub fn into_external<S, B>(self, service: S) -> Result<External, ConfigError>
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut presidio = Presidio::new(service, &self.url)?;
        if let Some(language) = self.language {
            presidio = presidio.language(language);
        }
        if !self.entities.is_empty() {
            if let Some(name) = self.entities.iter().find(|name| !presidio::is_name(name)) {
                return Err(ConfigError::new("entities", format!("`{name}` is no name of an entity")));
            }
            presidio = presidio.entities(self.entities);
        }
        if let Some(threshold) = self.threshold {
            presidio = presidio.threshold(ConfigError::within("threshold", threshold, 0.0..=1.0)?);
        }
        if self.one_by_one {
            presidio = presidio.one_by_one();
        }
        let external = limited(External::new("presidio", presidio), self.max_bytes)?;
        asked(external, self.timeout, self.on_failure, self.concurrency)
    }
}

impl LlmConfig {
    /// The detector, asked through this client, for 10 s at most unless something else is set.
    ///
    /// # Errors
    /// A setting makes no sense.
    pub fn into_external<S, B>(self, service: S) -> Result<External, ConfigError>
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if self.model.is_empty() {
            return Err(ConfigError::new("model", "is missing"));
        }
        let mut llm = Llm::new(service, &self.base_url, self.model)?;
        if let Some(key) = &self.api_key {
            llm = llm.key(key)?;
        }
        match self.kinds {
            None => {}
            Some(LlmKinds::Names(names)) => {
                names.iter().try_for_each(|name| check_name("kinds", name))?;
                llm = llm.kinds(names.into_iter().map(Entity::new));
            }
            Some(LlmKinds::Described(kinds)) => {
                llm = llm.kinds([]);
                for (name, about) in kinds {
                    check_name("kinds", &name)?;
                    let kind = Entity::new(name);
                    let about = if about.is_empty() { kind.about().to_owned() } else { about };
                    llm = llm.kind(kind, about);
                }
            }
        }
        if let Some(score) = self.score {
            llm = llm.score(ConfigError::within("score", score, 0.0..=1.0)?);
        }
        if let Some(most) = self.max_tokens {
            llm = llm.max_tokens(ConfigError::within("max_tokens", most, 1..=1_000_000)?);
        }
        if let Some(most) = self.batch_bytes {
            llm = llm.batch_bytes(ConfigError::within("batch_bytes", most, 1 << 10..=1 << 20)?);
        }
        for (member, value) in self.set {
            llm = llm.set(member, &value);
        }
        for member in self.without {
            llm = llm.without(member);
        }
        let external = limited(External::new("llm", llm).timeout(Duration::from_secs(10)), self.max_bytes)?;
        asked(external, self.timeout, self.on_failure, self.concurrency)
    }
}

/// How much it is asked.
fn limited(external: External, max_bytes: Option<usize>) -> Result<External, ConfigError> {
    Ok(match max_bytes {
        Some(most) => external.max_bytes(ConfigError::within("max_bytes", most, 1..=1 << 30)?),
        None => external,
    })
}

/// How it is asked.
pub(crate) fn asked(
    mut external: External,
    timeout: Option<String>,
    on_failure: Option<String>,
    concurrency: Option<usize>,
) -> Result<External, ConfigError> {
    if let Some(text) = timeout {
        external = external.timeout(ConfigError::time("timeout", &text)?);
    }
    if let Some(word) = on_failure {
        let words = [("closed", OnFailure::FailClosed), ("open", OnFailure::FailOpen)];
        external = external.on_failure(ConfigError::one_of("on_failure", &word, &words)?);
    }
    if let Some(most) = concurrency {
        external = external.concurrency(ConfigError::within("concurrency", most, 1..=10_000)?);
    }
    Ok(external)
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let key = String::deserialize(deserializer)?;
    Ok(Some(Secret::new(key)))
}

//! The layer's settings in configuration files.

use std::collections::BTreeMap;

use llm_layers_core::{ConfigError, Secret};
use llm_layers_pii::{Detectors, Entity};
use serde::Deserialize;

use crate::{Action, Media, RedactLayer, Rules, Style};

/// The settings of a [`RedactLayer`] in a configuration file. What is absent keeps its default.
///
/// ```
/// use llm_layers_pii_redaction::{Config, RedactLayer};
///
/// let config: Config = toml::from_str(
///     r#"
///     entities = { email = "placeholder", credit_card = "block", us_ssn = "mask", person = "placeholder" }
///     allow = ["support@acme.example"]
///     answers = "mask"
///     images = "block"
///
///     [custom.customer]
///     pattern = "C-[0-9]{6}"
///
///     [custom.project]
///     words = ["Bluebird", "Nightjar"]
///     action = { replace = "our project" }
///     "#,
/// )?;
/// let layer = RedactLayer::try_from(config)?;
/// # let _ = layer;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
#[allow(missing_debug_implementations, reason = "it holds a key")]
pub struct Config {
    /// What is done about which kind; those that are named are looked for, also where they are not by default.
    pub entities: BTreeMap<String, ActionConfig>,
    /// What is done about kinds that are not named. Default `"placeholder"`.
    pub default: Option<ActionConfig>,
    /// How sure a finding must be, by kind: from 0 to 1, default 0.5.
    pub thresholds: BTreeMap<String, f32>,
    /// Values that are nobody's secret, in any case; `*@acme.example` is all that ends so.
    pub allow: Vec<String>,
    /// Kinds of one's own.
    pub custom: BTreeMap<String, CustomConfig>,
    /// [`RedactLayer::key`].
    pub key: Option<KeyConfig>,
    /// [`RedactLayer::style`].
    pub style: StyleConfig,
    /// What is done about what the model itself says: `"off"` (the default), `"mask"`, `"block"`, or a table.
    pub answers: Option<ActionConfig>,
    /// `"pass"` (the default) or `"block"`.
    pub images: Option<String>,
    /// `"pass"` (the default) or `"block"`.
    pub audio: Option<String>,
    /// `"pass"` (the default) or `"block"`.
    pub video: Option<String>,
    /// Files that are no text: `"pass"` (the default) or `"block"`.
    pub files: Option<String>,
    /// Whether headers and the query are searched. Default `true`.
    pub headers: Option<bool>,
    /// Calls with a body that are no LLM operations: `"pass"` (the default) or `"block"`. [`RedactLayer::other_calls`].
    pub other_calls: Option<String>,
}

/// An [`Action`] in a configuration file: one of its names, or `{ replace = "…" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ActionConfig {
    /// `"placeholder"`, `"mask"`, `"hash"`, `"fake"`, `"encrypt"`, `"block"`, `"report"` or `"off"`.
    Named(String),
    /// A text that takes the value's place.
    Replace {
        /// The text.
        replace: String,
    },
}

/// A kind of one's own: a pattern, words, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CustomConfig {
    /// A regular expression, without look-around and back references.
    pub pattern: Option<String>,
    /// Words, in any case.
    pub words: Vec<String>,
    /// What is done about it. Default as for kinds that are not named.
    pub action: Option<ActionConfig>,
}

/// A [`Style`] in a configuration file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct StyleConfig {
    /// What a placeholder begins with. Default `<`.
    pub open: Option<String>,
    /// What it ends with. Default `>`.
    pub close: Option<String>,
    /// The digits of its tag. Default 8.
    pub tag_length: Option<usize>,
}

impl Config {
    /// A key has so many characters at least: what is shorter is found by trying.
    pub const SHORTEST_KEY: usize = Rules::SHORTEST_KEY;
}

/// A key in a configuration file. It cannot be printed.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
#[allow(missing_debug_implementations, reason = "a secret must not be printed")]
pub struct KeyConfig(pub Secret);

impl From<String> for KeyConfig {
    fn from(key: String) -> Self {
        Self(Secret::new(key))
    }
}

impl ActionConfig {
    fn read(self, member: &str) -> Result<Action, ConfigError> {
        const WORDS: &[(&str, Action)] = &[
            ("placeholder", Action::Placeholder),
            ("mask", Action::Mask),
            ("hash", Action::Hash),
            ("fake", Action::Fake),
            ("encrypt", Action::Encrypt),
            ("block", Action::Block),
            ("report", Action::Report),
            ("off", Action::Ignore),
        ];
        match self {
            Self::Named(word) => ConfigError::one_of(member.to_owned(), &word, WORDS),
            Self::Replace { replace } => Ok(Action::Replace(replace.into())),
        }
    }
}

impl TryFrom<Config> for RedactLayer {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        let mut actions = Vec::new();
        for (name, action) in config.entities {
            let member = format!("entities.{name}");
            let entity = known(&name, &config.custom).ok_or_else(|| unknown(&member, &name))?;
            actions.push((entity, action.read(&member)?));
        }
        let named = actions.iter().filter(|(_, action)| *action != Action::Ignore);
        let mut detectors = Detectors::builder().also(named.map(|(entity, _)| entity.clone()));
        let off = actions.iter().filter(|(_, action)| *action == Action::Ignore);
        detectors = detectors.without(off.map(|(entity, _)| entity.clone())).allow(config.allow);
        for (name, threshold) in config.thresholds {
            let member = format!("thresholds.{name}");
            let entity = known(&name, &config.custom).ok_or_else(|| unknown(&member, &name))?;
            detectors = detectors.threshold(entity, ConfigError::within(member, threshold, 0.0..=1.0)?);
        }
        for (name, custom) in config.custom {
            let member = format!("custom.{name}");
            check_name(&member, &name)?;
            if custom.pattern.is_none() && custom.words.is_empty() {
                return Err(ConfigError::new(member, "needs a `pattern` or `words`"));
            }
            if let Some(pattern) = &custom.pattern {
                detectors = detectors.pattern(Entity::new(name.clone()), pattern);
            }
            if !custom.words.is_empty() {
                detectors = detectors.words(Entity::new(name.clone()), custom.words);
            }
            if let Some(action) = custom.action {
                actions.push((Entity::new(name), action.read(&format!("{member}.action"))?));
            }
        }
        let detectors =
            detectors.build().map_err(|error| ConfigError::new(format!("custom.{}", error.entity), error.message))?;

        let mut layer = Self::new(detectors);
        if let Some(action) = config.default {
            layer = layer.default_action(action.read("default")?);
        }
        for (entity, action) in actions {
            layer = layer.action(entity, action);
        }
        if let Some(KeyConfig(key)) = config.key {
            layer = layer.key(key);
        }
        layer = layer.style(config.style.try_into()?);
        if let Some(answers) = config.answers {
            let action = answers.read("answers")?;
            if action == Action::Placeholder {
                return Err(ConfigError::new(
                    "answers",
                    "nobody would put the values back: write \"mask\" or \"block\"",
                ));
            }
            layer = layer.answers(action);
        }
        for (media, member, word) in [
            (Media::Image, "images", config.images),
            (Media::Audio, "audio", config.audio),
            (Media::Video, "video", config.video),
            (Media::File, "files", config.files),
        ] {
            layer = layer.media(media, passes(member, word)?);
        }
        layer = layer.headers(config.headers.unwrap_or(true)).other_calls(passes("other_calls", config.other_calls)?);
        layer.check()?;
        Ok(layer)
    }
}

fn passes(member: &'static str, word: Option<String>) -> Result<bool, ConfigError> {
    let passes = word.map(|word| ConfigError::one_of(member, &word, &[("pass", true), ("block", false)]));
    Ok(passes.transpose()?.unwrap_or(true))
}

/// An entity that there is, or is made here.
fn known(name: &str, custom: &BTreeMap<String, CustomConfig>) -> Option<Entity> {
    let is_known = Entity::KNOWN.iter().any(|entity| entity.as_str() == name) || custom.contains_key(name);
    is_known.then(|| Entity::new(name.to_owned()))
}

fn unknown(member: &str, name: &str) -> ConfigError {
    let known: Vec<_> = Entity::KNOWN.iter().map(Entity::as_str).collect();
    ConfigError::new(member.to_owned(), format!("`{name}` is none of {}", known.join(", ")))
}

/// Names stand in placeholders, headers and metrics.
pub(crate) fn check_name(member: &str, name: &str) -> Result<(), ConfigError> {
    let is_snake_case = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if is_snake_case && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.len() <= 40 {
        return Ok(());
    }
    Err(ConfigError::new(member.to_owned(), "a name has up to 40 lower-case letters, digits and underscores"))
}

impl TryFrom<StyleConfig> for Style {
    type Error = ConfigError;

    fn try_from(config: StyleConfig) -> Result<Self, ConfigError> {
        let mut style = Self::default();
        if config.open.is_some() || config.close.is_some() {
            let (open, close) = (config.open.as_deref().unwrap_or("<"), config.close.as_deref().unwrap_or(">"));
            style = style.brackets(open, close).map_err(|error| ConfigError::new("style", error.to_string()))?;
        }
        if let Some(digits) = config.tag_length {
            let set = style.tag_length(digits);
            style = set.map_err(|error| ConfigError::new("style.tag_length", error.to_string()))?;
        }
        Ok(style)
    }
}

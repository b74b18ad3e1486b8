//! The layer's settings in configuration files.

use std::collections::BTreeMap;

use llm_layers_core::ConfigError;
use serde::Deserialize;

use crate::{OnInvalid, Policy, ValidateLayer};

/// The settings of a [`ValidateLayer`] in a configuration file. What is absent keeps its default.
///
/// ```
/// use llm_layers_tool_call_validator::{Config, ValidateLayer};
///
/// let config: Config = toml::from_str(
///     r#"
///     on_invalid = "repair"
///     max_reasks = 1
///     written_calls = true
///     structured_output = { on_invalid = ["repair", "report"] }
///
///     [tools.search]
///     on_invalid = "report"
///     "#,
/// )?;
/// let layer = ValidateLayer::try_from(config)?;
/// # let _ = layer;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// What happens to calls that are not valid. Default `"repair"`.
    pub on_invalid: Option<StepsConfig>,
    /// [`Policy::max_reasks`], from 0 to 8. Default 0, or 1 where `on_invalid` says `"reask"`.
    pub max_reasks: Option<u32>,
    /// Other policies, by the names of tools.
    pub tools: BTreeMap<String, PolicyConfig>,
    /// [`ValidateLayer::structured_output`]; default as for tools.
    pub structured_output: Option<PolicyConfig>,
    /// [`ValidateLayer::strict`]. Default `true`.
    pub strict: Option<bool>,
    /// [`ValidateLayer::written_calls`]. Default `false`.
    pub written_calls: Option<bool>,
    /// [`ValidateLayer::hold_text`]. Default `false`.
    pub hold_structured_output: Option<bool>,
}

/// A [`Policy`] in a configuration file. What is absent is as for all tools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PolicyConfig {
    /// What happens to calls that are not valid.
    pub on_invalid: Option<StepsConfig>,
    /// [`Policy::max_reasks`].
    pub max_reasks: Option<u32>,
}

/// One step, or several: `"repair"`, `"reask"`, `"reject"`, `"report"`. `"repair"` and `"reask"` end in `"reject"` where
/// nothing else is said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum StepsConfig {
    /// One.
    One(String),
    /// Several, in their order.
    Several(Vec<String>),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Repair,
    Reask,
    End(OnInvalid),
}

impl StepsConfig {
    fn read(&self, member: &str) -> Result<Vec<Step>, ConfigError> {
        const WORDS: &[(&str, Step)] = &[
            ("repair", Step::Repair),
            ("reask", Step::Reask),
            ("reject", Step::End(OnInvalid::Reject)),
            ("report", Step::End(OnInvalid::Report)),
        ];
        let words = match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Several(words) => words,
        };
        let step = |word: &String| ConfigError::one_of(member.to_owned(), word, WORDS);
        let steps = words.iter().map(step).collect::<Result<Vec<_>, _>>()?;
        let ends = steps.iter().filter(|step| matches!(step, Step::End(_))).count();
        if steps.is_empty() || ends > 1 || !steps.is_sorted_by(|one, next| one < next) {
            let why = "takes each of \"repair\", \"reask\" and one of \"reject\" and \"report\" once, in this order";
            return Err(ConfigError::new(member.to_owned(), why));
        }
        Ok(steps)
    }
}

/// The policy that these members make, over another one.
fn policy(
    at: &str,
    steps: Option<&StepsConfig>,
    max_reasks: Option<u32>,
    default: &Policy,
) -> Result<Policy, ConfigError> {
    let mut policy = default.clone();
    if let Some(steps) = steps {
        let steps = steps.read(&format!("{at}on_invalid"))?;
        let asks = steps.contains(&Step::Reask);
        if asks && max_reasks == Some(0) {
            return Err(ConfigError::new(format!("{at}max_reasks"), "is 0, and `on_invalid` says \"reask\""));
        }
        let end = steps.iter().find_map(|step| if let Step::End(end) = step { Some(*end) } else { None });
        policy = policy.repair(steps.contains(&Step::Repair)).on_invalid(end.unwrap_or_default());
        policy = policy.max_reasks(u32::from(asks));
    }
    if let Some(times) = max_reasks {
        policy = policy.max_reasks(ConfigError::within(format!("{at}max_reasks"), times, 0..=Policy::MOST_REASKS)?);
    }
    Ok(policy)
}

impl TryFrom<Config> for ValidateLayer {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        let of_all = policy("", config.on_invalid.as_ref(), config.max_reasks, &Policy::default())?;
        let own = |at: String, of: &PolicyConfig| policy(&at, of.on_invalid.as_ref(), of.max_reasks, &of_all);
        let mut layer = Self::new(of_all.clone());
        for (name, of) in &config.tools {
            layer = layer.tool(name.as_str(), own(format!("tools.{name}."), of)?);
        }
        if let Some(of) = &config.structured_output {
            layer = layer.structured_output(own("structured_output.".to_owned(), of)?);
        }
        Ok(layer
            .strict(config.strict.unwrap_or(true))
            .written_calls(config.written_calls.unwrap_or_default())
            .hold_text(config.hold_structured_output.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Policy, String> {
        let config: PolicyConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        policy("", config.on_invalid.as_ref(), config.max_reasks, &Policy::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn steps_make_a_policy() {
        let none = Policy::new().repair(false);
        for (text, policy) in [
            ("", Policy::new()),
            ("on_invalid = 'repair'", Policy::new()),
            ("on_invalid = 'repair'\nmax_reasks = 2", Policy::new().max_reasks(2)),
            ("on_invalid = 'reask'", none.clone().max_reasks(1)),
            ("on_invalid = 'reask'\nmax_reasks = 3", none.clone().max_reasks(3)),
            ("on_invalid = 'reject'", none.clone()),
            ("on_invalid = 'report'", none.clone().on_invalid(OnInvalid::Report)),
            ("on_invalid = ['repair', 'report']", Policy::new().on_invalid(OnInvalid::Report)),
            ("on_invalid = ['repair', 'reask', 'reject']", Policy::new().max_reasks(1)),
        ] {
            assert_eq!(read(text), Ok(policy), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, why) in [
            ("on_invalid = 'mend'", "`on_invalid`: `mend` is none of repair, reask, reject, report"),
            ("on_invalid = []", "in this order"),
            ("on_invalid = ['report', 'repair']", "in this order"),
            ("on_invalid = ['reject', 'report']", "in this order"),
            ("on_invalid = ['repair', 'repair']", "in this order"),
            ("on_invalid = 'reask'\nmax_reasks = 0", "`max_reasks`: is 0"),
            ("max_reasks = 9", "`max_reasks`: 9 is not from 0 to 8"),
        ] {
            assert!(read(text).unwrap_err().contains(why), "{text}");
        }
        let wrong: Config = toml::from_str("[tools.search]\non_invalid = 'mend'").unwrap();
        assert_eq!(ValidateLayer::try_from(wrong).unwrap_err().member(), "tools.search.on_invalid");
    }

    #[test]
    fn tools_follow_the_rest() {
        let of_all = Policy::new().max_reasks(2).on_invalid(OnInvalid::Report);
        let own = PolicyConfig { max_reasks: Some(1), ..PolicyConfig::default() };
        assert_eq!(policy("", None, own.max_reasks, &of_all), Ok(of_all.clone().max_reasks(1)));
    }
}

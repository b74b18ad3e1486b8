use serde::Deserialize;

#[allow(unused_imports, reason = "the docs name them")]
use crate::{Alias, Balanced, Constraints, Hours};

/// An alias in a configuration file. What is absent keeps its default.
///
/// ```
/// use llm_layers_cost_router::{Alias, AliasConfig};
///
/// let config: AliasConfig = toml::from_str(
///     r#"
///     name = "chat"
///     policy = "cheapest"
///     deployments = ["small", { name = "large", weight = 10 }]
///     max_p99 = "2s"
///     max_price = { input = "3.00", output = "15.00" }
///     min_tier = "medium"
///     regions = ["eu"]
///     hours = { zone = "Europe/Berlin", days = ["mon", "tue"], from = "08:00", to = "18:00" }
///     no_training = true
///     complexity = [{ up_to = 0.3, deployments = ["small"] }, { deployments = ["large"] }]
///     on_context_overflow = ["long"]
///     "#,
/// )?;
/// assert_eq!(Alias::try_from(config)?.name(), "chat");
///
/// let wrong: AliasConfig = toml::from_str("name = 'chat'\ndeployments = ['a']\nmax_p99 = 'soon'")?;
/// assert_eq!(Alias::try_from(wrong).unwrap_err().member(), "max_p99");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AliasConfig {
    /// What clients ask for.
    pub name: String,
    /// `ordered` (the default), `weighted`, `cheapest`, `fastest`, `balanced` or `least_busy`.
    pub policy: Option<String>,
    /// How much each of three counts for the policy `balanced`.
    pub balance: Option<BalanceConfig>,
    /// The deployments: names, or tables with a `weight`.
    pub deployments: Vec<MemberConfig>,
    /// [`Alias::max_p99`]: a time with a unit.
    pub max_p99: Option<String>,
    /// [`Alias::max_cost`]: US dollars for a call.
    pub max_cost: Option<String>,
    /// What a million tokens may cost.
    pub max_price: Option<PriceConfig>,
    /// [`Alias::min_tier`]: `small`, `medium`, `large` or `frontier`.
    pub min_tier: Option<String>,
    /// [`Constraints::regions`].
    pub regions: Option<Vec<String>>,
    /// [`Constraints::deny_regions`].
    pub deny_regions: Vec<String>,
    /// [`Constraints::providers`].
    pub providers: Option<Vec<String>>,
    /// [`Constraints::deny_providers`].
    pub deny_providers: Vec<String>,
    /// [`Alias::hours`].
    pub hours: Option<HoursConfig>,
    /// [`Alias::class`]: `interactive` (the default) or `batch`.
    pub class: Option<String>,
    /// [`Constraints::no_training`].
    pub no_training: bool,
    /// [`Constraints::no_logging`].
    pub no_logging: bool,
    /// [`Alias::sticky`]: `user`, `caller` or `header:NAME`.
    pub sticky: Option<String>,
    /// [`Alias::complexity`]: rules by rising `up_to`, of which the last may have none.
    pub complexity: Vec<BandConfig>,
    /// [`Alias::on_context_overflow`].
    pub on_context_overflow: Vec<String>,
    /// [`Alias::on_content_refusal`].
    pub on_content_refusal: Vec<String>,
    /// [`Alias::affinity`].
    pub affinity: Option<bool>,
    /// [`Alias::max_attempts`], from 1 to 100.
    pub max_attempts: Option<u32>,
    /// [`Alias::repeat`]. Needs `max_attempts`.
    pub repeat: Option<bool>,
}

/// A deployment in the list of an alias: `"small"` or `{ name = "small", weight = 10 }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum MemberConfig {
    /// By its name alone: weight 1.
    Name(String),
    /// With a weight.
    Weighted(WeightedConfig),
}

/// A deployment with a weight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WeightedConfig {
    /// Its name.
    pub name: String,
    /// Its weight. Default 1.
    pub weight: Option<u32>,
}

/// US dollars for a million tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PriceConfig {
    /// [`Constraints::max_input_price`].
    pub input: Option<String>,
    /// [`Constraints::max_output_price`].
    pub output: Option<String>,
}

/// [`Hours`] in a configuration file: `{ zone = "UTC", days = ["sat", "sun"], from = "22:00", to = "06:00" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HoursConfig {
    /// The time zone. Default UTC.
    pub zone: Option<String>,
    /// The days on which they begin. Default all.
    pub days: Option<Vec<String>>,
    /// When they begin.
    pub from: String,
    /// When they end.
    pub to: String,
}

/// How much each counts for the policy [`Balanced`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct BalanceConfig {
    /// What the call costs.
    pub cost: Option<f64>,
    /// How long its first word takes.
    pub latency: Option<f64>,
    /// How often it fails.
    pub failures: Option<f64>,
}

/// A rule for prompts up to so hard.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BandConfig {
    /// From 0 to 1; without it, all that are left.
    pub up_to: Option<f32>,
    /// The deployments of the alias that are for them.
    pub deployments: Vec<String>,
}

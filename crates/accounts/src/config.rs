//! Settings from a file.

use std::{fmt, path::PathBuf};

use llm_layers_core::ConfigError;
use serde::{
    Deserialize, Deserializer,
    de::{self, value::MapAccessDeserializer},
};

use crate::{
    AccountsLayer, JsonLines,
    audit::Auditor,
    budgets::{Budget, BudgetConfig, Budgets, Limit, OnStoreFailure, UnknownCost},
};

/// The layer's table in a file: where entries are written down, and what may be spent.
///
/// ```
/// use llm_layers_accounts::{AccountsLayer, Config};
///
/// let config: Config = toml::from_str(
///     r#"
///     budget = [{ usd = "2.00", per = "hour" }, { usd = "20.00", per = "day", soft = 0.8 }]
///     global = { usd = 9000, per = "month" }
///     unknown_cost = "refuse"
///     audit = { sample = 0.05 }
///     "#,
/// )?;
/// let layer = AccountsLayer::try_from(config)?;
/// # let _ = layer;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// A folder for a file of entries each day, `llm-calls-2026-11-21.jsonl`. Default none is written.
    pub ledger: Option<PathBuf>,
    /// What each caller may spend.
    pub budget: BudgetsConfig,
    /// What all calls together may cost.
    pub global: BudgetsConfig,
    /// What becomes of calls while a shared store of budgets is away: `open` (the default) or `closed`.
    pub on_store_failure: OnStoreFailure,
    /// What becomes of calls of which nobody knows what they will cost: `allow` (the default) or `refuse`.
    pub unknown_cost: UnknownCost,
    /// Looks for what providers bill and do not do. Default nobody looks.
    pub audit: Option<AuditConfig>,
}

/// How much of the traffic is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AuditConfig {
    /// [`Auditor::sample`]: from 0 to 1.
    pub sample: f64,
}

/// A budget, or a list of them, for an hour, a day, a month and in total: a call has to keep all.
#[derive(Clone, Debug, Default)]
pub struct BudgetsConfig(pub Vec<BudgetConfig>);

impl Default for AuditConfig {
    fn default() -> Self {
        Self { sample: 0.01 }
    }
}

impl Config {
    /// The file of entries, if one is to be written.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn ledger(&self) -> Result<Option<JsonLines>, ConfigError> {
        let open = |folder| JsonLines::daily(folder, "llm-calls");
        self.ledger.as_ref().map(open).transpose().map_err(|error| ConfigError::new("ledger", format!("{error}")))
    }

    /// Who looks at finished attempts, if anybody.
    ///
    /// # Errors
    /// A share is none.
    pub fn auditor(&self) -> Result<Option<Auditor>, ConfigError> {
        match self.audit {
            None => Ok(None),
            Some(AuditConfig { sample }) if (0.0..=1.0).contains(&sample) => Ok(Some(Auditor::new().sample(sample))),
            Some(_) => Err(ConfigError::new("audit.sample", "must be a share from 0 to 1")),
        }
    }
}

impl TryFrom<BudgetsConfig> for Vec<Limit> {
    type Error = ConfigError;

    fn try_from(config: BudgetsConfig) -> Result<Self, ConfigError> {
        let mut limits = Self::new();
        for budget in config.0 {
            let limit = Limit::try_from(budget)?;
            if limits.iter().any(|other| other.per() == limit.per()) {
                return Err(ConfigError::new("per", format!("there are two budgets for `{}`", limit.per().name())));
            }
            limits.push(limit);
        }
        Ok(limits)
    }
}

impl TryFrom<Config> for AccountsLayer {
    type Error = ConfigError;

    fn try_from(config: Config) -> Result<Self, ConfigError> {
        let mut layer = Self::new();
        if let Some(ledger) = config.ledger()? {
            layer = layer.ledger(ledger);
        }
        if let Some(auditor) = config.auditor()? {
            layer = layer.audit(auditor);
        }
        let callers = Vec::try_from(config.budget)?.into_iter().fold(Budget::per_caller(), Budget::limit);
        let all = Vec::try_from(config.global)?.into_iter().fold(Budget::global(), Budget::limit);
        let budgets = Budgets::new().budget(callers).budget(all);
        Ok(layer.budgets(budgets.on_store_failure(config.on_store_failure).unknown_cost(config.unknown_cost)))
    }
}

impl<'de> Deserialize<'de> for BudgetsConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMore)
    }
}

/// By hand, for serde's untagged enums forget where a mistake was and what it was.
struct OneOrMore;

impl<'de> de::Visitor<'de> for OneOrMore {
    type Value = BudgetsConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a budget such as { usd = \"20.00\", per = \"day\" }, or a list of them")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<BudgetsConfig, A::Error> {
        BudgetConfig::deserialize(MapAccessDeserializer::new(map)).map(|budget| BudgetsConfig(vec![budget]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<BudgetsConfig, A::Error> {
        let mut budgets = Vec::new();
        while let Some(budget) = list.next_element()? {
            budgets.push(budget);
        }
        Ok(BudgetsConfig(budgets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budgets::Per;

    fn limits(text: &str) -> Result<Vec<Limit>, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        config.budget.try_into().map_err(|error: ConfigError| error.to_string())
    }

    #[test]
    fn one_budget_or_several() {
        assert_eq!(limits("").unwrap(), []);
        let one = limits("budget = { usd = '20', per = 'day' }").unwrap();
        assert_eq!(one, [Limit::new(20.into(), Per::Day)]);
        let two = limits("[[budget]]\nusd = 2\nper = 'hour'\n[[budget]]\nusd = '1.5'\nper = 'total'").unwrap();
        assert_eq!(two.iter().map(Limit::per).collect::<Vec<_>>(), [Per::Hour, Per::Total]);
    }

    #[test]
    fn mistakes_say_what_they_are() {
        for (text, why) in [
            ("budget = 20", "a budget such as"),
            ("budget = { usd = '20', per = 'week' }", "unknown variant `week`"),
            ("budget = { usd = '20', per = 'day', sotf = 1 }", "unknown field `sotf`"),
            ("budget = [{ usd = 1, per = 'day' }, { usd = 2, per = 'day' }]", "two budgets for `day`"),
            ("budget = { usd = '-1', per = 'day' }", "`usd`"),
            ("budgets = []", "unknown field `budgets`"),
        ] {
            let told = limits(text).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn a_share_is_a_share_and_a_folder_is_there() {
        for (text, member) in [
            ("audit = { sample = 1.5 }", "audit.sample"),
            ("audit = { sample = nan }", "audit.sample"),
            ("ledger = '/no/such/folder'", "ledger"),
        ] {
            let config: Config = toml::from_str(text).unwrap();
            assert_eq!(AccountsLayer::try_from(config).unwrap_err().member(), member);
        }
        assert!(AccountsLayer::try_from(toml::from_str::<Config>("audit = {}").unwrap()).is_ok());
    }
}

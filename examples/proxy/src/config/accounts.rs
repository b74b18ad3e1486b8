//! `[layers.accounts]`, and the budgets of single keys and aliases: what calls have cost, and may.

use std::sync::Arc;

use llm_layers_accounts::{BudgetsConfig, Config, ConfigError, budgets::Limit};

use super::layers::Store;
use super::node::Members;
use super::report::Report;

/// What calls have cost, and may.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// The layer's own settings.
    pub settings: Config,
    /// What each caller may spend.
    pub caller: Vec<Limit>,
    /// What single callers may spend, by the names of their keys; for other times, what all may.
    pub callers: Vec<(Arc<str>, Vec<Limit>)>,
    /// What all calls for an alias may cost.
    pub aliases: Vec<(Arc<str>, Vec<Limit>)>,
    /// What all calls may cost.
    pub global: Vec<Limit>,
    /// Where replicas count together; else each counts for itself.
    pub store: Option<Store>,
}

impl TryFrom<Config> for Accounts {
    type Error = ConfigError;

    fn try_from(settings: Config) -> Result<Self, ConfigError> {
        settings.auditor()?;
        if let (Err(error), Some(folder)) = (settings.ledger(), &settings.ledger) {
            let why = error.to_string();
            let why = why.strip_prefix("`ledger`: ").unwrap_or(&why);
            return Err(ConfigError::new("ledger", format!("the folder `{}` cannot be used: {why}", folder.display())));
        }
        let (caller, global) = (settings.budget.clone().try_into()?, settings.global.clone().try_into()?);
        Ok(Self { settings, caller, global, ..Self::default() })
    }
}

impl Accounts {
    /// Whether anybody's money is limited.
    pub(crate) fn is_limiting(&self) -> bool {
        let own = self.callers.iter().chain(&self.aliases).map(|(_, limits)| limits);
        own.chain([&self.caller, &self.global]).any(|limits| !limits.is_empty())
    }
}

/// `budget` among the members of a key or an alias: one, or a list.
pub(super) fn budget(members: &mut Members<'_>, report: &mut Report<'_>) -> Vec<Limit> {
    let budget = members.get("budget");
    budget.and_then(|node| node.settings::<BudgetsConfig, Vec<Limit>>(&[], report)).unwrap_or_default()
}

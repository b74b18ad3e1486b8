//! What calls have cost, and may: the layer, its ledgers and its budgets.

use std::{collections::HashMap, sync::Arc, time::Duration};

use llm_layers_accounts::{
    AccountsLayer, ConfigError, Ledger, RedisLedger,
    audit::Auditor,
    budgets::{Budget, Budgets, Limit, RedisStore},
};
use llm_layers_catalogue::Model;
use llm_layers_core::Deployment;

use super::facts::Facts;
use crate::config;

/// The layer, and what it shares with the one after a change of the configuration.
#[derive(Clone)]
pub(super) struct Accounts {
    layer: AccountsLayer,
    ledgers: Vec<Arc<dyn Ledger>>,
    auditor: Option<Arc<Auditor>>,
    /// None where nothing is limited.
    budgets: Option<Budgets>,
    is_shared: bool,
    /// Those before: calls that began there have still to tell what they cost.
    before: Option<Box<Self>>,
}

impl Accounts {
    /// Goes on where those before have come to, as far as it is written down, and counted, in the same place.
    pub(super) fn new(
        settings: &config::Accounts,
        facts: &Facts,
        longest_call: Duration,
        before: Option<(&Self, &config::Accounts)>,
    ) -> Result<Self, ConfigError> {
        let counted_there = before.filter(|(_, before)| before.store == settings.store);
        let written_there = counted_there.filter(|(_, before)| before.settings.ledger == settings.settings.ledger);
        let ledgers = match written_there {
            Some((before, _)) => before.ledgers.clone(),
            None => ledgers(settings)?,
        };
        let mut layer = AccountsLayer::new().ledger(ledgers.clone()).facts(known(facts));
        let auditor = match before.filter(|(_, before)| before.settings.audit == settings.settings.audit) {
            Some((before, _)) => before.auditor.clone(),
            None => settings.settings.auditor()?.map(Arc::new),
        };
        if let Some(auditor) = &auditor {
            layer = layer.audit(Arc::clone(auditor));
        }
        let counted = counted_there.and_then(|(before, _)| before.budgets.as_ref());
        let budgets = limited(settings).map(|budgets| match (counted, &settings.store) {
            (Some(counted), _) => budgets.taking_over(counted),
            (None, Some(store)) => budgets.store(RedisStore::new(store.redis.clone()).longest_call(longest_call)),
            (None, None) => budgets,
        });
        if let Some(budgets) = &budgets {
            layer = layer.budgets(budgets.clone());
        }
        let before = before.map(|(before, _)| Box::new(Self { before: None, ..before.clone() }));
        Ok(Self { layer, ledgers, auditor, budgets, is_shared: settings.store.is_some(), before })
    }

    pub(super) fn layer(&self) -> AccountsLayer {
        self.layer.clone()
    }

    /// What is limited, if anything is.
    pub(super) fn budgets(&self) -> Option<Budgets> {
        self.budgets.clone()
    }

    /// Whether there is anybody to be told anything.
    pub(super) fn has_stores(&self) -> bool {
        self.is_shared || self.before.as_ref().is_some_and(|before| before.is_shared)
    }

    /// Tells shared stores what they have not been told yet.
    pub(super) async fn flush(&self) {
        for accounts in [Some(self), self.before.as_deref()].into_iter().flatten() {
            accounts.layer.flush().await;
            if let Some(budgets) = &accounts.budgets {
                budgets.flush().await;
            }
        }
    }
}

fn known(facts: &Facts) -> impl Fn(&Deployment) -> Option<Arc<Model>> + Send + Sync + 'static {
    let facts = facts.clone();
    move |deployment| facts.of(deployment)
}

fn ledgers(settings: &config::Accounts) -> Result<Vec<Arc<dyn Ledger>>, ConfigError> {
    let mut ledgers: Vec<Arc<dyn Ledger>> = Vec::new();
    if let Some(lines) = settings.settings.ledger()? {
        ledgers.push(Arc::new(lines));
    }
    if let Some(store) = &settings.store {
        ledgers.push(Arc::new(RedisLedger::new(store.redis.clone())));
    }
    Ok(ledgers)
}

/// The budgets of the file; nothing where it limits nobody.
fn limited(settings: &config::Accounts) -> Option<Budgets> {
    let config::Accounts { caller, callers, aliases, global, settings: of_all, .. } = settings;
    if [caller, global].into_iter().all(Vec::is_empty) && callers.is_empty() && aliases.is_empty() {
        return None;
    }
    let of_callers: HashMap<_, _> = callers.iter().cloned().collect();
    let of_aliases: HashMap<_, _> = aliases.iter().cloned().collect();
    let own = |limits: &HashMap<Arc<str>, Vec<Limit>>, name: &str| limits.get(name).cloned().unwrap_or_default();
    let callers = Budget::per_caller().limit_for(move |caller, _| own(&of_callers, caller));
    let aliases = Budget::per_alias().limit_for(move |_, alias| own(&of_aliases, alias));
    let budgets = Budgets::new()
        .budget(caller.iter().copied().fold(callers, Budget::limit))
        .budget(aliases)
        .budget(global.iter().copied().fold(Budget::global(), Budget::limit));
    Some(budgets.on_store_failure(of_all.on_store_failure).unknown_cost(of_all.unknown_cost))
}

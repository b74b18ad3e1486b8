//! What calls have cost, and may: the layer, its ledgers and its budgets.

use std::{collections::HashMap, sync::Arc, time::Duration};

use llm_layers_accounts::{
    AccountsLayer, ConfigError, Ledger, RedisLedger,
    audit::Auditor,
    budgets::{Budget, Budgets, Limit, RedisStore},
};
use llm_layers_catalogue::Model;
use llm_layers_core::Deployment;
use tokio::time::Instant;

use super::facts::Facts;
use crate::config;

/// The layer, and what it shares with the one after a change of the configuration.
#[derive(Clone)]
pub(super) struct Accounts {
    layer: AccountsLayer,
    ledgers: Vec<Arc<dyn Ledger>>,
    auditor: Option<Arc<Auditor>>,
    /// Kept where nothing is limited, too: the next change may limit again, and what was spent stays spent.
    budgets: Budgets,
    is_limiting: bool,
    is_shared: bool,
    earlier: Vec<Earlier>,
}

/// Where calls that began before a change have still to tell what they cost.
#[derive(Clone)]
struct Earlier {
    ledgers: Vec<Arc<dyn Ledger>>,
    budgets: Budgets,
    /// Until the last of them is over.
    until: Instant,
}

/// The accounts before a change of the configuration, and the settings that they were made of.
#[derive(Clone, Copy)]
struct Before<'a> {
    accounts: &'a Accounts,
    settings: &'a config::Accounts,
}

impl Accounts {
    /// Goes on where those before have come to, as far as it is written down, and counted, in the same place.
    pub(super) fn new(
        settings: &config::Accounts,
        facts: &Facts,
        longest_call: Duration,
        before: Option<(&Self, &config::Accounts)>,
    ) -> Result<Self, ConfigError> {
        let before = before.map(|(accounts, settings)| Before { accounts, settings });
        let ledgers = match before.and_then(|before| before.ledgers(settings)) {
            Some(ledgers) => ledgers.to_vec(),
            None => ledgers(settings)?,
        };
        let auditor = match before.and_then(|before| before.auditor(settings)) {
            Some(auditor) => Some(Arc::clone(auditor)),
            None => settings.settings.auditor()?.map(Arc::new),
        };
        let budgets = match (before.and_then(|before| before.budgets(settings)), &settings.store) {
            (Some(counted), _) => limits(settings).taking_over(counted),
            (None, Some(store)) => {
                limits(settings).store(RedisStore::new(store.redis.clone()).longest_call(longest_call))
            }
            (None, None) => limits(settings),
        };
        let is_limiting = settings.is_limiting();
        let mut layer = AccountsLayer::new().ledger(ledgers.clone()).facts(known(facts));
        if let Some(auditor) = &auditor {
            layer = layer.audit(Arc::clone(auditor));
        }
        if is_limiting {
            layer = layer.budgets(budgets.clone());
        }
        let earlier = before.map(|before| before.earlier(settings, longest_call)).unwrap_or_default();
        Ok(Self { layer, ledgers, auditor, budgets, is_limiting, is_shared: settings.store.is_some(), earlier })
    }

    pub(super) fn layer(&self) -> AccountsLayer {
        self.layer.clone()
    }

    /// What is limited, if anything is.
    pub(super) fn budgets(&self) -> Option<Budgets> {
        self.is_limiting.then(|| self.budgets.clone())
    }

    /// Whether there is anybody to be told anything.
    pub(super) fn has_stores(&self) -> bool {
        self.is_shared || !self.earlier.is_empty()
    }

    /// Tells shared stores what they have not been told yet.
    pub(super) async fn flush(&self) {
        self.ledgers.flush().await;
        self.budgets.flush().await;
        for Earlier { ledgers, budgets, .. } in &self.earlier {
            ledgers.flush().await;
            budgets.flush().await;
        }
    }
}

impl<'a> Before<'a> {
    /// What was spent, if the others count in the same place.
    fn budgets(self, now: &config::Accounts) -> Option<&'a Budgets> {
        (self.settings.store == now.store).then_some(&self.accounts.budgets)
    }

    /// The ledgers, if the others write into the same.
    fn ledgers(self, now: &config::Accounts) -> Option<&'a [Arc<dyn Ledger>]> {
        let is_same = self.settings.store == now.store && self.settings.settings.ledger == now.settings.ledger;
        is_same.then_some(&*self.accounts.ledgers)
    }

    /// What was seen of providers, if the others look as closely.
    fn auditor(self, now: &config::Accounts) -> Option<&'a Arc<Auditor>> {
        self.accounts.auditor.as_ref().filter(|_| self.settings.settings.audit == now.settings.audit)
    }

    /// Those whom the calls of all changes before this one have still to tell something.
    fn earlier(self, now: &config::Accounts, longest_call: Duration) -> Vec<Earlier> {
        let Accounts { ledgers, budgets, is_shared, earlier, .. } = self.accounts;
        let mut earlier: Vec<_> = earlier.iter().filter(|earlier| Instant::now() < earlier.until).cloned().collect();
        if *is_shared && self.ledgers(now).is_none() {
            let until = Instant::now() + longest_call;
            earlier.push(Earlier { ledgers: ledgers.clone(), budgets: budgets.clone(), until });
        }
        earlier
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

/// The budgets of the file.
fn limits(settings: &config::Accounts) -> Budgets {
    let config::Accounts { caller, callers, aliases, global, settings: of_all, .. } = settings;
    let of_callers: HashMap<_, _> = callers.iter().cloned().collect();
    let of_aliases: HashMap<_, _> = aliases.iter().cloned().collect();
    let own = |limits: &HashMap<Arc<str>, Vec<Limit>>, name: &str| limits.get(name).cloned().unwrap_or_default();
    let callers = Budget::per_caller().limit_for(move |caller, _| own(&of_callers, caller));
    let aliases = Budget::per_alias().limit_for(move |_, alias| own(&of_aliases, alias));
    let budgets = Budgets::new()
        .budget(caller.iter().copied().fold(callers, Budget::limit))
        .budget(aliases)
        .budget(global.iter().copied().fold(Budget::global(), Budget::limit));
    budgets.on_store_failure(of_all.on_store_failure).unknown_cost(of_all.unknown_cost)
}

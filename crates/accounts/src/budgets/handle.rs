use std::{fmt, sync::Arc, time::SystemTime};

use llm_layers_core::{Clock, OnStoreFailure, name_apart};
use rust_decimal::Decimal;

use super::{
    Budget, Limit, Per, Refused, Reservation, amount, observe,
    refused::Reason,
    store::{Claim, MemoryStore, Names, Store, Taken, Unavailable},
};

/// All budgets, and what was spent of them. Cloning it shares both.
///
/// It is a [`Spending`](crate::Spending) of the [layer](crate::AccountsLayer); alone, [`reserve`](Self::reserve) before
/// a call and [settle](Reservation::settle) after it.
#[derive(Clone)]
pub struct Budgets {
    settings: Arc<Settings>,
}

#[derive(Clone)]
struct Settings {
    budgets: Vec<Budget>,
    /// What counts, or what is known here of what counts elsewhere.
    memory: Arc<MemoryStore>,
    shared: Option<Arc<dyn Store>>,
    on_store_failure: OnStoreFailure,
    unknown_cost: UnknownCost,
    clock: Clock,
}

/// What happens to calls of which nobody knows what they will cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCost {
    /// They go through while there is money left, and are counted in `llm_budgets_unpriced_total`.
    #[default]
    Allow,
    /// They are refused, with 402 `unknown_price`, where a budget limits them.
    Refuse,
}

/// What is spent of a budget in the time that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spent {
    /// The budget's name.
    pub budget: Arc<str>,
    /// For how long it is good.
    pub per: Per,
    /// US dollars that may be spent.
    pub limit: Decimal,
    /// US dollars that calls have cost which are over.
    pub spent: Decimal,
    /// US dollars that are kept for calls which run.
    pub reserved: Decimal,
    /// When it renews, if it does.
    pub renews: Option<SystemTime>,
}

impl Budgets {
    /// No budgets: nothing is limited.
    #[must_use]
    pub fn new() -> Self {
        let settings = Settings {
            budgets: Vec::new(),
            memory: Arc::new(MemoryStore::new()),
            shared: None,
            on_store_failure: OnStoreFailure::Open,
            unknown_cost: UnknownCost::Allow,
            clock: Clock::system(),
        };
        Self { settings: Arc::new(settings) }
    }

    /// Adds a budget. A call has to keep all of them. A second one of the same name is called `NAME-2`, and so on.
    #[must_use]
    pub fn budget(self, mut budget: Budget) -> Self {
        let is_taken = |name: &str| self.settings.budgets.iter().any(|other| *other.name == *name);
        budget.name = name_apart(&budget.name, is_taken);
        self.set(|settings| settings.budgets.push(budget))
    }

    /// Sets where is counted. Default: in this process.
    #[must_use]
    pub fn store(self, store: impl Store) -> Self {
        self.set(|settings| settings.shared = Some(Arc::new(store)))
    }

    /// Sets what happens while the store cannot be asked. Default: each process counts for itself, from what it last
    /// heard. Refusals are a 503 `budgets_unavailable`.
    #[must_use]
    pub fn on_store_failure(self, action: OnStoreFailure) -> Self {
        self.set(|settings| settings.on_store_failure = action)
    }

    /// Sets what happens to calls of which nobody knows what they will cost. Default: they go through.
    #[must_use]
    pub fn unknown_cost(self, action: UnknownCost) -> Self {
        self.set(|settings| settings.unknown_cost = action)
    }

    /// Sets the clock that windows go by. Default: the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.set(|settings| settings.clock = clock)
    }

    /// Goes on where others have come to: in their stores, by the budgets of this one.
    ///
    /// For a change of settings while calls run: what is spent stays spent, for budgets of the same name and time.
    #[must_use]
    pub fn taking_over(self, before: &Self) -> Self {
        let (memory, shared) = (Arc::clone(&before.settings.memory), before.settings.shared.clone());
        self.set(|settings| (settings.memory, settings.shared) = (memory, shared))
    }

    /// Reserves what a call is expected to cost, in US dollars, or refuses it. `None`: nobody knows.
    ///
    /// # Errors
    /// A budget is used up, or cannot be asked.
    pub async fn reserve(
        &self,
        caller: Option<&str>,
        alias: Option<&str>,
        estimate: Option<Decimal>,
    ) -> Result<Reservation, Refused> {
        let ask = self.ask(caller, alias, self.settings.clock.now(), || estimate)?;
        self.decide(ask).await
    }

    /// Whether calls should be thrifty: a budget of theirs is beyond its soft limit. It is answered at once; where the
    /// store is shared, by what this process last heard of it.
    #[must_use]
    pub fn is_soft_exceeded(&self, caller: Option<&str>, alias: Option<&str>) -> bool {
        let mut claims = self.claims(caller, alias, self.settings.clock.now(), |limit| limit.soft.is_some());
        self.settings.memory.look_now(&mut claims);
        claims.iter().any(|claim| claim.limit.soft.is_some_and(|soft| claim.used() >= soft))
    }

    /// What is spent of the budgets of such calls. While a shared store is away, what is known here.
    pub async fn spent(&self, caller: Option<&str>, alias: Option<&str>) -> Vec<Spent> {
        let mut claims = self.claims(caller, alias, self.settings.clock.now(), |_| true);
        match &self.settings.shared {
            None => self.settings.memory.look_now(&mut claims),
            Some(shared) => match shared.look(&mut claims).get().await {
                Ok(_) => self.settings.memory.learn(&claims),
                Err(Unavailable) => self.settings.memory.look_now(&mut claims),
            },
        }
        claims.iter().map(Spent::of).collect()
    }

    /// Tells a shared store what calls have cost that are over, and what is not kept for them any more.
    ///
    /// Each call does this for those before it. Call it every second or so from a task of your own, and before the
    /// process ends; budgets in memory need it not.
    pub async fn flush(&self) {
        if let Some(shared) = &self.settings.shared {
            shared.flush().await;
        }
    }

    /// What a call asks of the budgets; refused already where its cost must be known and is not.
    pub(super) fn ask<'a>(
        &self,
        caller: Option<&'a str>,
        alias: Option<&'a str>,
        at: SystemTime,
        estimate: impl FnOnce() -> Option<Decimal>,
    ) -> Result<Ask<'a>, Refused> {
        let names = [caller.unwrap_or_default(), alias.unwrap_or_default()];
        let claims = self.claims(caller, alias, at, |_| true);
        let estimate = if claims.is_empty() { None } else { estimate() };
        if let (None, Some(claim)) = (estimate, claims.first()) {
            if self.settings.unknown_cost == UnknownCost::Refuse {
                let budget = Arc::clone(&claim.id.budget);
                observe::refused(&budget, "unpriced");
                let subject = self.subject(&budget, names);
                return Err(Refused::new(Reason::Unpriced { budget, subject }));
            }
            observe::unpriced();
        }
        Ok(Ask { claims, amount: estimate.map_or(0, amount::cost), at, names })
    }

    /// Whether [`decide`](Self::decide) has to wait for anybody.
    pub(super) fn must_wait_for(&self, ask: &Ask<'_>) -> bool {
        self.settings.shared.is_some() && !ask.claims.is_empty()
    }

    pub(super) async fn decide(&self, mut ask: Ask<'_>) -> Result<Reservation, Refused> {
        let Some(shared) = self.settings.shared.as_ref().filter(|_| !ask.claims.is_empty()) else {
            return self.decide_here(ask);
        };
        let taking = shared.reserve(&mut ask.claims, ask.amount).get().await;
        match taken_or(taking, self.settings.on_store_failure) {
            Ok(Some(taken)) => {
                self.settings.memory.learn(&ask.claims);
                self.verdict(ask, taken)
            }
            Ok(None) => self.decide_here(ask),
            Err(refused) => Err(refused),
        }
    }

    pub(super) fn decide_here(&self, mut ask: Ask<'_>) -> Result<Reservation, Refused> {
        let taken = self.settings.memory.reserve_now(&mut ask.claims, ask.amount);
        self.verdict(ask, taken)
    }

    fn verdict(&self, ask: Ask<'_>, taken: Taken) -> Result<Reservation, Refused> {
        let Ask { claims, amount, at, names } = ask;
        let claim = match taken {
            Taken::All(lease) => {
                let Settings { memory, shared, .. } = &*self.settings;
                return Ok(Reservation::new(claims, lease, amount, Arc::clone(memory), shared.clone()));
            }
            Taken::Refused(index) => claims.get(index).ok_or_else(|| Refused::new(Reason::Away))?,
        };
        let budget = Arc::clone(&claim.id.budget);
        observe::refused(&budget, "used_up");
        let subject = self.subject(&budget, names);
        let (per, renews, status) = (claim.id.per, claim.window.renews(), claim.limit.status);
        Err(Refused::new(Reason::UsedUp { budget, subject, per, at, renews, status }))
    }

    fn claims(
        &self,
        caller: Option<&str>,
        alias: Option<&str>,
        at: SystemTime,
        is_wanted: fn(&Limit) -> bool,
    ) -> Vec<Claim> {
        let (mut claims, mut names) = (Vec::new(), None);
        for budget in &self.settings.budgets {
            let limits = budget.limits(caller.unwrap_or_default(), alias.unwrap_or_default());
            for limit in limits.filter(is_wanted) {
                let names = names.get_or_insert_with(|| Names::new(caller, alias));
                claims.push(budget.claim(limit, names, at));
            }
        }
        claims
    }

    fn subject(&self, name: &str, [caller, alias]: [&str; 2]) -> String {
        let budget = self.settings.budgets.iter().find(|budget| *budget.name == *name);
        budget.map_or_else(String::new, |budget| budget.subject(caller, alias))
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

/// What a call asks of the budgets.
pub(super) struct Ask<'a> {
    claims: Vec<Claim>,
    amount: u64,
    at: SystemTime,
    /// The caller's and the alias's, for a message.
    names: [&'a str; 2],
}

/// What the store has said; nothing where it is away and each counts for itself.
fn taken_or(taken: Result<Taken, Unavailable>, action: OnStoreFailure) -> Result<Option<Taken>, Refused> {
    match taken {
        Ok(taken) => Ok(Some(taken)),
        Err(Unavailable) => {
            observe::store_failed(action);
            match action {
                OnStoreFailure::Open => Ok(None),
                OnStoreFailure::Closed => Err(Refused::new(Reason::Away)),
            }
        }
    }
}

impl Spent {
    fn of(claim: &Claim) -> Self {
        Self {
            budget: Arc::clone(&claim.id.budget),
            per: claim.id.per,
            limit: amount::usd(claim.limit.nanos),
            spent: amount::usd(claim.spent),
            reserved: amount::usd(claim.reserved),
            renews: claim.window.renews(),
        }
    }
}

impl Default for Budgets {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budgets").field("budgets", &self.settings.budgets).finish_non_exhaustive()
    }
}

use std::{fmt, sync::Arc, time::SystemTime};

use super::{
    Limit,
    store::{Claim, Id, Names},
};

/// Whose money is limited, and to how much.
///
/// ```
/// use llm_layers_accounts::budgets::{Budget, Limit, Per};
/// use rust_decimal::Decimal;
///
/// let callers = Budget::per_caller()
///     .limit(Limit::new(Decimal::from(2), Per::Hour))
///     .limit(Limit::new(Decimal::from(20), Per::Day))
///     .limit_for(|caller, _| (caller == "research").then(|| Limit::new(Decimal::from(500), Per::Day)));
/// let all = Budget::global().limit(Limit::new(Decimal::from(9000), Per::Month));
/// # let _ = (callers, all);
/// ```
#[derive(Clone)]
pub struct Budget {
    pub(super) name: Arc<str>,
    by_caller: bool,
    by_alias: bool,
    limits: Vec<Limit>,
    limit_for: Option<LimitFor>,
}

type LimitFor = Arc<dyn Fn(&str, &str) -> Vec<Limit> + Send + Sync>;

impl Budget {
    fn new(by_caller: bool, by_alias: bool) -> Self {
        let name = Self::default_name(by_caller, by_alias).into();
        Self { name, by_caller, by_alias, limits: Vec::new(), limit_for: None }
    }

    /// A budget for each caller. Callers without a name share one.
    #[must_use]
    pub fn per_caller() -> Self {
        Self::new(true, false)
    }

    /// A budget for each alias, of all callers together.
    #[must_use]
    pub fn per_alias() -> Self {
        Self::new(false, true)
    }

    /// A budget for each caller at each alias.
    #[must_use]
    pub fn per_caller_and_alias() -> Self {
        Self::new(true, true)
    }

    /// One budget for all calls.
    #[must_use]
    pub fn global() -> Self {
        Self::new(false, false)
    }

    /// Sets what may be spent in a time by those for whom nothing else is known. One for each hour, day, month and for
    /// good, all of which a call has to keep; a second one for the same time takes the place of the first. Without any
    /// they are not limited.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limits.retain(|other| other.per != limit.per);
        self.limits.push(limit);
        self
    }

    /// Sets the limits of those callers and aliases for which the closure knows some, in place of those for the same
    /// time; it is asked at each call. What the budget does not count by, or the call does not name, is empty.
    #[must_use]
    pub fn limit_for<L>(mut self, limit: impl Fn(&str, &str) -> L + Send + Sync + 'static) -> Self
    where
        L: IntoIterator<Item = Limit>,
    {
        self.limit_for = Some(Arc::new(move |caller, alias| limit(caller, alias).into_iter().collect()));
        self
    }

    /// Sets the name in refusals, metrics and a shared store: budgets of replicas that are one have one name.
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// The limits of such calls, one for each time at most.
    pub(super) fn limits(&self, caller: &str, alias: &str) -> impl Iterator<Item = Limit> {
        let caller = if self.by_caller { caller } else { "" };
        let alias = if self.by_alias { alias } else { "" };
        let own = self.limit_for.as_ref().map(|limits| limits(caller, alias)).unwrap_or_default();
        let mut known = 0_u8;
        own.into_iter().chain(self.limits.iter().copied()).filter(move |limit| {
            let bit = 1 << limit.per as u8;
            let is_first = known & bit == 0;
            known |= bit;
            is_first
        })
    }

    /// What a call asks of one of the limits.
    pub(super) fn claim(&self, limit: Limit, names: &Names, at: SystemTime) -> Claim {
        let names = Names {
            caller: if self.by_caller { names.caller.clone() } else { None },
            alias: if self.by_alias { names.alias.clone() } else { None },
        };
        Claim::new(Id::new(Arc::clone(&self.name), limit.per, names), limit, at)
    }

    /// Whose budget it is, for a message, behind its name: the default one would say the same again.
    pub(super) fn subject(&self, caller: &str, alias: &str) -> String {
        let whose = self.whose(caller, alias);
        let is_default = *self.name == *Self::default_name(self.by_caller, self.by_alias);
        if is_default { format!("of {whose}") } else { format!("`{}` of {whose}", self.name) }
    }

    const fn default_name(by_caller: bool, by_alias: bool) -> &'static str {
        match (by_caller, by_alias) {
            (true, false) => "caller",
            (false, true) => "alias",
            (true, true) => "caller_alias",
            (false, false) => "global",
        }
    }

    fn whose(&self, caller: &str, alias: &str) -> String {
        let quoted = |what: &str, name: &str| match name {
            "" => format!("{what}s without a name"),
            name => format!("{what} `{name}`"),
        };
        match (self.by_caller, self.by_alias) {
            (true, false) => quoted("caller", caller),
            (false, true) => quoted("model", alias),
            (true, true) => format!("{} for {}", quoted("caller", caller), quoted("model", alias)),
            (false, false) => "all callers together".to_owned(),
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").field("name", &self.name).field("limits", &self.limits).finish_non_exhaustive()
    }
}

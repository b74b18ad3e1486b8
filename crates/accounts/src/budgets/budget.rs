use std::{fmt, sync::Arc, time::SystemTime};

use super::{
    Limit,
    store::{Claim, Id},
};

/// Whose money is limited, and to how much.
///
/// ```
/// use llm_layers_accounts::budgets::{Budget, Limit, Per};
/// use rust_decimal::Decimal;
///
/// let callers = Budget::per_caller()
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
    limit: Option<Limit>,
    limit_for: Option<LimitFor>,
}

type LimitFor = Arc<dyn Fn(&str, &str) -> Option<Limit> + Send + Sync>;

impl Budget {
    fn new(name: &'static str, by_caller: bool, by_alias: bool) -> Self {
        Self { name: name.into(), by_caller, by_alias, limit: None, limit_for: None }
    }

    /// A budget for each caller. Callers without a name share one.
    #[must_use]
    pub fn per_caller() -> Self {
        Self::new("caller", true, false)
    }

    /// A budget for each alias, of all callers together.
    #[must_use]
    pub fn per_alias() -> Self {
        Self::new("alias", false, true)
    }

    /// A budget for each caller at each alias.
    #[must_use]
    pub fn per_caller_and_alias() -> Self {
        Self::new("caller_alias", true, true)
    }

    /// One budget for all calls.
    #[must_use]
    pub fn global() -> Self {
        Self::new("global", false, false)
    }

    /// Sets the limit of those for whom no other is known. Without one they are not limited.
    #[must_use]
    pub const fn limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets the limits of those callers and aliases for which the closure knows one; it is asked at each call. What the
    /// budget does not count by, or the call does not name, is empty.
    #[must_use]
    pub fn limit_for(mut self, limit: impl Fn(&str, &str) -> Option<Limit> + Send + Sync + 'static) -> Self {
        self.limit_for = Some(Arc::new(limit));
        self
    }

    /// Sets the name in refusals, metrics and a shared store: budgets of replicas that are one have one name.
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// What a call asks of this budget, where it is limited by it.
    pub(super) fn claim(&self, caller: &str, alias: &str, at: SystemTime) -> Option<Claim> {
        let caller = if self.by_caller { caller } else { "" };
        let alias = if self.by_alias { alias } else { "" };
        let limit = self.limit_for.as_ref().and_then(|limit| limit(caller, alias)).or(self.limit)?;
        let id = Id::new(Arc::clone(&self.name), limit.per, caller, alias);
        Some(Claim::new(id, limit, at))
    }

    /// Whose budget it is, for a message.
    pub(super) fn subject(&self, caller: &str, alias: &str) -> String {
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
        f.debug_struct("Budget").field("name", &self.name).field("limit", &self.limit).finish_non_exhaustive()
    }
}

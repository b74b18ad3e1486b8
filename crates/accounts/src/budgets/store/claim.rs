use std::{sync::Arc, time::SystemTime};

use llm_layers_core::digest;

use crate::budgets::{Limit, Per, Window, window::seconds};

/// What a call asks of one budget.
#[derive(Clone, Debug)]
pub struct Claim {
    pub(in crate::budgets) id: Id,
    pub(in crate::budgets) limit: Limit,
    pub(in crate::budgets) window: Window,
    /// Seconds since 1970.
    pub(super) now: u64,
    /// Billionths of a dollar, as the store has told.
    pub(in crate::budgets) spent: u64,
    pub(in crate::budgets) reserved: u64,
}

/// Whose money is counted together, in each window.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::budgets) struct Id {
    pub(in crate::budgets) budget: Arc<str>,
    pub(in crate::budgets) per: Per,
    pub(super) key: Key,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Of(Names),
    /// All those for whom there is no room any more.
    Others,
}

/// What a budget may count by. All claims of a call share it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::budgets) struct Names {
    /// Nothing where the call does not name it, or the budget does not count by it.
    pub(in crate::budgets) caller: Option<Arc<str>>,
    pub(in crate::budgets) alias: Option<Arc<str>>,
}

impl Names {
    pub(in crate::budgets) fn new(caller: Option<&str>, alias: Option<&str>) -> Self {
        Self { caller: caller.and_then(short), alias: alias.and_then(short) }
    }
}

impl Id {
    pub(in crate::budgets) fn new(budget: Arc<str>, per: Per, names: Names) -> Self {
        Self { budget, per, key: Key::Of(names) }
    }

    pub(super) fn others(&self) -> Self {
        Self { key: Key::Others, ..self.clone() }
    }
}

/// Names may be long; what is counted by is not.
fn short(name: &str) -> Option<Arc<str>> {
    const LONGEST: usize = 128;
    match name.len() {
        0 => None,
        1..=LONGEST => Some(name.into()),
        _ => Some(digest([name], 16).into()),
    }
}

impl Claim {
    pub(in crate::budgets) fn new(id: Id, limit: Limit, at: SystemTime) -> Self {
        let window = id.per.window(at);
        Self { id, limit, window, now: seconds(at), spent: 0, reserved: 0 }
    }

    /// The budget's name.
    #[must_use]
    pub fn budget(&self) -> &str {
        &self.id.budget
    }

    /// Whose money it is within the budget: a digest, for names of callers are nobody else's.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.id.key {
            Key::Of(Names { caller, alias }) => {
                digest([caller, alias].map(|name| name.as_deref().unwrap_or_default()), 16)
            }
            Key::Others => "others".to_owned(),
        }
    }

    /// What may be spent, in billionths of a dollar. Below 2^53.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit.nanos
    }

    /// For how long the budget is good.
    #[must_use]
    pub const fn per(&self) -> Per {
        self.id.per
    }

    /// The window in which the call counts.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// A store says what is spent and reserved, in billionths of a dollar.
    pub const fn tell(&mut self, spent: u64, reserved: u64) {
        (self.spent, self.reserved) = (spent, reserved);
    }

    pub(in crate::budgets) const fn used(&self) -> u64 {
        self.spent.saturating_add(self.reserved)
    }
}

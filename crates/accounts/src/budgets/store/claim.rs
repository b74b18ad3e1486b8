use std::{sync::Arc, time::SystemTime};

use sha2::{Digest as _, Sha256};

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
    Of(Box<str>, Box<str>),
    /// All those for whom there is no room any more.
    Others,
}

impl Id {
    pub(in crate::budgets) fn new(budget: Arc<str>, per: Per, caller: &str, alias: &str) -> Self {
        Self { budget, per, key: Key::Of(short(caller), short(alias)) }
    }

    pub(super) fn others(&self) -> Self {
        Self { key: Key::Others, ..self.clone() }
    }
}

/// Names may be long; what is counted by is not.
fn short(name: &str) -> Box<str> {
    const LONGEST: usize = 128;
    if name.len() <= LONGEST { name.into() } else { digest(&[name]).into() }
}

/// Half of the SHA-256, in hexadecimal.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length before it: `ab`, `c` is not `a`, `bc`.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
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
            Key::Of(caller, alias) => digest(&[caller, alias]),
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

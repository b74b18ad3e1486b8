use std::{fmt, sync::Arc, time::Duration};

use super::memory::Entry;
use crate::{Level, Limits, key::Key};

/// What a call asks of one rule's limits for one key.
pub struct Claim {
    pub(crate) id: Id,
    pub(crate) limits: Limits,
    /// Reserved for this call.
    pub(crate) tokens: u64,
    pub(crate) levels: Levels,
    pub(crate) place: Place,
}

/// A key of a rule.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    /// The rule's name, which replicas share.
    pub(crate) rule: Arc<str>,
    pub(crate) key: Key,
}

/// What was left after the claim, or at the refusal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Levels {
    pub(crate) requests: Option<Level>,
    pub(crate) tokens: Option<Level>,
    pub(crate) running: u32,
}

/// Where a claim that was taken is to be given back.
pub(crate) enum Place {
    None,
    Memory(Arc<Entry>),
    /// The number of its lease.
    #[cfg(feature = "redis")]
    Lease(u64),
}

impl Claim {
    /// A claim of one request and so many tokens, as a layer makes it: for tests of a store.
    #[must_use]
    pub fn new(rule: impl Into<Arc<str>>, key: &str, limits: Limits, tokens: u64) -> Self {
        Self { tokens, ..Self::of(Id { rule: rule.into(), key: Key::text(key) }, limits) }
    }

    pub(crate) const fn of(id: Id, limits: Limits) -> Self {
        let levels = Levels { requests: None, tokens: None, running: 0 };
        Self { id, limits, tokens: 0, levels, place: Place::None }
    }

    /// The name of the rule.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.id.rule
    }

    /// Whose limits these are. It may be whatever a closure of yours has made the key of.
    #[must_use]
    pub fn key(&self) -> &str {
        self.id.key.as_str()
    }

    /// The limits.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The tokens that are asked for.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Says what is left: how long until all requests, and all tokens, are there again, and how many calls run.
    pub fn set_levels(&mut self, requests: Duration, tokens: Duration, running: u32) {
        self.levels = Levels {
            requests: self.limits.request_rate().map(|rate| rate.level(requests)),
            tokens: self.limits.token_rate().map(|rate| rate.level(tokens)),
            running,
        };
    }
}

/// The key is not shown: a closure may have made it of a credential.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("rule", &self.id.rule)
            .field("limits", &self.limits)
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

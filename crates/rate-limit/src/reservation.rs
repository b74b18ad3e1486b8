use std::{fmt, sync::Arc};

use llm_layers_core::{
    End,
    metering::{Expected, Observe, Reading},
};

use crate::{
    estimate::Tokens,
    store::{Claim, Store},
};

/// What a call has taken, until it is over. Dropped, it is over.
pub(crate) struct Reservation {
    claims: Vec<Claim>,
    store: Arc<dyn Store>,
    reserved: Tokens,
    hides_usage: bool,
    /// No provider was asked: the answer uses nothing, whatever it tells.
    is_free: bool,
    is_open: bool,
}

impl Reservation {
    pub(crate) fn new(claims: Vec<Claim>, store: Arc<dyn Store>, reserved: Tokens, hides_usage: bool) -> Self {
        Self { claims, store, reserved, hides_usage, is_free: false, is_open: true }
    }

    /// Whether the client has not asked for the usage that a stream tells.
    pub(crate) const fn hides_usage(&self) -> bool {
        self.hides_usage
    }

    /// Nobody was asked for the answer: it comes from a cache.
    pub(crate) const fn costs_nothing(&mut self) {
        self.is_free = true;
    }

    pub(crate) fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Whether the answer's usage matters.
    pub(crate) fn counts_tokens(&self) -> bool {
        self.claims.iter().any(|claim| claim.limits.token_rate().is_some())
    }

    /// Whether the answer's end matters.
    pub(crate) fn lasts(&self) -> bool {
        self.claims.iter().any(|claim| claim.limits.max_concurrent().is_some())
    }

    /// It is over, and all that was reserved counts as used.
    pub(crate) fn end_as_reserved(&mut self) {
        self.settle(self.reserved.total());
    }

    /// It failed: nothing was used.
    pub(crate) fn failed(&mut self) {
        self.settle(0);
    }

    fn settle(&mut self, used: u64) {
        if std::mem::replace(&mut self.is_open, false) {
            self.store.settle(&self.claims, if self.is_free { 0 } else { used });
        }
    }
}

/// The answer's usage takes the place of what was reserved.
impl Observe for Reservation {
    fn end(mut self, reading: &Reading, end: End) {
        let Tokens { input, output } = self.reserved;
        let used = reading.billed(Expected { input, output }, end).tokens.total();
        self.settle(used);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // Nobody waited for the answer: nothing of it was seen.
        self.settle(self.reserved.input);
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("claims", &self.claims).finish_non_exhaustive()
    }
}

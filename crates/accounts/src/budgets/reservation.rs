use std::{fmt, sync::Arc};

use rust_decimal::Decimal;

use super::{
    amount,
    store::{Claim, Lease, MemoryStore, Store},
};

/// Money that is kept for a call. Settle it at the call's end; dropped, it settles with what was [seen](Self::seen).
pub struct Reservation {
    claims: Vec<Claim>,
    lease: Option<Lease>,
    reserved: u64,
    seen: u64,
    memory: Arc<MemoryStore>,
    shared: Option<Arc<dyn Store>>,
}

impl Reservation {
    pub(super) fn new(
        claims: Vec<Claim>,
        lease: Option<Lease>,
        reserved: u64,
        memory: Arc<MemoryStore>,
        shared: Option<Arc<dyn Store>>,
    ) -> Self {
        Self { claims, lease, reserved, seen: 0, memory, shared }
    }

    /// Says what the call has cost by now, should nobody come to settle.
    pub fn seen(&mut self, usd: Decimal) {
        self.seen = amount::cost(usd);
    }

    /// The call is over and has cost this, in US dollars.
    pub fn settle(mut self, usd: Decimal) {
        self.seen = amount::cost(usd);
    }

    /// The call is over, and nobody knows what it has cost: what was expected counts.
    pub(super) fn settle_as_reserved(mut self) {
        self.seen = self.reserved;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.claims.is_empty() {
            return;
        }
        match (&self.shared, self.lease) {
            (None, _) => self.memory.settle_now(&self.claims, self.reserved, self.seen),
            (Some(shared), Some(_)) => {
                self.memory.spend(&self.claims, self.seen);
                shared.settle(&self.claims, self.lease, self.reserved, self.seen);
            }
            // Counted here while the shared store was away, which is to hear of it when it is back.
            (Some(shared), None) => {
                self.memory.settle_now(&self.claims, self.reserved, self.seen);
                if self.seen > 0 {
                    shared.settle(&self.claims, None, 0, self.seen);
                }
            }
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("reserved_usd", &amount::usd(self.reserved)).finish_non_exhaustive()
    }
}

//! What is told to the server beside what a call asks for.

use llm_layers_redis::Again;

use crate::budgets::{observe, store::Lease};

/// What a call has cost, and what is not reserved any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settlement {
    pub(super) row: String,
    /// Milliseconds since 1970; 0 for good.
    pub(super) kept_until: u64,
    pub(super) lease: Lease,
    pub(super) amount: u64,
    pub(super) cost: u64,
}

impl Again for Settlement {
    /// The server counts it once.
    fn again(self) -> Option<Self> {
        Some(self)
    }

    /// Leases run out, but costs are not counted.
    fn lost(number: usize) {
        observe::settlements_lost(number);
    }
}

/// A settlement that has arrived: the server need not remember it any more.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) row: String,
    pub(super) lease: Lease,
}

impl Known {
    pub(super) fn of(settlement: Settlement) -> Option<Self> {
        let Settlement { row, lease, cost, .. } = settlement;
        (cost > 0).then_some(Self { row, lease })
    }
}

impl Again for Known {
    fn again(self) -> Option<Self> {
        Some(self)
    }

    /// The server forgets it by itself in a day.
    fn lost(_number: usize) {}
}

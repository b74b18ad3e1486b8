//! What is still to be told to the server: what calls have cost, and what is not reserved any more.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::budgets::{observe, store::Lease};

/// Beyond this the oldest are forgotten: their leases run out, and their costs are lost.
const MOST: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settlement {
    pub(super) row: String,
    /// Milliseconds since 1970; 0 for good.
    pub(super) kept_until: u64,
    pub(super) lease: Lease,
    pub(super) amount: u64,
    pub(super) cost: u64,
}

#[derive(Default)]
pub(super) struct Settlements {
    waiting: Mutex<VecDeque<Settlement>>,
}

impl Settlements {
    pub(super) fn add(&self, settlements: impl IntoIterator<Item = Settlement>) {
        let mut waiting = self.lock();
        waiting.extend(settlements);
        let beyond = waiting.len().saturating_sub(MOST);
        waiting.drain(..beyond);
        drop(waiting);
        observe::settlements_lost(beyond);
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// The oldest, to go with these reservations.
    pub(super) fn send(&self, most: usize, reserving: Vec<Settlement>) -> Sent<'_> {
        let mut waiting = self.lock();
        let number = waiting.len().min(most);
        let settlements = waiting.drain(..number).collect();
        Sent { queue: self, settlements, reserving }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Settlement>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is on its way. Dropped without a word from the server, it may have arrived or not: settlements are told again,
/// which the server counts once, and what may have been reserved is given back.
pub(super) struct Sent<'a> {
    queue: &'a Settlements,
    settlements: Vec<Settlement>,
    /// How to give back what is being reserved.
    reserving: Vec<Settlement>,
}

impl Sent<'_> {
    pub(super) fn settlements(&self) -> &[Settlement] {
        &self.settlements
    }

    pub(super) fn arrived(&mut self) {
        self.settlements.clear();
        self.reserving.clear();
    }

    pub(super) fn never_left(&mut self) {
        self.reserving.clear();
        self.queue.add(self.settlements.drain(..));
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        if self.settlements.is_empty() && self.reserving.is_empty() {
            return;
        }
        self.queue.add(self.settlements.drain(..).chain(self.reserving.drain(..)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settlement(number: u64) -> Settlement {
        Settlement { row: number.to_string(), kept_until: 0, lease: Lease(number), amount: 5, cost: 3 }
    }

    fn waiting(queue: &Settlements) -> Vec<u64> {
        queue.lock().iter().map(|settlement| settlement.lease.0).collect()
    }

    #[test]
    fn what_is_lost_on_its_way_is_told_again_and_what_never_left_is_as_before() {
        let queue = Settlements::default();
        queue.add([settlement(1), settlement(2)]);
        drop(queue.send(10, vec![settlement(3)]));
        assert_eq!(waiting(&queue), [1, 2, 3]);
        let mut sent = queue.send(1, vec![settlement(4)]);
        sent.never_left();
        drop(sent);
        assert_eq!(waiting(&queue), [2, 3, 1]);
        let mut sent = queue.send(10, vec![settlement(5)]);
        sent.arrived();
        drop(sent);
        assert!(waiting(&queue).is_empty());
    }

    #[test]
    fn it_is_bounded_and_the_oldest_go() {
        let queue = Settlements::default();
        (0..MOST as u64 + 50).for_each(|number| queue.add([settlement(number)]));
        assert_eq!((queue.len(), waiting(&queue)[0]), (MOST, 50));
    }
}

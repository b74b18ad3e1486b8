//! What is still to be told to the server: changes of tokens, and places that are free again.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{micros, to_micros};
use crate::{
    engine::MAX_DEBT,
    observe,
    store::{Claim, Id, Place},
};

/// Beyond this the oldest are forgotten: of tokens the estimates stay then, of places the leases run out.
const MOST: usize = 10_000;

#[derive(Clone)]
pub(super) struct Correction {
    pub(super) id: Id,
    /// Microseconds by which the tokens' time moves on, or back.
    pub(super) change: f64,
    /// Microseconds that it may be ahead of now.
    pub(super) most: f64,
    pub(super) lease: Option<u64>,
}

impl Correction {
    /// What is to be corrected of a claim when its call has used so many tokens; `None` where nothing is.
    pub(super) fn of(claim: &Claim, used: u64) -> Option<Self> {
        let (change, most) = claim.limits.token_rate().map_or((0.0, 0.0), |rate| {
            let change = micros(&rate, used) - micros(&rate, claim.tokens);
            (change, micros(&rate, rate.burst()) + to_micros(MAX_DEBT))
        });
        let lease = match claim.place {
            Place::Lease(lease) => claim.limits.max_concurrent().map(|_| lease),
            _ => None,
        };
        let is_needed = change != 0.0 || lease.is_some();
        is_needed.then(|| Self { id: claim.id.clone(), change, most, lease })
    }

    fn leaves(&self) -> Option<Self> {
        self.lease.map(|_| Self { change: 0.0, ..self.clone() })
    }
}

#[derive(Default)]
pub(super) struct Corrections {
    waiting: Mutex<VecDeque<Correction>>,
}

impl Corrections {
    pub(super) fn add(&self, corrections: impl IntoIterator<Item = Correction>) {
        let mut waiting = self.lock();
        waiting.extend(corrections);
        let beyond = waiting.len().saturating_sub(MOST);
        waiting.drain(..beyond);
        drop(waiting);
        observe::corrections_lost(beyond);
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// The oldest corrections, to go with these claims.
    pub(super) fn send(&self, most: usize, claims: &[Claim], lease: u64) -> Sent<'_> {
        let mut waiting = self.lock();
        let number = waiting.len().min(most);
        let corrections = waiting.drain(..number).collect();
        let taken = claims.iter().filter(|claim| claim.limits.max_concurrent().is_some()).map(|claim| Correction {
            id: claim.id.clone(),
            change: 0.0,
            most: 0.0,
            lease: Some(lease),
        });
        Sent { queue: self, corrections, taken: taken.collect() }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Correction>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is on its way. Dropped without a word from the server, it may have arrived or not: places are left once more,
/// which does no harm, and changes of tokens are not made twice.
pub(super) struct Sent<'a> {
    queue: &'a Corrections,
    corrections: Vec<Correction>,
    /// The places that the server may have given.
    taken: Vec<Correction>,
}

impl Sent<'_> {
    pub(super) fn corrections(&self) -> &[Correction] {
        &self.corrections
    }

    pub(super) fn arrived(&mut self) {
        self.corrections.clear();
        self.taken.clear();
    }

    pub(super) fn never_left(&mut self) {
        self.taken.clear();
        self.queue.add(self.corrections.drain(..));
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        if self.corrections.is_empty() && self.taken.is_empty() {
            return;
        }
        observe::corrections_lost(self.corrections.iter().filter(|correction| correction.change != 0.0).count());
        self.queue.add(self.corrections.iter().chain(&self.taken).filter_map(Correction::leaves));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn claim(limits: Limits) -> Claim {
        Claim { place: Place::Lease(7), ..Claim::new("caller", "a", limits, 100) }
    }

    fn waiting(queue: &Corrections) -> Vec<(f64, Option<u64>)> {
        queue.lock().iter().map(|correction| (correction.change, correction.lease)).collect()
    }

    /// A token comes back in a microsecond.
    fn limits() -> Limits {
        Limits::new().tokens_per_minute(60_000_000).concurrent(3)
    }

    #[test]
    fn only_what_changes_anything_is_told() {
        let told = |limits, used| Correction::of(&claim(limits), used).map(|told| (told.change, told.lease));
        assert_eq!(told(limits(), 40), Some((-60.0, Some(7))));
        assert_eq!(told(limits(), 140), Some((40.0, Some(7))));
        assert_eq!(told(limits(), 100), Some((0.0, Some(7))));
        let tokens = Limits::new().tokens_per_minute(60_000_000);
        assert_eq!(told(tokens, 100), None);
        assert_eq!(told(tokens, 0), Some((-100.0, None)));
        assert_eq!(told(Limits::new().requests_per_minute(1), 0), None);
    }

    #[test]
    fn what_is_lost_on_its_way_is_left_again_but_not_counted_again() {
        let queue = Corrections::default();
        let claims = [claim(limits())];
        let fill = || queue.add(claims.iter().filter_map(|claim| Correction::of(claim, 40)));
        fill();
        let mut sent = queue.send(10, &claims, 8);
        assert_eq!((sent.corrections().len(), queue.len()), (1, 0));
        sent.arrived();
        drop(sent);
        assert_eq!(waiting(&queue), []);

        fill();
        drop(queue.send(10, &claims, 8));
        assert_eq!(waiting(&queue), [(0.0, Some(7)), (0.0, Some(8))], "it may have arrived, or not");
        queue.lock().clear();

        fill();
        let mut sent = queue.send(10, &claims, 8);
        sent.never_left();
        drop(sent);
        assert_eq!(waiting(&queue), [(-60.0, Some(7))], "as if it had not been tried");
    }

    #[test]
    fn it_is_bounded_and_the_oldest_go() {
        let queue = Corrections::default();
        for used in 0..MOST as u64 + 50 {
            queue.add(Correction::of(&claim(limits()), 1000 + used));
        }
        assert_eq!(queue.len(), MOST);
        assert_eq!(waiting(&queue).first(), Some(&(950.0, Some(7))));
    }
}

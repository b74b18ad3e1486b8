//! What is still to be told to the server: changes of tokens, and places that are free again.

use llm_layers_redis::Again;

use super::{micros, to_micros};
use crate::{
    engine::MAX_DEBT,
    observe,
    store::{Claim, Id, Place},
};

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

    /// How to leave a place that the server may have given.
    pub(super) fn leaving(claim: &Claim, lease: u64) -> Option<Self> {
        let leaves = || Self { id: claim.id.clone(), change: 0.0, most: 0.0, lease: Some(lease) };
        claim.limits.max_concurrent().map(|_| leaves())
    }
}

impl Again for Correction {
    /// Leaving a place twice does no harm; a change of tokens would be made twice.
    fn again(self) -> Option<Self> {
        if self.change != 0.0 && self.lease.is_some() {
            observe::corrections_lost(1);
        }
        self.lease.is_some().then_some(Self { change: 0.0, ..self })
    }

    /// Of tokens the estimates stay then, of places the leases run out.
    fn lost(number: usize) {
        observe::corrections_lost(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn claim(limits: Limits) -> Claim {
        Claim { place: Place::Lease(7), ..Claim::new("caller", "a", limits, 100) }
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
    fn places_are_left_again_but_tokens_are_not_counted_again() {
        let again = |told: Option<Correction>| {
            told.and_then(Again::again).map(|Correction { change, most, lease, .. }| (change, most > 0.0, lease))
        };
        assert_eq!(again(Correction::of(&claim(limits()), 40)), Some((0.0, true, Some(7))));
        assert_eq!(again(Correction::leaving(&claim(limits()), 8)), Some((0.0, false, Some(8))));
        assert_eq!(again(Correction::of(&claim(Limits::new().tokens_per_minute(60_000_000)), 40)), None);
        assert!(Correction::leaving(&claim(Limits::new().requests_per_minute(1)), 8).is_none());
    }
}

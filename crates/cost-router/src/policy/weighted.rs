use super::hash::mix;
use crate::{Call, Choice, Policy, by_score};

/// By chance, in proportion to the weights; by the alias's [`sticky`](crate::Alias::sticky) key where there is one, so
/// that the same user always goes to the same deployment.
///
/// Weighted rendezvous hashing: if a deployment is gone its users are spread over the others by their weights, and
/// nobody else moves. If a weight grows, users only move to that deployment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weighted;

impl Policy for Weighted {
    fn name(&self) -> &str {
        "weighted"
    }

    /// Shares are meant to be kept, and a user's place in an A/B test, too.
    fn keeps_conversations(&self) -> bool {
        false
    }

    fn arrange(&self, call: &Call<'_>, choices: &mut [Choice<'_>]) {
        let key = call.sticky().unwrap_or_else(|| call.rng().next_u64());
        for choice in &mut *choices {
            // An exponential variable of this rate: the least of them all is this one's with a probability in
            // proportion to its weight.
            choice.score = -unit(mix(key ^ choice.name_hash())).ln() / f64::from(choice.weight());
        }
        by_score(choices);
    }
}

/// A number above 0 and up to 1.
fn unit(bits: u64) -> f64 {
    ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

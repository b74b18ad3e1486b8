use llm_layers_core::rendezvous;

use crate::{Call, Choice, Policy, by_score};

/// By chance, in proportion to the weights; by the alias's [`sticky`](crate::Alias::sticky) key where there is one, so
/// that the same user always goes to the same deployment.
///
/// By weighted [rendezvous]: if a deployment is gone its users are spread over the others by their weights, and
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
            choice.score = rendezvous::score(key, choice.name_hash(), choice.weight());
        }
        by_score(choices);
    }
}

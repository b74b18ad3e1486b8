use llm_layers_core::rendezvous::{mix, unit};

use crate::{Call, Choice, Policy, by_score};

/// By the calls that are in flight there, in proportion to the weights, and divided by the share of calls that did not
/// fail of late: who fails at once is never busy. Among those that are equally busy chance decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeastBusy;

impl Policy for LeastBusy {
    fn name(&self) -> &str {
        "least_busy"
    }

    fn arrange(&self, call: &Call<'_>, choices: &mut [Choice<'_>]) {
        let chance = call.rng().next_u64();
        for choice in &mut *choices {
            // One more, so that of two idle ones the one of greater weight goes first.
            let busy = (choice.stats().in_flight() + 1) as f64 * choice.tries() / f64::from(choice.weight());
            let tie = unit(mix(chance ^ choice.name_hash()));
            choice.score = busy + tie * busy * 1e-9;
        }
        by_score(choices);
    }
}

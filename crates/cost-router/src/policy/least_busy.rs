use super::hash::mix;
use crate::{Call, Choice, Policy, by_score};

/// By the calls that are in flight there, in proportion to the weights. Among those that are equally busy chance
/// decides.
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
            let busy = (choice.stats().in_flight() + 1) as f64 / f64::from(choice.weight());
            let tie = (mix(chance ^ choice.name_hash()) >> 11) as f64 / (1_u64 << 53) as f64;
            choice.score = busy + tie * busy * 1e-9;
        }
        by_score(choices);
    }
}

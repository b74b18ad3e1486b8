use super::order::by_cost;
use crate::{Call, Choice, Needs, Policy};

/// By what this very request is expected to cost, the cheapest first; those whose price is not known come last.
///
/// The expectation is exact arithmetic over the catalogue's prices: tokens of the prompt by kind as the deployment's
/// tokenizer counts them, the share of them that its cache is expected to hold, the answer's expected tokens, the length
/// tier that the prompt falls into, the service tier that is asked for, and the prices of the hour.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cheapest;

impl Policy for Cheapest {
    fn name(&self) -> &str {
        "cheapest"
    }

    fn needs(&self) -> Needs {
        Needs { cost: true, prompt_tokens: true }
    }

    fn arrange(&self, _: &Call<'_>, choices: &mut [Choice<'_>]) {
        by_cost(choices);
    }
}

use crate::{Call, Choice, Policy};

/// In the order of the alias's settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ordered;

impl Policy for Ordered {
    fn name(&self) -> &str {
        "ordered"
    }

    /// The first is meant to be the first.
    fn keeps_conversations(&self) -> bool {
        false
    }

    fn arrange(&self, _: &Call<'_>, _: &mut [Choice<'_>]) {}
}

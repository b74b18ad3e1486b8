//! What is kept of a deployment, and what follows from it.

/// Something that a provider does, and should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Finding {
    /// Prompts have more tokens by the provider than they have.
    PaddedPrompt,
    /// Answers have more tokens by the provider than they show.
    PaddedOutput,
    /// Answers end without a reason.
    NoFinishReason,
    /// Answers end at the same length again and again, as if they were whole.
    SameLength,
    /// Answers are cut below the bound that was asked, and below the model's.
    LowOutputLimit,
}

impl Finding {
    pub(super) const ALL: [Self; 5] =
        [Self::PaddedPrompt, Self::PaddedOutput, Self::NoFinishReason, Self::SameLength, Self::LowOutputLimit];

    /// `padded_prompt` and so on: the label of the metric.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaddedPrompt => "padded_prompt",
            Self::PaddedOutput => "padded_output",
            Self::NoFinishReason => "no_finish_reason",
            Self::SameLength => "same_length",
            Self::LowOutputLimit => "low_output_limit",
        }
    }
}

/// What is known of an answer that has come whole.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Our count of the prompt, where this call is one of the sample.
    pub(super) counted: Option<Counted>,
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    /// Told apart, 0 or not.
    pub(super) reasoning: Option<u64>,
    /// Bytes.
    pub(super) shown: u64,
    pub(super) finish: Finish,
    /// The most that it could have: what was asked, and what the model can do.
    pub(super) most: Option<u64>,
    /// Prompt and answer fill the context window.
    pub(super) is_window_full: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub(super) tokens: u64,
    /// By the model's own tokenizer, and of text alone.
    pub(super) is_exact: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Finish {
    None,
    Stop,
    Length,
    #[default]
    Other,
}

/// So many calls are looked at before anything is said of sums; at twice as many, the old count half.
const CALLS: u64 = 20;
/// Answers that are remembered by their length.
const LAST: usize = 16;
/// Shorter ones are of one length by chance.
const LONG: u64 = 256;

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    prompts: Sums,
    outputs: Sums,
    /// Bits of the last calls, the latest lowest.
    unfinished: u16,
    cut: u16,
    /// Lengths of answers and of their prompts.
    lengths: [(u64, u64); LAST],
    next: usize,
    standing: [bool; Finding::ALL.len()],
}

/// What was told, and the most that it may be.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    calls: u64,
    told: u64,
    most: u64,
}

impl Sums {
    fn add(&mut self, told: u64, most: u64) {
        if self.calls >= 2 * CALLS {
            *self = Self { calls: self.calls / 2, told: self.told / 2, most: self.most / 2 };
        }
        self.calls += 1;
        self.told = self.told.saturating_add(told);
        self.most = self.most.saturating_add(most);
    }

    const fn is_beyond(&self) -> bool {
        self.calls >= CALLS && self.told > self.most
    }
}

impl State {
    /// Takes note of an answer. What is returned was not so before.
    pub(super) fn see(&mut self, seen: &Seen) -> Vec<Finding> {
        if let (Some(counted), Some(input)) = (seen.counted, seen.input) {
            let most = if counted.is_exact {
                counted.tokens.saturating_add(counted.tokens / 20).saturating_add(16)
            } else {
                counted.tokens.saturating_add(counted.tokens / 2).saturating_add(700)
            };
            self.prompts.add(input, most);
        }
        // No tokenizer has tokens of less than a byte; a few are never shown.
        if let (Some(output), Some(reasoning)) = (seen.output, seen.reasoning) {
            self.outputs.add(output.saturating_sub(reasoning), seen.shown.saturating_add(32));
        }
        let push = |bits: &mut u16, bit: bool| *bits = *bits << 1 | u16::from(bit);
        push(&mut self.unfinished, seen.finish == Finish::None && seen.shown > 0);
        let is_below = |output| seen.most.is_some_and(|most| output < most - most / 50);
        let is_cut = seen.finish == Finish::Length && !seen.is_window_full && seen.output.is_some_and(is_below);
        push(&mut self.cut, is_cut);
        if let (Finish::Stop, Some(output), Some(input)) = (seen.finish, seen.output, seen.input) {
            let is_bound = seen.most.is_some_and(|most| output >= most);
            if let Some(slot) = self.lengths.get_mut(self.next).filter(|_| !is_bound) {
                *slot = (output, input);
                self.next = (self.next + 1) % LAST;
            }
        }
        let mut raised = Vec::new();
        for (index, finding) in Finding::ALL.into_iter().enumerate() {
            let stands = self.holds(finding);
            if let Some(stood) = self.standing.get_mut(index) {
                if stands && !*stood {
                    raised.push(finding);
                }
                *stood = stands;
            }
        }
        raised
    }

    pub(super) fn standing(&self) -> impl Iterator<Item = Finding> {
        Finding::ALL.into_iter().zip(self.standing).filter_map(|(finding, stands)| stands.then_some(finding))
    }

    fn holds(&self, finding: Finding) -> bool {
        match finding {
            Finding::PaddedPrompt => self.prompts.is_beyond(),
            Finding::PaddedOutput => self.outputs.is_beyond(),
            Finding::NoFinishReason => self.unfinished.count_ones() >= 5,
            Finding::SameLength => self.has_one_length(),
            Finding::LowOutputLimit => self.cut.count_ones() >= 3,
        }
    }

    /// Of the same prompt the same answer is no wonder: the prompts have to differ.
    fn has_one_length(&self) -> bool {
        self.lengths.iter().filter(|(output, _)| *output >= LONG).any(|(length, _)| {
            let mut prompts: Vec<u64> =
                self.lengths.iter().filter(|(output, _)| output == length).map(|(_, input)| *input).collect();
            prompts.sort_unstable();
            prompts.dedup();
            prompts.len() >= 5
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn honest(counted: u64, is_exact: bool, output: u64) -> Seen {
        let counted_of = Counted { tokens: counted, is_exact };
        Seen {
            counted: Some(counted_of),
            input: Some(counted),
            output: Some(output),
            reasoning: Some(0),
            shown: output * 4,
            finish: Finish::Stop,
            ..Seen::default()
        }
    }

    /// What stands after so many calls, made of their number.
    fn after(calls: u64, seen: impl Fn(u64) -> Seen) -> Vec<Finding> {
        let mut state = State::default();
        (0..calls).for_each(|call| {
            state.see(&seen(call));
        });
        state.standing().collect()
    }

    #[test]
    fn what_is_done_again_and_again_is_found_and_once_is_not() {
        let base = |call: u64| honest(1000 + call, true, 300 + call * 7);
        let padded = |call| Seen { input: Some(1100 + call), ..base(call) };
        let loud = |call| Seen { shown: 40, ..base(call) };
        let silent = |call| Seen { finish: Finish::None, ..base(call) };
        let same = |call| Seen { output: Some(4096), shown: 9000, ..base(call) };
        let cut =
            |call| Seen { finish: Finish::Length, output: Some(2048), shown: 8000, most: Some(8192), ..base(call) };
        for (seen, finding, needed) in [
            (&padded as &dyn Fn(u64) -> Seen, Finding::PaddedPrompt, CALLS),
            (&loud, Finding::PaddedOutput, CALLS),
            (&silent, Finding::NoFinishReason, 5),
            (&same, Finding::SameLength, 5),
            (&cut, Finding::LowOutputLimit, 3),
        ] {
            assert_eq!(after(needed - 1, seen), [], "{finding:?}");
            assert_eq!(after(needed, seen), [finding]);
            let healed = after(200, |call| if call < needed { seen(call) } else { base(call) });
            assert_eq!(healed, [], "{finding:?} is over");
        }
    }

    #[test]
    fn a_finding_is_raised_once_while_it_stands() {
        let mut state = State::default();
        let seen = Seen { finish: Finish::None, ..honest(10, true, 10) };
        let raised: Vec<_> = (0..10).flat_map(|_| state.see(&seen)).collect();
        assert_eq!(raised, [Finding::NoFinishReason]);
    }

    proptest! {
        /// Honest providers: counts are off by what the tolerance says, answers have any length, bounds are kept.
        #[test]
        fn the_honest_raise_nothing(
            is_exact in any::<bool>(),
            calls in prop::collection::vec((1..100_000u64, 0..100u64, 0..8000u64, any::<bool>(), 0..500u64), 1..120),
        ) {
            let mut state = State::default();
            for (call, (counted, off, output, is_bounded, reasoning)) in calls.into_iter().enumerate() {
                let input = if is_exact { counted + counted * off / 2500 } else { counted + counted * off / 250 };
                let most = is_bounded.then_some(4000);
                let output = most.map_or(output, |most| output.min(most));
                let is_cut = most == Some(output);
                let seen = Seen {
                    input: Some(input),
                    // Any two differ: that answers of hundreds of tokens are of one length by chance is what it looks for.
                    output: Some(if is_cut { output } else { output / 200 * 200 + call as u64 % 200 }),
                    reasoning: Some(reasoning.min(output)),
                    finish: if is_cut { Finish::Length } else { Finish::Stop },
                    shown: output * 2 + 200,
                    most,
                    ..honest(counted, is_exact, output)
                };
                prop_assert_eq!(state.see(&seen), []);
            }
        }
    }
}

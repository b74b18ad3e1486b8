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

/// Some of the findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Findings(u8);

impl Findings {
    /// How many sets of findings there are.
    pub(super) const SETS: usize = 1 << Finding::ALL.len();

    const fn with(self, finding: Finding) -> Self {
        Self(self.0 | 1 << finding as u8)
    }

    const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    const fn contains(self, finding: Finding) -> bool {
        self.0 & 1 << finding as u8 != 0
    }

    /// Its place among all sets: 0 for none.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Finding> {
        Finding::ALL.into_iter().filter(move |finding| self.contains(*finding))
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
    pub(super) certainty: Certainty,
}

/// How far a count of a prompt may be off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Text by the model's own tokenizer.
    Exact,
    /// Text, estimated: one may be far off, the middle of many is not.
    Estimated,
    /// Not only text: pictures, and tools, which some providers describe to their models in hundreds of tokens.
    Assumed,
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
    estimates: Median,
    outputs: Sums,
    /// Bits of the last calls, the latest lowest.
    unfinished: u16,
    cut: u16,
    /// Lengths of answers and of their prompts.
    lengths: [(u64, u64); LAST],
    next: usize,
    /// The length that answers have had again and again, where there is one.
    same_length: Option<u64>,
    standing: Findings,
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

/// Whether the middle one of the last calls is beyond the most that it may be: half of them are, and one more.
#[derive(Clone, Copy, Debug, Default)]
struct Median {
    calls: u32,
    /// Bits of the last calls, the latest lowest.
    beyond: u32,
}

impl Median {
    fn add(&mut self, told: u64, most: u64) {
        self.calls = u32::BITS.min(self.calls + 1);
        self.beyond = self.beyond << 1 | u32::from(told > most);
    }

    fn is_beyond(self) -> bool {
        u64::from(self.calls) >= CALLS && self.beyond.count_ones() > self.calls / 2
    }
}

impl State {
    /// Takes note of an answer. What is returned was not so before.
    pub(super) fn see(&mut self, seen: &Seen) -> Findings {
        if let (Some(Counted { tokens, certainty }), Some(input)) = (seen.counted, seen.input) {
            let most = |part: u64, more: u64| tokens.saturating_add(part).saturating_add(more);
            match certainty {
                Certainty::Exact => self.prompts.add(input, most(tokens / 20, 16)),
                Certainty::Estimated => self.estimates.add(input, most(tokens / 5 * 2, 100)),
                Certainty::Assumed => self.prompts.add(input, most(tokens / 2, 700)),
            }
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
                self.look_at_lengths(output);
            }
        }
        let holding = Finding::ALL.into_iter().filter(|finding| self.holds(*finding));
        let standing = holding.fold(Findings::default(), Findings::with);
        let stood = std::mem::replace(&mut self.standing, standing);
        standing.without(stood)
    }

    pub(super) const fn standing(&self) -> Findings {
        self.standing
    }

    fn holds(&self, finding: Finding) -> bool {
        match finding {
            Finding::PaddedPrompt => self.prompts.is_beyond() || self.estimates.is_beyond(),
            Finding::PaddedOutput => self.outputs.is_beyond(),
            Finding::NoFinishReason => self.unfinished.count_ones() >= 5,
            Finding::SameLength => self.same_length.is_some(),
            Finding::LowOutputLimit => self.cut.count_ones() >= 3,
        }
    }

    /// An answer of this length has come, and another one is forgotten: the others are as frequent as before, or less.
    fn look_at_lengths(&mut self, newest: u64) {
        if self.is_frequent(newest) {
            self.same_length = Some(newest);
        } else if self.same_length.is_some_and(|length| !self.is_frequent(length)) {
            self.same_length = self.lengths.iter().map(|(length, _)| *length).find(|length| self.is_frequent(*length));
        }
    }

    /// Of the same prompt the same answer is no wonder: the prompts have to differ.
    fn is_frequent(&self, length: u64) -> bool {
        let of_length = |(output, _): &&(u64, u64)| *output == length;
        let differs = |place: &usize| {
            let (_, prompt) = self.lengths.get(*place).copied().unwrap_or_default();
            !self.lengths.iter().take(*place).filter(of_length).any(|(_, input)| *input == prompt)
        };
        let places = self.lengths.iter().enumerate().filter(|(_, answer)| of_length(answer)).map(|(place, _)| place);
        length >= LONG && places.filter(differs).count() >= 5
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn honest(counted: u64, is_exact: bool, output: u64) -> Seen {
        let certainty = if is_exact { Certainty::Exact } else { Certainty::Estimated };
        let counted_of = Counted { tokens: counted, certainty };
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
        state.standing().iter().collect()
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
    fn a_system_prompt_that_is_counted_twice_shows_where_counts_are_estimates() {
        // 600 tokens of instructions and 300 of others, which are estimated too low.
        let twice = |call: u64| Seen { input: Some(1650 + call), ..honest(900 + call, false, 300 + call * 7) };
        assert_eq!(after(CALLS - 1, twice), []);
        assert_eq!(after(CALLS, twice), [Finding::PaddedPrompt]);
        let healed = after(200, |call| if call < CALLS { twice(call) } else { honest(900, false, 300 + call * 7) });
        assert_eq!(healed, []);
        // Some that are far off are languages, not padding.
        let some = |call: u64| match call % 3 {
            0 => Seen { input: Some(9000), ..honest(900, false, 300 + call * 7) },
            _ => honest(900, false, 300 + call * 7),
        };
        assert_eq!(after(200, some), []);
        // Tools and pictures may take hundreds of tokens.
        let tools = |call: u64| {
            let counted = Some(Counted { tokens: 900, certainty: Certainty::Assumed });
            Seen { counted, input: Some(1650), ..honest(900, false, 300 + call * 7) }
        };
        assert_eq!(after(200, tools), []);
    }

    #[test]
    fn a_finding_is_raised_once_while_it_stands() {
        let mut state = State::default();
        let seen = Seen { finish: Finish::None, ..honest(10, true, 10) };
        let raised: Vec<_> = (0..10).flat_map(|_| state.see(&seen).iter()).collect();
        assert_eq!(raised, [Finding::NoFinishReason]);
    }

    proptest! {
        #[test]
        fn a_length_is_frequent_by_all_that_is_remembered(
            answers in prop::collection::vec((0..3u64, 0..8u64), 1..80),
        ) {
            let mut state = State::default();
            let mut last = std::collections::VecDeque::new();
            for (length, input) in answers {
                let seen = Seen { output: Some(LONG + length), ..honest(input, false, LONG) };
                state.see(&Seen { input: Some(input), ..seen });
                last.push_back((length, input));
                if last.len() > LAST {
                    last.pop_front();
                }
                let prompts = |length| {
                    let of_length = last.iter().filter(|(other, _)| *other == length).map(|(_, input)| *input);
                    of_length.collect::<std::collections::HashSet<_>>().len()
                };
                let is_frequent = (0..3).any(|length| prompts(length) >= 5);
                prop_assert_eq!(state.standing().contains(Finding::SameLength), is_frequent);
            }
        }

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
                prop_assert_eq!(state.see(&seen), Findings::default());
            }
        }
    }
}

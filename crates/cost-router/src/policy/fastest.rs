use crate::{Call, Choice, Policy, by_score};

/// By the time to the first word.
///
/// Of two that are drawn by chance the faster one is asked first, the others follow by their times. Two choices, since
/// all calls at once to the one that was the fastest a moment ago would make it the slowest. They are drawn from those
/// that are no more than [`spread`](Self::spread) times slower than the fastest. A time is a peak EWMA
/// ([`Choice::first_word`]), which fades: what was slow is tried again after a while. It is divided by the share of calls
/// that did not fail: who fails has to be asked so much more often for an answer. A deployment of which nothing is known
/// is tried first, unless one call is on its way there already, or it has failed of late: then it is tried last.
#[derive(Clone, Copy, Debug)]
pub struct Fastest {
    spread: f64,
}

impl Default for Fastest {
    fn default() -> Self {
        Self { spread: 2.0 }
    }
}

impl Fastest {
    /// Draws from those that are up to so many times slower than the fastest. Default 2; infinity draws from all.
    #[must_use]
    pub const fn spread(mut self, times: f64) -> Self {
        self.spread = times;
        self
    }
}

impl Policy for Fastest {
    fn name(&self) -> &str {
        "fastest"
    }

    fn arrange(&self, call: &Call<'_>, choices: &mut [Choice<'_>]) {
        for choice in &mut *choices {
            choice.score = match choice.first_word_micros() {
                Some(micros) => f64::from(micros) * choice.tries(),
                None if choice.stats().in_flight() == 0 && !choice.fails() => 0.0,
                None => f64::INFINITY,
            };
        }
        by_score(choices);
        let Some(best) = choices.first().map(|choice| choice.score).filter(|best| *best > 0.0) else { return };
        let near = choices.iter().take_while(|choice| choice.score <= best * self.spread).count();
        if near < 2 {
            return;
        }
        let (one, two) = draw_two(call.rng().next_u64(), near);
        // In order of their times: the lower place is the faster one.
        if let Some(ahead) = choices.get_mut(..=one.min(two)) {
            ahead.rotate_right(1);
        }
    }
}

/// Two different places below `count`, which is two at least.
fn draw_two(bits: u64, count: usize) -> (usize, usize) {
    let below = |bits: u64, count: usize| ((u64::from(bits as u32) * count as u64) >> 32) as usize;
    let one = below(bits, count);
    let other = below(bits >> 32, count - 1);
    (one, if other >= one { other + 1 } else { other })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_two() {
        for bits in [0, 1, u64::MAX, 0x8000_0000, 0x1234_5678_9abc_def0, u64::MAX << 32] {
            for count in 2..50 {
                let (one, two) = draw_two(bits, count);
                assert!(one != two && one < count && two < count, "{bits} {count}: {one} {two}");
            }
        }
    }
}

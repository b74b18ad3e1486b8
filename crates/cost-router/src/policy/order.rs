use crate::Choice;

/// So many are put in order by their keys alone, and moved once.
const FEW: usize = 64;
/// A place among [`FEW`].
const PLACE_BITS: u32 = FEW.trailing_zeros();

/// Puts choices in the order of what they cost, the lowest first, and of their places where that is the same.
pub(super) fn by_cost(choices: &mut [Choice<'_>]) {
    const MOST: u64 = u64::MAX >> PLACE_BITS;
    // Below 288 dollars nothing is lost.
    by_key(choices, Choice::cost_or_most, |cost| cost.min(MOST));
}

/// Puts choices in the order of their [`score`](Choice::score), the lowest first, and of their places where it is the
/// same.
pub fn by_score(choices: &mut [Choice<'_>]) {
    by_key(choices, |choice| in_order(choice.score), |bits| bits >> PLACE_BITS);
}

/// As `f64::total_cmp` has them.
const fn in_order(score: f64) -> u64 {
    let bits = score.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// `rough` makes a key small enough to have a place behind it in one word: words are put in order several times as fast
/// as choices are. It never turns an order round, but two keys may become the same.
fn by_key<'a>(choices: &mut [Choice<'a>], key: impl Fn(&Choice<'a>) -> u64, rough: impl Fn(u64) -> u64) {
    let exact = |choice: &Choice<'a>| (key(choice), choice.place());
    let mut words = [0_u64; FEW];
    let Some(words) = words.get_mut(..choices.len()) else {
        choices.sort_unstable_by_key(exact);
        return;
    };
    for ((word, choice), place) in words.iter_mut().zip(&*choices).zip(0_u64..) {
        *word = rough(key(choice)) << PLACE_BITS | place;
    }
    words.sort_unstable();
    let old = choices.to_vec();
    let from = |word: u64| old.get((word % FEW as u64) as usize);
    // Those whose keys have become the same.
    for end in 1..words.len() {
        let mut at = end;
        while let Some([one, two]) = words.get(at.wrapping_sub(1)..=at)
            && one >> PLACE_BITS == two >> PLACE_BITS
            && from(*two).map(exact) < from(*one).map(exact)
        {
            words.swap(at - 1, at);
            at -= 1;
        }
    }
    for (choice, word) in choices.iter_mut().zip(words) {
        if let Some(old) = from(*word) {
            *choice = *old;
        }
    }
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Deployment;
    use proptest::prelude::*;
    use tokio::time::Instant;

    use super::*;
    use crate::{Candidate, engine::Entry, stats::Now};

    /// Few different ones, so that many are the same, and all there are.
    fn key() -> impl Strategy<Value = u64> {
        prop_oneof![
            0_u64..4,
            any::<u64>(),
            (0_u64..4).prop_map(|n| u64::MAX - n),
            (0_u64..4).prop_map(|n| (1 << 58) - n)
        ]
    }

    proptest! {
        #[test]
        fn the_short_way_comes_to_the_same_as_the_long_one(keys in prop::collection::vec((key(), any::<u16>()), 0..100)) {
            let entry = Entry::new(&Candidate::new(Deployment::new("d", "p", "m")), None, None);
            let now = Now::of(Instant::now(), true);
            let choices: Vec<_> = keys
                .iter()
                .map(|(key, place)| {
                    let mut choice = Choice::new(&entry, 1, *place, Some(*key), 0, now);
                    choice.score = f64::from_bits(*key);
                    choice
                })
                .collect();
            let seen = |choices: &[Choice<'_>]| -> Vec<_> {
                choices.iter().map(|choice| (choice.cost_or_most(), choice.score.to_bits(), choice.place())).collect()
            };
            let (mut short, mut long) = (choices.clone(), choices.clone());
            by_cost(&mut short);
            long.sort_by_key(|choice| (choice.cost_or_most(), choice.place()));
            prop_assert_eq!(seen(&short), seen(&long));
            let (mut short, mut long) = (choices.clone(), choices);
            by_score(&mut short);
            long.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.place().cmp(&b.place())));
            prop_assert_eq!(seen(&short), seen(&long));
        }
    }
}

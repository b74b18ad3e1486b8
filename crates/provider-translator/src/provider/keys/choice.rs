//! Which of several keys is next.

use llm_layers_core::rendezvous::{mix, score};

/// Smooth weighted round robin, as nginx has it: of weights 3 and 1 every fourth call goes to the second, and no run is
/// longer than it must be. `weights` tells of each whether it may be chosen.
pub(super) fn in_turn<'a>(
    weights: impl Iterator<Item = (u32, bool)>,
    turns: impl Iterator<Item = &'a mut i64>,
) -> Option<usize> {
    let mut total = 0;
    let mut best: Option<(usize, &mut i64)> = None;
    for (index, ((weight, may), turn)) in weights.zip(turns).enumerate() {
        if !may {
            continue;
        }
        *turn += i64::from(weight);
        total += i64::from(weight);
        if best.as_ref().is_none_or(|(_, most)| *turn > **most) {
            best = Some((index, turn));
        }
    }
    let (index, turn) = best?;
    *turn -= total;
    Some(index)
}

/// [By rendezvous](llm_layers_core::rendezvous): calls that have something in common go to one key for as long as it may be chosen, and
/// those of others stay where they are when one key drops out.
pub(super) fn by_affinity(weights: impl Iterator<Item = (u32, bool)>, affinity: u64) -> Option<usize> {
    let free = weights.enumerate().filter(|(_, (_, may))| *may);
    let scores = free.map(|(index, (weight, _))| (index, score(affinity, mix(index as u64), weight)));
    scores.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use llm_layers_core::rendezvous::stable_hash;

    use super::*;

    #[test]
    fn turns_are_taken_by_weight_and_evenly() {
        let mut turns = [0; 3];
        let mut take = |may: [bool; 3]| {
            let weights = [5, 1, 1].into_iter().zip(may);
            in_turn(weights, turns.iter_mut()).expect("one may be taken")
        };
        let order: Vec<_> = (0..7).map(|_| take([true; 3])).collect();
        assert_eq!(order, [0, 0, 1, 0, 2, 0, 0]);
        let order: Vec<_> = (0..4).map(|_| take([false, true, true])).collect();
        assert_eq!(order, [1, 2, 1, 2]);
        assert_eq!(in_turn([(1, false)].into_iter(), [0].iter_mut()), None);
    }

    #[test]
    fn what_belongs_together_stays_with_one_key() {
        let take = |affinity, may: [bool; 3]| by_affinity([3, 1, 4].into_iter().zip(may), affinity);
        let mut counts = [0; 3];
        for affinity in (0..8000).map(|number: u32| stable_hash(number.to_string().as_bytes())) {
            let first = take(affinity, [true; 3]).expect("one may be taken");
            counts[first] += 1;
            for gone in 0..3 {
                let mut may = [true; 3];
                may[gone] = false;
                let second = take(affinity, may).expect("two may be taken");
                assert!(second != gone && (gone == first || second == first), "only what has to move moves");
            }
        }
        for (count, share) in counts.into_iter().zip([3000_i32, 1000, 4000]) {
            assert!((count - share).abs() < 200, "{counts:?}");
        }
        assert_eq!(take(7, [false; 3]), None);
    }
}

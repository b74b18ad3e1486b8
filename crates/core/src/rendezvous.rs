//! Choosing among members by weight, so that the same key always gets the same member.
//!
//! Weighted rendezvous hashing: each member has a score for each key, and the least is chosen. If a member is gone, its
//! keys are spread over the others by their weights, and no other key moves; if a weight grows, keys only move to that
//! member.

/// A hash that is the same in every process and every version: what it decides must not change with a restart, nor
/// differ between replicas. FNV-1a, finished as SplitMix64 does it.
#[must_use]
pub fn stable_hash(bytes: &[u8]) -> u64 {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    mix(bytes.iter().fold(0xcbf2_9ce4_8422_2325, fnv))
}

/// Spreads a number over all others, each of which comes from one: the finish of SplitMix64.
#[must_use]
pub const fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The score of a member for a key, both of which are hashes: the least of all members is the key's. By a key of chance
/// members are chosen in proportion to their weights.
#[must_use]
pub fn score(key: u64, member: u64, weight: u32) -> f64 {
    // An exponential variable of this rate: the least of several is this one's with a probability in proportion to it.
    -unit(mix(key ^ member)).ln() / f64::from(weight)
}

/// A number above 0 and up to 1, of as many bits as a double holds.
#[must_use]
pub fn unit(bits: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
    let number = ((bits >> 11) + 1) as f64;
    number / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_all_versions() {
        assert_eq!([stable_hash(b""), stable_hash(b"user-1")], [0xc381_7c01_6ba4_ff30, 0xf16d_8d44_0fbb_25d5]);
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf, "the first number of SplitMix64 with the seed 0");
    }

    #[test]
    fn members_are_chosen_by_their_weights_and_nothing_else_moves() {
        let weights = [3, 1, 4];
        let least = |key: u64, but: Option<usize>| {
            let scored = weights.into_iter().enumerate().filter(|(index, _)| Some(*index) != but);
            let scored = scored.map(|(index, weight)| (index, score(key, mix(index as u64), weight)));
            scored.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
        };
        let mut counts = [0_i32; 3];
        for key in (0..8000_u32).map(|number| stable_hash(&number.to_le_bytes())) {
            let first = least(key, None).expect("there are three");
            counts[first] += 1;
            for gone in 0..3 {
                let second = least(key, Some(gone)).expect("there are two");
                assert!(gone == first || second == first);
            }
        }
        for (count, share) in counts.into_iter().zip([3000, 1000, 4000]) {
            assert!((count - share).abs() < 200, "{counts:?}");
        }
        assert!(unit(0) > 0.0 && unit(u64::MAX) <= 1.0);
    }
}

//! What single inputs have taken of what their batch has.

use rust_decimal::Decimal;

/// The digits of a share of a price, behind the point: a token costs more than that.
const DIGITS: u32 = 15;

/// The shares of tokens and of their price, by the lengths of the inputs. What is rounded off goes to those that follow:
/// together they are the whole.
pub(super) fn shares(tokens: u64, cost: Option<Decimal>, lengths: &[usize]) -> Vec<(u64, Option<Decimal>)> {
    let total: u128 = lengths.iter().map(|length| *length as u128).sum();
    let (mut passed, mut told_tokens, mut told_cost) = (0u128, 0, Decimal::ZERO);
    let share = |length: &usize| {
        passed += *length as u128;
        let is_last = passed == total;
        // Inputs are bounded: neither overflows.
        let until = if is_last { tokens } else { u64::try_from(u128::from(tokens) * passed / total).unwrap_or(tokens) };
        let share = until - told_tokens;
        told_tokens = until;
        let cost = cost.and_then(|cost| {
            let part = || cost.checked_mul(Decimal::from(passed as u64))?.checked_div(Decimal::from(total as u64));
            let until = if is_last { cost } else { part()?.round_dp(DIGITS) };
            let share = until.checked_sub(told_cost)?;
            told_cost = until;
            Some(share)
        });
        (share, cost)
    };
    lengths.iter().map(share).collect()
}

#[cfg(test)]
mod unit {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_has_all_and_equals_have_the_same() {
        let cent = Some(Decimal::new(1, 2));
        assert_eq!(shares(7, cent, &[5]), [(7, cent)]);
        let half = Some(Decimal::new(5, 3));
        assert_eq!(shares(8, cent, &[5, 5]), [(4, half), (4, half)]);
        assert_eq!(shares(8, None, &[2, 6]), [(2, None), (6, None)]);
        assert_eq!(shares(0, None, &[]), []);
    }

    proptest! {
        #[test]
        fn shares_are_the_whole(tokens in 0u64..1 << 40, mills in 0i64..1 << 40, lengths in prop::collection::vec(1usize..1 << 20, 1..50)) {
            let cost = Decimal::new(mills, 9);
            let shares = shares(tokens, Some(cost), &lengths);
            prop_assert_eq!(shares.iter().map(|(tokens, _)| tokens).sum::<u64>(), tokens);
            prop_assert_eq!(shares.iter().map(|(_, cost)| cost.unwrap_or_default()).sum::<Decimal>(), cost);
        }
    }
}

//! Money in whole billionths of a US dollar.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};

const SCALE: u32 = 9;

/// Above it, doubles are not exact.
pub(super) const MOST: u64 = (1 << 53) - 1;

/// What is spent: rounded up, so that many small costs are not nothing.
pub(super) fn cost(usd: Decimal) -> u64 {
    nanos(usd, Decimal::ceil)
}

/// What may be spent: rounded down.
pub(super) fn limit(usd: Decimal) -> u64 {
    nanos(usd, Decimal::floor)
}

fn nanos(usd: Decimal, round: fn(&Decimal) -> Decimal) -> u64 {
    if usd.is_sign_negative() {
        return 0;
    }
    let scaled = usd.checked_mul(Decimal::from(10u64.pow(SCALE)));
    scaled.and_then(|nanos| round(&nanos).to_u64()).unwrap_or(MOST).min(MOST)
}

pub(super) fn usd(nanos: u64) -> Decimal {
    Decimal::from_i128_with_scale(i128::from(nanos), SCALE).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_rounded_up_and_limits_down() {
        let tiny: Decimal = "0.0000000014".parse().expect("a number");
        assert_eq!((cost(tiny), limit(tiny)), (2, 1));
        assert_eq!(cost(Decimal::from(20)), 20_000_000_000);
        assert_eq!(usd(20_000_000_000), Decimal::from(20));
    }

    #[test]
    fn none_is_below_nothing_or_above_the_most() {
        for (amount, expected) in
            [(Decimal::MAX, MOST), (Decimal::MIN, 0), (Decimal::NEGATIVE_ONE, 0), (-Decimal::ZERO, 0)]
        {
            assert_eq!((cost(amount), limit(amount)), (expected, expected));
        }
    }
}

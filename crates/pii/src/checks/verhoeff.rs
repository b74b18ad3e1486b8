//! The checksum of Verhoeff, in the dihedral group of order ten: India, Nigeria.
//!
//! J. Verhoeff, "Error Detecting Decimal Codes", Mathematical Centre Tract 29, 1969.

use super::digits::{digits, is_varied};

/// One digit after the other in the group: turns are 0 to 4, and 5 to 9 are turns of the pentagon's other side.
fn compose(left: u32, right: u32) -> u32 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right) % 5 + 5,
        (false, true) => (left + 5 - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

/// What a digit becomes each time it is moved one place to the left.
fn permute(digit: u32) -> u32 {
    match digit {
        0 => 1,
        1 => 5,
        2 => 7,
        3 => 6,
        4 => 2,
        5 => 8,
        6 => 3,
        7 => 0,
        8 => 9,
        _ => 4,
    }
}

fn verhoeff(digits: &[u32]) -> bool {
    let sum = digits.iter().rev().zip(0_u32..).fold(0, |sum, (digit, place)| {
        // The permutation is of order eight.
        compose(sum, (0..place % 8).fold(*digit, |digit, _| permute(digit)))
    });
    sum == 0
}

/// Aadhaar of India: twelve digits that begin with 2 or more and do not read the same backwards (UIDAI).
#[must_use]
pub fn in_aadhaar(text: &str) -> bool {
    let Some(digits) = digits::<12>(text) else { return false };
    // Three years in a row, `2019 2020 2021`, are commoner than such an Aadhaar.
    if matches!(digits, [0 | 1, ..] | [2, 0, _, _, 2, 0, _, _, 2, 0, _, _]) {
        return false;
    }
    !digits.iter().eq(digits.iter().rev()) && verhoeff(&digits)
}

/// National identification number of Nigeria (NIMC).
#[must_use]
pub fn ng_nin(text: &str) -> bool {
    digits::<11>(text).is_some_and(|digits| is_varied(&digits) && verhoeff(&digits))
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_never_passes() {
        holds(in_aadhaar, &["312345678909", "3998 7654 3211", "400123456787", "3123-4567-8909"], 300);
        assert!(verhoeff(&[2, 3, 6, 3]) && !verhoeff(&[2, 3, 6, 4]));
    }

    #[test]
    fn the_group_is_one() {
        for a in 0..10 {
            assert_eq!((compose(a, 0), compose(0, a)), (a, a));
            assert_eq!((0..10).filter(|b| compose(a, *b) == 0).count(), 1, "{a} has one inverse");
            for (b, c) in (0..10).flat_map(|b| (0..10).map(move |c| (b, c))) {
                assert_eq!(compose(compose(a, b), c), compose(a, compose(b, c)));
            }
            assert_eq!((0..8).fold(a, |digit, _| permute(digit)), a);
        }
    }

    #[test]
    fn first_digits_palindromes_and_years_count() {
        let years = |first| format!("{first} {} {}", first + 1, first + 2);
        assert!((2000..2097).any(|first| digits::<12>(&years(first)).is_some_and(|digits| verhoeff(&digits))));
        assert!(!(2000..2097).any(|first| in_aadhaar(&years(first))));
        for text in ["123456789012", "012345678901", "200000000002", "000000000000", "31234567890"] {
            assert!(!in_aadhaar(text), "{text}");
        }
        assert!((0..10).filter(|check| ng_nin(&format!("1234567890{check}"))).count() == 1);
    }
}

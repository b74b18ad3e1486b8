//! Ranges of numbers that have no check digit: those of the United States.
//!
//! Social Security Administration, "Social Security Number Randomization" (areas 000, 666 and 900 to 999, group 00 and
//! serial 0000 are never given out); Internal Revenue Service, Publication 1915 and IRM 3.21.263 (groups of an ITIN).
//! Looked up 2026-11.

use super::digits::{digits, is_varied, number};

/// Numbers of advertisements and examples, which are nobody's.
const EXAMPLES: [u64; 4] = [78_051_120, 219_099_999, 123_456_789, 457_555_462];

/// A number that may be someone's social security number.
#[must_use]
pub fn us_ssn(text: &str) -> bool {
    let Some(digits) = digits::<9>(text) else { return false };
    in_range(&digits) && is_varied(&digits) && !EXAMPLES.contains(&number(&digits))
}

/// A number that is printed as an example of a social security number.
#[must_use]
pub fn us_ssn_example(text: &str) -> bool {
    let Some(digits) = digits::<9>(text) else { return false };
    in_range(&digits) && (!is_varied(&digits) || EXAMPLES.contains(&number(&digits)))
}

fn in_range(digits: &[u32; 9]) -> bool {
    let (area, group, serial) = split(digits);
    !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0
}

/// A taxpayer's number: area 900 to 999, and a group that is given out.
#[must_use]
pub fn us_itin(text: &str) -> bool {
    let Some(digits) = digits::<9>(text) else { return false };
    let (area, group, _) = split(&digits);
    area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

fn split([a, b, c, d, e, f, g, h, i]: &[u32; 9]) -> (u32, u32, u32) {
    (a * 100 + b * 10 + c, d * 10 + e, f * 1000 + g * 100 + h * 10 + i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_are_never_given_out() {
        for number in ["078-05-1123", "078 05 1121", "899121234", "001-01-0001"] {
            assert!(us_ssn(number), "{number}");
        }
        for number in [
            "000-12-3456",
            "666-12-3456",
            "900-12-3456",
            "999-12-3456",
            "123-00-4567",
            "123-45-0000",
            "078-05-1120",
            "219-09-9999",
            "123-45-6789",
            "111-11-1111",
            "12345678",
            "1234567890",
            "",
        ] {
            assert!(!us_ssn(number), "{number}");
        }
        assert!(us_ssn_example("123-45-6789") && us_ssn_example("111-11-1111"));
        assert!(!us_ssn_example("078-05-1123") && !us_ssn_example("000-00-0000") && !us_ssn_example("999-99-9999"));
    }

    #[test]
    fn groups_of_taxpayers() {
        for number in ["911-70-1234", "900500000", "999 99 9999", "912-90-3456", "912-65-3456"] {
            assert!(us_itin(number), "{number}");
        }
        for number in ["911-89-1234", "911-93-1234", "911-66-1234", "911-49-1234", "811-70-1234", "9117012345"] {
            assert!(!us_itin(number), "{number}");
        }
    }
}

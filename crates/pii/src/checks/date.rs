//! Dates of birth within numbers.

/// Whether there is such a day.
pub(super) fn is_date(year: u32, month: u32, day: u32) -> bool {
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Whether there is such a day in a year of which only two digits are known. 1900 had no 29 February and 2000 had, so
/// that `00` is taken for a leap year.
pub(super) fn is_short_date(year: u32, month: u32, day: u32) -> bool {
    is_date(2000 + year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_their_days() {
        for (year, month, day) in [(2000, 2, 29), (2024, 2, 29), (1999, 12, 31), (2023, 4, 30), (1900, 2, 28)] {
            assert!(is_date(year, month, day), "{year} {month} {day}");
        }
        for (year, month, day) in
            [(1900, 2, 29), (2023, 2, 29), (2023, 4, 31), (2023, 13, 1), (2023, 0, 1), (2023, 1, 0)]
        {
            assert!(!is_date(year, month, day), "{year} {month} {day}");
        }
        assert!(is_short_date(0, 2, 29) && !is_short_date(1, 2, 29));
    }
}

//! What digits in groups may be instead of a telephone number.

use super::chain::Group;

/// One digit all along, or a binary number.
pub(super) fn is_monotonous(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| matches!(pair, [a, b] if a == b)) || digits.iter().all(|&digit| digit < 2)
}

/// Pairs that count up: `01 02 03 04 05`.
fn is_counting(groups: &[Group], digits: &[u8]) -> bool {
    let values = || digits.chunks(2).map(value);
    groups.iter().all(|group| group.len == 2) && values().zip(values().skip(1)).all(|(a, b)| a + 1 == b)
}

/// `1 234 567`, `12.345.678`.
pub(super) fn is_thousands(groups: &[Group]) -> bool {
    let (Some(first), rest) = (groups.first(), groups.get(1..).unwrap_or_default()) else { return false };
    let is_triples = first.len <= 3 && rest.len() >= 2 && rest.iter().all(|group| group.len == 3);
    let first_by = rest.first().map(|group| group.separator);
    is_triples && (first_by == Some(b'.') || first_by == Some(b' ') && first.len < 3)
}

pub(super) fn is_something_else(groups: &[Group], digits: &[u8]) -> bool {
    is_date(groups, digits)
        || is_address(groups, digits)
        || is_mixed(groups)
        || is_counting(groups, digits)
        || match (groups, digits) {
            // A social security number of the United States.
            ([a, b, c], _) if (a.len, b.len, c.len) == (3, 2, 4) => true,
            // Its postcodes.
            ([a, b], _) if (a.len, b.len, b.separator) == (5, 4, b'-') => true,
            // A card of American Express.
            ([a, b, c], _) if (a.len, b.len, c.len) == (4, 6, 5) => true,
            // Years.
            ([a, b], [1, 9, _, _, 1, 9, _, _] | [1, 9, _, _, 2, 0, _, _] | [2, 0, _, _, 2, 0, _, _]) => {
                (a.len, b.len) == (4, 4)
            }
            // A book.
            ([_, .., last], [9, 7, 8 | 9, ..]) if digits.len() == 13 => last.len == 1,
            // Milliseconds since 1970, an article's number.
            ([_], _) if digits.len() > 12 => digits.first() != Some(&0),
            // A check digit.
            ([_, .., last], _) => last.len == 1,
            // A date, with the time or without.
            ([_], [1, 9, _, _, month @ 0..=1, _, day @ 0..=3, _] | [2, 0, _, _, month @ 0..=1, _, day @ 0..=3, _]) => {
                *month <= 1 && *day <= 3
            }
            _ => false,
        }
}

/// A date in groups, and whatever follows it.
fn is_date(groups: &[Group], digits: &[u8]) -> bool {
    let [a, b, c, ..] = groups else { return false };
    if b.separator != c.separator || !matches!(b.separator, b'-' | b'.' | b'/' | b' ') {
        return false;
    }
    let (first, second, third) = match (a.len, b.len, c.len) {
        (4, 1..=2, 1..=2) | (1..=2, 1..=2, 4) | (2, 2, 2) => {
            let (first, rest) = digits.split_at_checked(a.len).unwrap_or_default();
            let (second, rest) = rest.split_at_checked(b.len).unwrap_or_default();
            (value(first), value(second), value(rest.get(..c.len).unwrap_or_default()))
        }
        _ => return false,
    };
    let is_year = |year: u32| (1900..=2100).contains(&year);
    let is_day_and_month = |a: u32, b: u32| (1..=31).contains(&a) && (1..=31).contains(&b) && a.min(b) <= 12;
    match a.len {
        4 => is_year(first) && is_day_and_month(second, third),
        _ if c.len == 4 => is_year(third) && is_day_and_month(first, second),
        // With two digits for the year only where a time follows at most: France writes five pairs.
        _ => b.separator != b' ' && groups.len() != 5 && is_day_and_month(first, second),
    }
}

/// An address of the internet, or a version.
fn is_address(groups: &[Group], digits: &[u8]) -> bool {
    groups.len() == 4
        && groups.iter().skip(1).all(|group| group.separator == b'.')
        && groups.iter().all(|group| group.len <= 3)
        && digits.len() <= 12
}

/// Separators that do not belong together: a dot, and then something else.
fn is_mixed(groups: &[Group]) -> bool {
    let by = || groups.iter().skip(1).map(|group| group.separator);
    let dots = by().skip_while(|&by| by != b'.');
    dots.clone().any(|by| by != b'.') || by().filter(|&by| by == b'/').count() > 1
}

fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, digit| value.saturating_mul(10).saturating_add(u32::from(*digit)))
}

//! Where characters, words and numbers begin and end.

use std::ops::Range;

/// Whether a match may begin here: no letter or digit goes before, and it is not the rest of a longer number.
pub(super) fn begins(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let is_number = bytes.get(at).is_some_and(u8::is_ascii_digit);
    let goes_on = is_number && matches!(before(1), b'.' | b'-') && before(2).is_ascii_digit();
    !goes_on && !before(1).is_ascii_alphanumeric()
}

/// Whether a match may end before `at`.
pub(super) fn ends(bytes: &[u8], at: usize) -> bool {
    let after = |offset: usize| bytes.get(at + offset).copied().unwrap_or(b' ');
    let is_number = at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let goes_on = is_number && matches!(after(0), b'.' | b'-') && after(1).is_ascii_digit();
    !goes_on && !after(0).is_ascii_alphanumeric()
}

/// Whether a match of several groups of digits goes on in as many groups of the same length, as the columns of a table do.
/// A group or two beside it are no table: `1225 4111 1111 1111 1111`.
pub(super) fn is_of_columns(bytes: &[u8], range: &Range<usize>) -> bool {
    let part = bytes.get(range.clone()).unwrap_or_default();
    let (first, last) = (digits(part.iter()), digits(part.iter().rev()));
    let is_in_groups = part.get(first) == Some(&b' ') && part.get(first + 1).is_some_and(u8::is_ascii_digit);
    if first < SHORTEST_COLUMN || last < SHORTEST_COLUMN || !is_in_groups {
        return false;
    }
    let before = bytes.get(..range.start).unwrap_or_default().rchunks(first + 1);
    let before = before.take_while(|group| group.last() == Some(&b' ') && digits(group.iter().rev().skip(1)) == first);
    let after = bytes.get(range.end..).unwrap_or_default().chunks(last + 1);
    let after = after.take_while(|group| group.first() == Some(&b' ') && digits(group.iter().skip(1)) == last);
    before.take(COLUMNS).count() + after.take(COLUMNS).count() >= COLUMNS
}

/// Shorter numbers stand in rows by chance.
const SHORTEST_COLUMN: usize = 3;

/// So many groups more are a table.
const COLUMNS: usize = 3;

/// How many digits come first.
fn digits<'a>(bytes: impl Iterator<Item = &'a u8>) -> usize {
    /// Longer runs are no columns of anything that is found.
    const LONGEST: usize = 20;
    bytes.take(LONGEST).take_while(|byte| byte.is_ascii_digit()).count()
}

/// The last boundary of a character that is not after `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (at.saturating_sub(3)..=at).rfind(|&at| text.is_char_boundary(at)).unwrap_or_default()
}

/// The first boundary of a character that is not before `at`.
pub(super) fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_on_and_a_group_beside_a_number_is_none() {
        let card = "4111 1111 1111 1111";
        for (before, after, expected) in [
            ("", "", false),
            ("1225 ", "", false),
            ("1225 1234 ", "", false),
            ("1225 ", " 1234 5678", true),
            ("0000 1234 5678 ", "", true),
            ("", " 1234 5678 9012", true),
            ("", " 12345 5678 9012", false),
            ("123 456 789 ", "", false),
        ] {
            let text = format!("{before}{card}{after}");
            let range = before.len()..before.len() + card.len();
            assert_eq!(is_of_columns(text.as_bytes(), &range), expected, "{text}");
        }
    }
}

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

/// Whether a match of several groups of digits goes on in groups of as many, as the columns of a table do:
/// `4111 1111 1111 1111 1111`.
pub(super) fn is_of_columns(bytes: &[u8], range: &Range<usize>) -> bool {
    let part = bytes.get(range.clone()).unwrap_or_default();
    let (first, last) = (digits(part.iter()), digits(part.iter().rev()));
    if first < SHORTEST_COLUMN || part.get(first) != Some(&b' ') || !part.get(first + 1).is_some_and(u8::is_ascii_digit)
    {
        return false;
    }
    let before = bytes.get(..range.start).and_then(|bytes| bytes.strip_suffix(b" ")).unwrap_or_default();
    let after = bytes.get(range.end..).and_then(|bytes| bytes.strip_prefix(b" ")).unwrap_or_default();
    first == digits(before.iter().rev()) || last >= SHORTEST_COLUMN && last == digits(after.iter())
}

/// Shorter numbers stand in rows by chance.
const SHORTEST_COLUMN: usize = 3;

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

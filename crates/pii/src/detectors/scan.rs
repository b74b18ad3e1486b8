//! How far things reach in a text: what the detectors that look around have in common.

/// Whether no ASCII letter or digit stands right before.
pub(super) fn starts_word(text: &str, at: usize) -> bool {
    !before(text, at).is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// Whether no ASCII letter or digit stands right after.
pub(super) fn ends_word(text: &str, at: usize) -> bool {
    !after(text, at).is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// The byte before this one.
pub(super) fn before(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at.checked_sub(1)?).copied()
}

/// The byte here.
pub(super) fn after(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// Where bytes of this kind end that stand from here on; no more than so many of them.
pub(super) fn run_on(text: &str, from: usize, most: usize, kind: impl Fn(u8) -> bool) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    from + rest.iter().take(most).take_while(|byte| kind(**byte)).count()
}

/// Where bytes of this kind begin that stand before here; no more than so many of them.
pub(super) fn run_back(text: &str, to: usize, most: usize, kind: impl Fn(u8) -> bool) -> usize {
    let rest = text.as_bytes().get(..to).unwrap_or_default();
    to - rest.iter().rev().take(most).take_while(|byte| kind(**byte)).count()
}

/// Whether the text from here on begins so, in any case.
pub(super) fn has(text: &str, at: usize, word: &str) -> bool {
    text.as_bytes().get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
}

/// The end of the last character that lies before this byte, or ends there.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

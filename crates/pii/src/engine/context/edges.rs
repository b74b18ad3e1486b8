/// Whether a word begins here, or a part of one in camel case. Scripts without spaces begin one at each letter.
pub(super) fn begins_word(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    let Some(previous) = before.chars().next_back() else { return true };
    let mut letters = after.chars();
    let Some(first) = letters.next() else { return false };
    if !previous.is_alphabetic() || first >= '\u{2e80}' {
        return true;
    }
    first.is_uppercase() && (previous.is_lowercase() || letters.next().is_some_and(char::is_lowercase))
}

/// Whether a word ends here, or a part of one in camel case, or does so after the `s` of the plural.
pub(super) fn ends_word(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    let mut letters = after.chars();
    let Some(next) = letters.next() else { return true };
    let second = letters.next();
    if !next.is_alphabetic() {
        return true;
    }
    if next == 's' && second.is_none_or(|second| !second.is_alphabetic()) {
        return true;
    }
    let is_lower = before.chars().next_back().is_some_and(char::is_lowercase);
    next.is_uppercase() && (is_lower || second.is_some_and(char::is_lowercase))
}

//! The spellings of what stands between the parts of a placeholder, and reading where a text may end too early to tell.

/// Why something does not stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// It does not.
    No,
    /// The text ends before that can be told.
    More,
}

/// What is read, or where reading goes on.
pub(super) type Step<T> = Result<T, Miss>;

/// The first that stands here, if any does.
pub(super) fn first<T>(steps: impl IntoIterator<Item = Step<T>>) -> Step<T> {
    let mut miss = Miss::No;
    for step in steps {
        match step {
            Ok(read) => return Ok(read),
            Err(Miss::More) => miss = Miss::More,
            Err(Miss::No) => {}
        }
    }
    Err(miss)
}

/// This text, in any case of its ASCII letters.
pub(super) fn literal(text: &[u8], at: usize, literal: &str) -> Step<usize> {
    let (rest, literal) = (text.get(at..).unwrap_or_default(), literal.as_bytes());
    let length = rest.len().min(literal.len());
    let is_same = rest.iter().zip(literal).all(|(a, b)| a.eq_ignore_ascii_case(b));
    match is_same {
        true if length == literal.len() => Ok(at + length),
        true => Err(Miss::More),
        false => Err(Miss::No),
    }
}

/// A space, or none.
pub(super) fn space(text: &[u8], at: usize) -> Step<usize> {
    optional(text, at, SPACES)
}

/// What stands between two words: nothing, or a space, a hyphen or the like, with spaces around it.
pub(super) fn gap(text: &[u8], at: usize) -> Step<usize> {
    let at = space(text, at)?;
    let at = optional(text, at, HYPHENS)?;
    space(text, at)
}

fn optional(text: &[u8], at: usize, spellings: &[&str]) -> Step<usize> {
    let next = *text.get(at).ok_or(Miss::More)?;
    // What goes on within a word, as nearly always, is seen at once.
    if next.is_ascii_alphanumeric() {
        return Ok(at);
    }
    let begun = spellings.iter().filter(|spelling| spelling.bytes().next() == Some(next));
    match first(begun.map(|spelling| literal(text, at, spelling))) {
        Err(Miss::No) => Ok(at),
        step => step,
    }
}

/// Spaces; those that do not break, and wide ones.
pub(super) const SPACES: &[&str] = &[" ", "\u{a0}", "\u{202f}", "\u{2009}", "\u{3000}"];

/// Underscores as Markdown, JSON and HTML have them, and hyphens.
const HYPHENS: &[&str] = &[
    "_", "-", ":", r"\_", r"\\_", r"\-", r"\\-", r"\u005f", r"\\u005f", "&#95;", "&#x5f;", "%5f", "\u{ff3f}",
    "\u{ff0d}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2212}",
];

/// The bytes of the longest space.
pub(super) const LONGEST_SPACE: usize = 3;

/// The bytes of the longest gap: `\\u005f` between two spaces.
pub(super) const LONGEST_GAP: usize = 2 * LONGEST_SPACE + 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_spaces_are_no_longer_than_said() {
        assert_eq!(SPACES.iter().map(|space| space.len()).max(), Some(LONGEST_SPACE));
        assert_eq!(HYPHENS.iter().map(|hyphen| 2 * LONGEST_SPACE + hyphen.len()).max(), Some(LONGEST_GAP));
    }
}

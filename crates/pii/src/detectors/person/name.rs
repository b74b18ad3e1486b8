//! Names: words with capital letters, initials, and particles between them.

use std::ops::Range;

use super::cues::{NO_NAMES, PARTICLES};
use crate::detectors::words;

/// How many words a name has at most.
const WORDS: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Capitals,
    /// One or two words in lower case as well: the cue leaves no doubt.
    Any,
}

/// The name that begins here.
pub(super) fn read(text: &str, start: usize, case: Case) -> Option<Range<usize>> {
    let (mut at, mut end) = (start, start);
    for _ in 0..WORDS {
        let Some(word_end) = part(text, at).or_else(|| if end > start { particle(text, at) } else { None }) else {
            break;
        };
        let word = text.get(at..word_end)?;
        if !words::is_any(word, PARTICLES) {
            end = word_end;
        }
        let Some(b' ') = text.as_bytes().get(word_end) else { break };
        at = word_end + 1;
    }
    if end > start {
        return Some(start..end);
    }
    unicase(text, start).or_else(|| if case == Case::Any { lower(text, start) } else { None }).map(|end| start..end)
}

/// `Anna`, `J.`, `J.R.R.`, `van`, `Jr.`: where one part of a name ends.
fn part(text: &str, at: usize) -> Option<usize> {
    let word = words::after(text, at);
    if !words::is_capitalised(word) {
        return None;
    }
    let mut end = at + word.len();
    if word.chars().nth(1).is_none() {
        // Initials, one after the other.
        for _ in 0..3 {
            if text.as_bytes().get(end) != Some(&b'.') {
                break;
            }
            let next = words::after(text, end + 1);
            end += 1;
            if !words::is_capitalised(next) || next.chars().nth(1).is_some() {
                break;
            }
            end += next.len();
        }
        // A letter by itself is none.
        return (text.as_bytes().get(end - 1) == Some(&b'.') && text.as_bytes().get(end) == Some(&b' ')).then_some(end);
    }
    let is_code =
        text.get(end..)?.starts_with(|next: char| next.is_ascii_digit() || matches!(next, '_' | '(' | '/' | '@' | '='));
    let is_code = is_code || text.get(end..)?.starts_with("::");
    let is_long_sign = words::is_all_capitals(word) && !(3..=15).contains(&word.chars().count());
    (!is_code && !is_long_sign && !words::is_any(word, NO_NAMES)).then_some(end)
}

/// `van`, `de la`: where it ends, if a capital follows.
fn particle(text: &str, at: usize) -> Option<usize> {
    let word = words::after(text, at);
    let end = at + word.len();
    (words::is_any(word, PARTICLES) && text.as_bytes().get(end) == Some(&b' ')).then_some(end)
}

/// Two to four letters of a script without capitals, and no more of them.
fn unicase(text: &str, at: usize) -> Option<usize> {
    let word = words::after(text, at);
    let is_one = word.chars().all(|letter| !letter.is_lowercase() && !letter.is_uppercase());
    (is_one && (2..=4).contains(&word.chars().count())).then_some(at + word.len())
}

/// `anna`, `anna schmidt`: the second only where the sentence ends with it.
fn lower(text: &str, at: usize) -> Option<usize> {
    let is_name = |word: &str| word.chars().count() >= 3 && !words::is_any(word, NO_NAMES);
    let first = words::after(text, at);
    let end = at + first.len();
    if !is_name(first) {
        return None;
    }
    let second = if text.as_bytes().get(end) == Some(&b' ') { words::after(text, end + 1) } else { "" };
    let both = end + 1 + second.len();
    Some(if is_name(second) && ends_clause(text, both) { both } else { end })
}

/// Whether a clause ends here: a sign, a line's end, or a word that goes on with something else.
pub(super) fn ends_clause(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let goes_on = rest.strip_prefix(' ').map(|rest| words::after(rest, 0)).unwrap_or_default();
    rest.is_empty()
        || rest.starts_with([',', '.', '!', ';', ':', '\n', '\r', '?', ')', '"', '\'', '<'])
        || rest.starts_with(" -")
        || words::is_any(
            goes_on,
            &["and", "from", "und", "aus", "von", "et", "de", "y", "e", "di", "here", "at", "with", "with"],
        )
}

/// A member's text that is a name altogether.
pub(super) fn whole(text: &str) -> Option<Range<usize>> {
    let name = text.trim();
    let start = text.len() - text.trim_start().len();
    let is_part = |letter: char| {
        letter.is_alphabetic() || matches!(letter, ' ' | '.' | '\'' | '’' | '-' | ',' | '\u{300}'..='\u{36f}')
    };
    let is_name = (2..=80).contains(&name.chars().count())
        && name.chars().all(is_part)
        && name.split_whitespace().count() <= WORDS + 1
        && !words::is_any(name, NO_NAMES)
        && name.starts_with(char::is_alphabetic);
    is_name.then_some(start..start + name.len())
}

/// A member's text that is a name, where the member may be of a product, too: of two words or more, with capital letters.
pub(super) fn whole_capitalised(text: &str) -> Option<Range<usize>> {
    let range = whole(text)?;
    let name = text.get(range.clone())?;
    let mut parts = name.split([' ', ',']).filter(|part| !part.is_empty());
    let is_name = parts.clone().count() >= 2
        && parts.all(|part| {
            words::is_any(part, PARTICLES) || words::is_capitalised(part) && !words::is_any(part, NO_NAMES)
        });
    is_name.then_some(range)
}

//! Placeholders in the spellings that models make of them.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use super::{
    begins::Begins,
    spelling::{self, Miss, Step, first, gap, literal, space},
};
use crate::{
    Vault,
    placeholder::{Brackets, hexadecimal},
};

/// Knows the placeholders of one request.
///
/// A name in any case, then a tag in any case that is whole and was minted for that name; between the words a space, a
/// hyphen or the like, or nothing. Brackets go with it where both are there and spelled alike; else they stay.
pub(super) struct Matcher {
    begins: Begins,
    brackets: Arc<Brackets>,
    names: Vec<Name>,
    digits: usize,
    longest: usize,
}

/// A name with all its tags.
pub(super) struct Name {
    pub(super) words: Arc<str>,
    /// In order, with the indices of their values.
    tags: Vec<(u128, usize)>,
}

/// What stands next in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A placeholder, and the index of its value.
    Placeholder(Range<usize>, usize),
    /// From here on, what more text may make one.
    Begun(usize),
    /// None to the end.
    Nothing,
}

impl Matcher {
    pub(super) fn new(vault: &Vault) -> Self {
        let mut names = BTreeMap::<&Arc<str>, Vec<_>>::new();
        for (index, entry) in vault.entries.iter().enumerate() {
            names.entry(&entry.name).or_default().push((entry.tag, index));
        }
        let name = |(words, mut tags): (&Arc<str>, Vec<_>)| {
            tags.sort_unstable();
            Name { words: Arc::clone(words), tags }
        };
        let names: Vec<_> = names.into_iter().map(name).collect();
        let brackets = Arc::clone(vault.style.all_brackets());
        let digits = vault.style.digits();
        let longest = longest(&brackets, &names, digits);
        Self { begins: Begins::new(&brackets, &names), brackets, names, digits, longest }
    }

    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// The next placeholder that begins at `from` or after. `before` are the two bytes before the text; `is_over` says
    /// that nothing follows it.
    pub(super) fn next(&self, text: &str, from: usize, before: [u8; 2], is_over: bool) -> Next {
        let bytes = text.as_bytes();
        let mut at = from;
        while let Some(begun) = self.begins.find(bytes, at) {
            let is_letter = bytes.get(begun).is_some_and(u8::is_ascii_alphabetic);
            let step = match is_letter {
                true if is_word_start(bytes, begun, before) => self.bare(bytes, begun, is_over),
                true => Err(Miss::No),
                false => self.bracketed(bytes, begun),
            };
            match step {
                Ok((end, index)) => return Next::Placeholder(begun..end, index),
                Err(Miss::More) if !is_over => return Next::Begun(begun),
                // Of two backslashes the second begins nothing: it is what the first escapes.
                Err(_) if bytes.get(begun..begun + 2) == Some(br"\\") => at = begun + 2,
                Err(_) => at = begun + 1,
            }
        }
        Next::Nothing
    }

    /// Both brackets, and what stands between them.
    fn bracketed(&self, text: &[u8], at: usize) -> Step<(usize, usize)> {
        let byte = text.get(at).copied();
        let brackets = self.brackets.spelled.iter().filter(|(open, _)| open.bytes().next() == byte);
        first(brackets.map(|(open, close)| {
            let at = space(text, literal(text, at, open)?)?;
            self.core(text, at, |at| literal(text, space(text, at)?, close))
        }))
    }

    /// A name and a tag that no further letter or digit follows.
    fn bare(&self, text: &[u8], at: usize, is_over: bool) -> Step<(usize, usize)> {
        self.core(text, at, |end| match text.get(end) {
            Some(next) if next.is_ascii_alphanumeric() => Err(Miss::No),
            None if !is_over => Err(Miss::More),
            _ => Ok(end),
        })
    }

    /// A name and a tag, and what must follow. No two names with their tags are the same letters, so that one at most
    /// stands between brackets.
    fn core(&self, text: &[u8], at: usize, follows: impl Fn(usize) -> Step<usize>) -> Step<(usize, usize)> {
        let letter = text.get(at).ok_or(Miss::More)?;
        let may_begin = |name: &&Name| name.words.bytes().next().is_some_and(|byte| byte.eq_ignore_ascii_case(letter));
        first(self.names.iter().filter(may_begin).map(|name| {
            let mut words = name.words.split('_');
            let mut at = literal(text, at, words.next().unwrap_or_default())?;
            for word in words {
                at = literal(text, gap(text, at)?, word)?;
            }
            let (end, index) = name.tag(text, gap(text, at)?, self.digits)?;
            Ok((follows(end)?, index))
        }))
    }
}

impl Name {
    /// One of the tags of this name, and whose it is.
    fn tag(&self, text: &[u8], at: usize, digits: usize) -> Step<(usize, usize)> {
        let rest = text.get(at..).unwrap_or_default();
        let tag = rest.get(..digits).unwrap_or(rest);
        if tag.is_empty() {
            return Err(Miss::More);
        }
        // A tag that is cut is known by what tags of the same beginning there are.
        let missing = 4 * (digits - tag.len());
        let begun = hexadecimal(tag).ok_or(Miss::No)?;
        let least = begun << missing;
        let known = self.tags.get(self.tags.partition_point(|(tag, _)| *tag < least)).ok_or(Miss::No)?;
        match known.0 >> missing == begun {
            true if missing == 0 => Ok((at + digits, known.1)),
            true => Err(Miss::More),
            false => Err(Miss::No),
        }
    }
}

/// The bytes of the longest spelling.
fn longest(brackets: &Brackets, names: &[Name], digits: usize) -> usize {
    let bracket =
        brackets.spelled.iter().map(|(open, close)| open.len() + close.len() + 2 * spelling::LONGEST_SPACE).max();
    let name = names.iter().map(|name| {
        let gaps = 1 + name.words.bytes().filter(|byte| *byte == b'_').count();
        name.words.len() + gaps * spelling::LONGEST_GAP
    });
    name.max().map_or(0, |name| bracket.unwrap_or(0) + name + digits)
}

/// Whether no letter or digit stands before, but for that of an escape such as `\n`; and what stands here is no such
/// letter.
fn is_word_start(text: &[u8], at: usize, before: [u8; 2]) -> bool {
    let back = |by: usize| match at.checked_sub(by) {
        Some(at) => text.get(at).copied(),
        None => before.get((2 + at).saturating_sub(by)).copied(),
    };
    let is_escape = |byte: u8| matches!(byte, b'n' | b'r' | b't' | b'b' | b'f');
    match (back(2), back(1), text.get(at)) {
        (Some(b'\\'), Some(last), _) if is_escape(last) => true,
        (before, Some(b'\\'), Some(here)) => before == Some(b'\\') || !is_escape(*here),
        (_, last, _) => !last.is_some_and(|last| last.is_ascii_alphanumeric()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_word_may_be_in_an_earlier_piece() {
        for (before, text, at, is_start) in [
            ([0, 0], "E", 0, true),
            ([b'a', b' '], "E", 0, true),
            ([b' ', b'a'], "E", 0, false),
            ([b'\\', b'n'], "E", 0, true),
            ([b' ', b'\\'], "nE", 1, true),
            ([b' ', b'n'], " E", 1, true),
            ([b' ', b' '], r"\xE", 2, false),
            ([b' ', b' '], r"\tE", 2, true),
            ([b' ', b' '], r"\f", 1, false),
            ([b' ', b'\\'], "f", 0, false),
            ([b' ', b'\\'], "F", 0, true),
            ([b' ', b'\\'], r"\f", 1, true),
            ([b' ', b'\\'], "e", 0, true),
        ] {
            assert_eq!(is_word_start(text.as_bytes(), at, before), is_start, "{before:?} {text}");
        }
    }
}

//! What users add: patterns and words.

use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex_automata::{Input, meta::Regex, util::syntax};

use super::{BuildError, boundary};
use crate::Entity;

/// A regular expression.
pub(super) struct Pattern {
    regex: Regex,
    /// The longest match in bytes.
    pub(super) reach: usize,
    pub(super) kind: u16,
}

impl Pattern {
    /// The longest match in bytes. Without a limit one could go through all of the rest from each byte, to find a single
    /// byte each time: `a.*b|a`.
    const LIMIT: usize = 1024;

    pub(super) fn new(entity: &Entity, pattern: &str, kind: u16) -> Result<Self, BuildError> {
        let regex = Regex::builder()
            .configure(Regex::config().utf8_empty(true).nfa_size_limit(Some(1 << 20)).hybrid_cache_capacity(1 << 20))
            .build(pattern)
            .map_err(|error| {
                BuildError::new(entity, error.syntax_error().map_or(error.to_string(), ToString::to_string))
            })?;
        let longest = syntax::parse(pattern).ok().and_then(|parsed| parsed.properties().maximum_len());
        Ok(Self { regex, reach: longest.unwrap_or(Self::LIMIT).min(Self::LIMIT), kind })
    }

    pub(super) fn find(&self, text: &str, mut found: impl FnMut(Range<usize>)) {
        let mut at = 0;
        while at < text.len() {
            // What begins in the first half of a window is wholly in it.
            let half = boundary::floor(text, at + Self::LIMIT).max(at + 1);
            let end = boundary::ceil(text, at + 2 * Self::LIMIT);
            let next = self.regex.search(&Input::new(text).range(at..end));
            at = match next {
                Some(hit) if hit.start() < half || end == text.len() => {
                    if !hit.is_empty() {
                        found(hit.range());
                    }
                    if hit.is_empty() { boundary::ceil(text, hit.end() + 1) } else { hit.end() }
                }
                Some(_) => half,
                None if end == text.len() => return,
                None => half,
            };
        }
    }
}

/// A list of words.
pub(super) struct Words {
    words: AhoCorasick,
    pub(super) kind: u16,
}

impl Words {
    pub(super) fn new(entity: &Entity, words: &[String], kind: u16) -> Result<Self, BuildError> {
        let words = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
        // Case is folded for ASCII alone; other letters have their two forms.
        let mut forms: Vec<String> = words
            .flat_map(|word| [word.to_owned(), word.to_lowercase(), word.to_uppercase(), capitalised(word)])
            .collect();
        for form in &mut forms {
            form.make_ascii_lowercase();
        }
        forms.sort_unstable();
        forms.dedup();
        let words = AhoCorasick::builder().ascii_case_insensitive(true).build(forms);
        Ok(Self { words: words.map_err(|error| BuildError::new(entity, error))?, kind })
    }

    /// The longest word in bytes.
    pub(super) fn reach(&self) -> usize {
        self.words.max_pattern_len()
    }

    pub(super) fn find(&self, text: &str, mut found: impl FnMut(Range<usize>)) {
        for hit in self.words.find_overlapping_iter(text) {
            if is_whole(text, hit.range()) {
                found(hit.range());
            }
        }
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters.flat_map(char::to_lowercase)).collect()
}

/// Whether no letter or digit goes on where it begins and ends with one.
fn is_whole(text: &str, range: Range<usize>) -> bool {
    let inside = text.get(range.clone()).unwrap_or_default();
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let after = text.get(range.end..).and_then(|text| text.chars().next());
    !(is_letter(before) && is_letter(inside.chars().next())
        || is_letter(after) && is_letter(inside.chars().next_back()))
}

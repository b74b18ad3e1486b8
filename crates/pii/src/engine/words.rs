//! Functions that are called at words.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, Span, packed};

use super::BuildError;
use crate::Entity;

/// The words of all rows that are called at one.
pub(super) struct Words {
    finder: Finder,
    words: Vec<(Box<[u8]>, Vec<u16>)>,
}

enum Finder {
    /// By four bytes of each word, of which many have the same, in lower case: so few that vector instructions look for all
    /// at once.
    Packed {
        searchers: Vec<packed::Searcher>,
        /// For each four bytes the words that hold them, and where.
        words: Vec<Vec<(usize, usize)>>,
    },
    /// Where there are none of those, or too many words.
    Automaton(AhoCorasick),
}

/// How many bytes of each word are looked for at first.
const PART: usize = 4;
/// How many of such parts are looked for at once.
const MOST: usize = 64;
/// How much text is turned to lower case at a time.
const BLOCK: usize = 4096;

impl Words {
    pub(super) fn new(of_rows: &[(u16, &'static [&'static str])]) -> Result<Option<Self>, BuildError> {
        let mut pairs: Vec<(&str, u16)> = Vec::new();
        for &(row, of_row) in of_rows {
            // Where two begin alike the shorter is seen wherever the longer is.
            let is_longer = |word: &&str| of_row.iter().any(|other| other != word && word.starts_with(other));
            pairs.extend(of_row.iter().filter(|word| !word.is_empty() && !is_longer(word)).map(|&word| (word, row)));
        }
        if pairs.is_empty() {
            return Ok(None);
        }
        pairs.sort_unstable();
        pairs.dedup();
        let groups = pairs.chunk_by(|(a, _), (b, _)| a == b);
        let words: Vec<(Box<[u8]>, Vec<u16>)> = groups
            .filter_map(|group| Some((group.first()?.0.as_bytes().into(), group.iter().map(|&(_, row)| row).collect())))
            .collect();
        let finder = match Finder::packed(&words) {
            Some(finder) => finder,
            None => Finder::automaton(&words).map_err(|error| BuildError::new(&Entity::new("words"), error))?,
        };
        Ok(Some(Self { finder, words }))
    }

    /// Calls with each word's offset and the rows that it is one of.
    ///
    /// What is in `lower` does not matter: it is kept from one text to the next.
    pub(super) fn find(&self, text: &str, lower: &mut Vec<u8>, mut call: impl FnMut(usize, &[u16])) {
        let bytes = text.as_bytes();
        match &self.finder {
            Finder::Automaton(searcher) => {
                for hit in searcher.find_overlapping_iter(bytes) {
                    call(hit.start(), self.words.get(hit.pattern().as_usize()).map_or(&[], |(_, rows)| rows));
                }
            }
            Finder::Packed { searchers, words } => parts(searchers, bytes, lower, |part, at| {
                for &(word, offset) in words.get(part).into_iter().flatten() {
                    let Some((word, rows)) = self.words.get(word) else { continue };
                    let Some(start) = at.checked_sub(offset) else { continue };
                    if bytes.get(start..start + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word)) {
                        call(start, rows);
                    }
                }
            }),
        }
    }
}

impl Finder {
    fn automaton(words: &[(Box<[u8]>, Vec<u16>)]) -> Result<Self, aho_corasick::BuildError> {
        let words = words.iter().map(|(word, _)| word);
        AhoCorasick::builder().ascii_case_insensitive(true).build(words).map(Self::Automaton)
    }

    fn packed(words: &[(Box<[u8]>, Vec<u16>)]) -> Option<Self> {
        if words.iter().any(|(word, _)| word.len() < PART) {
            return None;
        }
        // The part that most have first, then that which most of the others have.
        let mut parts: Vec<&[u8]> = Vec::new();
        let mut of_part: Vec<Vec<(usize, usize)>> = Vec::new();
        let mut rest: Vec<usize> = (0..words.len()).collect();
        let word = |index: usize| words.get(index).map_or(&[][..], |(word, _)| word);
        while !rest.is_empty() {
            let mut counts: HashMap<&[u8], usize> = HashMap::new();
            for part in rest.iter().flat_map(|&index| word(index).windows(PART)) {
                *counts.entry(part).or_default() += 1;
            }
            // Letters first, which are in fewer places than what stands between them.
            let letters = |part: &[u8]| part.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
            let (part, _) = counts.into_iter().max_by_key(|&(part, count)| (count, letters(part), part))?;
            let (with, without): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|&index| word(index).windows(PART).any(|other| other == part));
            let offset = |index: usize| Some((index, word(index).windows(PART).position(|other| other == part)?));
            of_part.push(with.into_iter().filter_map(offset).collect());
            parts.push(part);
            rest = without;
        }
        let mut config = packed::Config::new();
        config.only_teddy(true);
        let searchers: Option<_> = parts.chunks(MOST).map(|parts| config.builder().extend(parts).build()).collect();
        Some(Self::Packed { searchers: searchers.filter(|_| parts.len() <= 4 * MOST)?, words: of_part })
    }
}

/// Calls with each part that stands in the text, whatever its case, and where.
fn parts(searchers: &[packed::Searcher], bytes: &[u8], lower: &mut Vec<u8>, mut call: impl FnMut(usize, usize)) {
    let mut from = 0;
    while from + PART <= bytes.len() {
        let block = bytes.get(from..(from + BLOCK).min(bytes.len())).unwrap_or_default();
        lower.clear();
        lower.extend_from_slice(block);
        lower.make_ascii_lowercase();
        for (index, searcher) in searchers.iter().enumerate() {
            let mut at = 0;
            while let Some(hit) = searcher.find_in(lower.as_slice(), Span { start: at, end: block.len() }) {
                call(index * MOST + hit.pattern().as_usize(), from + hit.start());
                at = hit.start() + 1;
            }
        }
        // A part may stand across the end of a block.
        from += if block.len() == BLOCK { BLOCK + 1 - PART } else { block.len() };
    }
}

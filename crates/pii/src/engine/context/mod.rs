//! Words near a candidate that speak for or against it.

mod edges;
mod near;
mod table;

use std::{collections::HashMap, sync::OnceLock};

pub(super) use self::near::Near;
use self::table::Table;

/// How far before a candidate a word speaks, in bytes.
pub(super) const BEFORE: usize = 60;
/// How far after.
pub(super) const AFTER: usize = 30;

/// The number of a word.
pub(super) type Word = u16;

/// A set of words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn insert(&mut self, word: Word) {
        let index = usize::from(word / 64);
        if self.0.len() <= index {
            self.0.resize(index + 1, 0);
        }
        if let Some(part) = self.0.get_mut(index) {
            *part |= 1 << (word % 64);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, word: Word) -> bool {
        self.0.get(usize::from(word / 64)).is_some_and(|part| part >> (word % 64) & 1 == 1)
    }

    pub(super) fn has_any(&self, words: &[Word]) -> bool {
        words.iter().any(|&word| self.has(word))
    }
}

/// The words of all rows.
#[derive(Default)]
pub(super) struct Lexicon {
    words: HashMap<&'static str, Word>,
    table: OnceLock<Table>,
}

/// A word, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hit {
    start: usize,
    end: usize,
    word: Word,
}

impl Lexicon {
    /// Gives words their numbers.
    pub(super) fn bits(&mut self, words: &[&'static str]) -> Bits {
        let mut bits = Bits::default();
        for &word in words.iter().filter(|word| !word.is_empty()) {
            let next = Word::try_from(self.words.len()).unwrap_or(Word::MAX);
            bits.insert(*self.words.entry(word).or_insert(next));
        }
        bits
    }

    /// Made when first needed: most texts hold no candidate.
    fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::new(self.words.iter().map(|(word, index)| (*word, *index))))
    }

    /// The words of a whole text, such as the name of a member.
    pub(super) fn all(&self, text: &str, found: &mut Vec<Word>) {
        if !text.is_empty() && !self.words.is_empty() {
            self.table().each(text, 0, text.len(), |hit| found.push(hit.word));
        }
    }
}

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

/// A set of words, or of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn insert(&mut self, number: u16) {
        let index = usize::from(number / 64);
        if self.0.len() <= index {
            self.0.resize(index + 1, 0);
        }
        if let Some(part) = self.0.get_mut(index) {
            *part |= 1 << (number % 64);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    /// Adds what the other has.
    pub(super) fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(part, other)| *part |= other);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(super) fn has(&self, number: u16) -> bool {
        self.0.get(usize::from(number / 64)).is_some_and(|part| part >> (number % 64) & 1 == 1)
    }

    pub(super) fn has_any(&self, words: &[Word]) -> bool {
        words.iter().any(|&word| self.has(word))
    }
}

/// The words of all rows.
#[derive(Default)]
pub(super) struct Lexicon {
    words: HashMap<&'static str, Word>,
    /// For each word the rows that it is context of.
    rows: Vec<Bits>,
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

    /// The same for a row's context, whose words lead to the row.
    pub(super) fn context(&mut self, words: &[&'static str], row: u16) -> Bits {
        let bits = self.bits(words);
        self.rows.resize(self.words.len(), Bits::default());
        for (_, rows) in (0..).zip(&mut self.rows).filter(|(word, _)| bits.has(*word)) {
            rows.insert(row);
        }
        bits
    }

    /// Adds the rows that a word is context of.
    pub(super) fn add_rows(&self, word: Word, rows: &mut Bits) {
        if let Some(of_word) = self.rows.get(usize::from(word)) {
            rows.add(of_word);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
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

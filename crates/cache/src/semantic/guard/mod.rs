//! What two questions must have in common to mean the same, however near they are.
//!
//! A vector hardly tells "15% of 80" from "15% of 90", "is it safe" from "is it not safe", or one name from another. So
//! a question is also read as words, and what it says is brought into one form: numbers as digits, contractions taken
//! apart, a few hundred words that mean the same as one of them, and without the words that change nothing ("please",
//! "can you tell me", articles). **Whatever is not known to change nothing counts**, in its order: names, numbers and
//! their units, negations, prepositions, quoted text, symbols, and every word that is on no list. Two questions of
//! equal facts differ in spelling, politeness and synonyms only; a paraphrase that is not on the lists costs a miss,
//! where a guess could cost a wrong answer.
//!
//! English has the long lists. German, French, Spanish, Italian, Portuguese and Dutch have polite phrases, question
//! words, negations and numbers; in every other language all words count. The language is told by those very lists, so
//! a wrong guess drops no word that they do not have. A trigram model did not earn its place: of the 239 English
//! questions in ASCII among the first halves of the pairs that this module had then, `whatlang` 0.18 takes 124 for English, and the
//! lists 238 (2026-11-22).
//!
//! Known to be taken for the same although they may differ: English articles ("the cloud", "a cloud", where "a" cannot
//! be a letter), the plurals of some hundred nouns, and what somebody owns ("John's cat", "John cat").
//!
//! Everything is linear in the text, and there is no regular expression.

mod language;
mod lexicon;
mod mark;
mod number;
#[cfg(test)]
mod pairs;
mod reading;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;

/// What is said in a text that a vector does not tell apart: numbers, negations, names, the language.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Facts(Vec<u8>);

impl Facts {
    pub(crate) fn of(text: &str) -> Self {
        Self(reading::read(text))
    }

    /// The same facts have the same bytes, other facts have others. They hold words of the text.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.clone()
    }
}

/// Without the words.
impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").field("bytes", &self.0.len()).finish_non_exhaustive()
    }
}

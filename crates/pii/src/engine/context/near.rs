use std::ops::Range;

use super::{AFTER, BEFORE, Hit, Lexicon, Word};

/// How much text is read at a time, and how much of what was read is kept.
const STRIDE: usize = 512;
const KEPT: usize = 1024;

/// The words of a text around where candidates are, so that each byte is read once though candidates stand close.
#[derive(Debug, Default)]
pub(in super::super) struct Near {
    /// What was read: words that begin before or after are not known.
    from: usize,
    to: usize,
    /// By their beginnings.
    hits: Vec<Hit>,
    /// Where the last answer was for.
    range: Range<usize>,
    words: Vec<Word>,
    #[cfg(test)]
    pub(in super::super) read: usize,
}

impl Near {
    /// Begins with another text.
    pub(in super::super) fn reset(&mut self) {
        (self.from, self.to, self.range) = (0, 0, 0..0);
        self.hits.clear();
        self.words.clear();
    }

    /// The words around a candidate.
    pub(in super::super) fn around(&mut self, lexicon: &Lexicon, text: &str, range: &Range<usize>) -> &[Word] {
        if self.range != *range {
            let (from, to) = (range.start.saturating_sub(BEFORE), range.end.saturating_add(AFTER).min(text.len()));
            self.read_to(lexicon, text, from, to);
            self.words.clear();
            // Later hits end later, so all before the first that ends too early do so too.
            let within = self.hits.iter().rev().take_while(|hit| hit.end > from);
            let speaks =
                |hit: &&Hit| hit.start >= from && hit.end <= to && (hit.end <= range.start || hit.start >= range.end);
            self.words.extend(within.filter(speaks).map(|hit| hit.word));
            self.range = range.clone();
        }
        &self.words
    }

    /// Calls with the words that stand from here to there.
    pub(in super::super) fn each(
        &mut self,
        lexicon: &Lexicon,
        text: &str,
        range: &Range<usize>,
        mut call: impl FnMut(Word),
    ) {
        self.read_to(lexicon, text, range.start, range.end);
        let within = self.hits.iter().rev().take_while(|hit| hit.start >= range.start);
        within.filter(|hit| hit.end <= range.end).for_each(|hit| call(hit.word));
    }

    /// Reads on until all words between are known.
    fn read_to(&mut self, lexicon: &Lexicon, text: &str, from: usize, to: usize) {
        if from < self.from || from > self.to {
            // A function that looks back does so again, so there is some more then than is asked for.
            let more = if from < self.from { STRIDE } else { 0 };
            self.from = from.saturating_sub(more);
            self.to = self.from;
            self.hits.clear();
        }
        if to <= self.to {
            return;
        }
        if self.hits.len() > KEPT {
            self.from = from.saturating_sub(STRIDE).max(self.from);
            self.hits.retain(|hit| hit.start >= self.from);
        }
        let read = self.to;
        self.to = to.max(read + STRIDE).min(text.len());
        #[cfg(test)]
        {
            self.read += self.to - read;
        }
        lexicon.table().each(text, read, self.to, |hit| self.hits.push(hit));
    }
}

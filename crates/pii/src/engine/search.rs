//! One text: from tokens to candidates.

use std::ops::Range;

use super::{
    answer::whole,
    boundary,
    context::{AFTER, BEFORE, Bits, Near, Word},
    overlap::Candidate,
    program::{Automaton, Hit},
    set::{Row, Set, hundredths},
    view::View,
};
use crate::{Form, Text};

/// How many candidates' memory is kept from one text to the next.
const KEPT: usize = 4096;
/// A word within reach adds so much, or takes it away, in hundredths.
pub(super) const WORD_SCORE: i16 = 40;
/// The longest text in bytes that is looked at for its member's name.
pub(super) const MEMBER: usize = 200;
/// How far from where it is called a function may find something that takes context.
pub(super) const REACH: usize = 256;
/// How much text has its context looked up at once.
const BLOCK: usize = 64;
/// What a search needs, kept from one to the next.
#[derive(Default)]
pub(super) struct Scratch {
    automaton: Automaton,
    hits: Vec<Hit>,
    near: Near,
    /// The rows that have a word of their context near the block before this offset.
    likely: Bits,
    likely_to: usize,
    /// Those of them that are called at numbers, and those that take no context.
    numbers: Vec<u16>,
    /// For each row the last start of a match from which on nothing shorter needs to be looked at, and in which look: so
    /// nothing needs to be cleared between texts, most of which are short.
    settled: Vec<(u64, usize)>,
    /// How many looks there were.
    looks: u64,
    member: Vec<Word>,
    /// Where the text would be nothing but a candidate, if that may be an answer.
    whole: Option<Range<usize>>,
    name: String,
    /// For the words that functions are called at.
    lower: Vec<u8>,
    /// How often functions were called, checks and lookups of context asked for.
    #[cfg(test)]
    pub(super) calls: usize,
    pub(super) candidates: Vec<Candidate>,
}

/// One look at one text.
pub(super) struct Search<'a> {
    pub(super) set: &'a Set,
    /// As it is searched.
    pub(super) text: &'a str,
    /// How that comes from what was given, if it is not the same.
    pub(super) view: Option<&'a View>,
    pub(super) scratch: &'a mut Scratch,
}

impl Set {
    /// All candidates that count.
    pub(super) fn search(&self, text: &Text<'_>, scratch: &mut Scratch) {
        scratch.candidates.clear();
        scratch.candidates.shrink_to(KEPT);
        scratch.member.clear();
        self.lexicon.all(text.member, &mut scratch.member);
        match View::folded(text.text) {
            Some(view) => self.look(&view.text, Some(&view), text.member, scratch),
            None => self.look(text.text, None, text.member, scratch),
        }
        if let Some(view) = View::unescaped(text.text) {
            // What ends within an escape sequence is misread.
            scratch.candidates.retain(|candidate| !view.cuts(&candidate.range));
            self.look(&view.text, Some(&view), text.member, scratch);
        }
    }

    fn look(&self, text: &str, view: Option<&View>, member: &str, scratch: &mut Scratch) {
        scratch.near.reset();
        scratch.likely_to = 0;
        scratch.looks += 1;
        scratch.settled.resize(self.rows.len(), (0, 0));
        scratch.whole = whole(text, member);
        let mut search = Search { set: self, text, view, scratch };
        search.tokens();
        if let Some(words) = &self.triggers {
            let mut lower = std::mem::take(&mut search.scratch.lower);
            words.find(text, &mut lower, |at, rows| rows.iter().for_each(|&row| search.call(row, at)));
            search.scratch.lower = lower;
        }
        if !member.is_empty() && text.len() <= MEMBER {
            search.member(member);
        }
        for pattern in &self.patterns {
            pattern.find(text, |range| search.add(pattern.kind, 100, range));
        }
        for words in &self.words {
            words.find(text, |range| search.add(words.kind, 100, range));
        }
    }
}

impl Search<'_> {
    /// Tries all patterns from here on. Of each the longest match counts that is found.
    #[inline]
    pub(super) fn patterns(&mut self, bytes: &[u8], start: usize) {
        let program = &self.set.program;
        if !program.may_begin(bytes, start) || !boundary::begins(bytes, start) {
            return;
        }
        program.hits(&mut self.scratch.automaton, bytes, start, &mut self.scratch.hits);
        if !self.scratch.hits.is_empty() {
            self.judge_hits(start);
        }
    }

    fn judge_hits(&mut self, start: usize) {
        let set = self.set;
        let now = (self.scratch.looks, start);
        let mut hits = std::mem::take(&mut self.scratch.hits);
        while let Some(Hit { row: index, end }) = hits.pop() {
            let Some(row) = set.row(index) else { continue };
            let settled = self.scratch.settled.get(usize::from(index));
            if settled == Some(&now) || row.is_weak && !self.is_likely(index, start) {
                continue;
            }
            if self.judge(row, row.score, start..end)
                && let Some(settled) = self.scratch.settled.get_mut(usize::from(index))
            {
                *settled = now;
            }
        }
        self.scratch.hits = hits;
    }

    /// Calls the functions that are called at numbers.
    #[inline]
    pub(super) fn number(&mut self, at: usize) {
        if self.scratch.likely_to != at / BLOCK * BLOCK + BLOCK {
            self.read_likely(at);
        }
        let mut index = 0;
        while let Some(&row) = self.scratch.numbers.get(index) {
            self.call(row, at);
            index += 1;
        }
    }

    /// Calls a row's function.
    pub(super) fn call(&mut self, index: u16, at: usize) {
        let Some(row) = self.set.row(index) else { return };
        #[cfg(test)]
        {
            self.scratch.calls += 1;
        }
        match row.form {
            Form::Around(_, find) => {
                // Without context near its function need not be called.
                if row.is_weak && !self.is_likely(index, at) {
                    return;
                }
                if let Some(range) = find(self.text, at)
                    && (!row.is_weak || is_within_reach(&range, at))
                {
                    self.judge(row, row.score, range);
                }
            }
            Form::Rated(_, find) => {
                if let Some((range, score)) = find(self.text, at) {
                    self.judge(row, hundredths(score), range);
                }
            }
            Form::Pattern(_) | Form::Member(..) => {}
        }
    }

    /// Whether any of a row's context is near, which is determined at once for all rows and all of a block.
    #[inline]
    fn is_likely(&mut self, row: u16, at: usize) -> bool {
        if self.scratch.likely_to != at / BLOCK * BLOCK + BLOCK {
            self.read_likely(at);
        }
        self.scratch.likely.has(row)
    }

    fn read_likely(&mut self, at: usize) {
        let Scratch { near, member, whole, likely, likely_to, numbers, .. } = &mut *self.scratch;
        let lexicon = &self.set.lexicon;
        likely.clear();
        if whole.is_some() {
            likely.add(&self.set.answers);
        }
        member.iter().for_each(|&word| lexicon.add_rows(word, likely));
        if !lexicon.is_empty() {
            near.each(lexicon, self.text, &around(at, self.text), |word| lexicon.add_rows(word, likely));
        }
        numbers.clear();
        let is_called =
            |&&index: &&u16| self.set.row(index).is_some_and(|row| !row.takes_context() || likely.has(index));
        numbers.extend(self.set.digits.iter().filter(is_called));
        *likely_to = at / BLOCK * BLOCK + BLOCK;
    }

    fn member(&mut self, member: &str) {
        let set = self.set;
        let mut name = std::mem::take(&mut self.scratch.name);
        name.clear();
        name.extend(member.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')).flat_map(char::to_lowercase));
        for row in set.members.get(name.as_str()).into_iter().flatten().filter_map(|&row| set.row(row)) {
            if let Form::Member(_, find) = row.form
                && let Some(range) = find(self.text)
            {
                self.judge(row, row.score, range);
            }
        }
        self.scratch.name = name;
    }

    /// Adds a candidate if it has the score that it takes and passes its check.
    fn judge(&mut self, row: &Row, score: i16, range: Range<usize>) -> bool {
        let Some(candidate) = self.text.get(range.clone()).filter(|candidate| !candidate.is_empty()) else {
            return false;
        };
        #[cfg(test)]
        {
            self.scratch.calls += 1;
        }
        // Context first: where candidates stand close it costs next to nothing, and most weak ones have none.
        let score = (score + self.context(row, &range)).clamp(0, 100);
        let is_found = self.is_enough(row.kind, score)
            && !(row.is_pattern() && boundary::is_of_columns(self.text.as_bytes(), &range))
            && row.check.is_none_or(|check| check(candidate));
        if is_found {
            self.add(row.kind, score, range);
        }
        is_found
    }

    fn is_enough(&self, kind: u16, score: i16) -> bool {
        self.set.kinds.get(usize::from(kind)).is_some_and(|kind| score >= kind.threshold)
    }

    /// What the words around add and take away.
    fn context(&mut self, row: &Row, range: &Range<usize>) -> i16 {
        if row.context.is_empty() && row.against.is_empty() {
            return 0;
        }
        let Scratch { near, member, whole, .. } = &mut *self.scratch;
        let near = near.around(&self.set.lexicon, self.text, range);
        let speaks = |words: &Bits| words.has_any(member) || words.has_any(near);
        let is_answer = row.may_answer() && whole.as_ref() == Some(range);
        WORD_SCORE * (i16::from(is_answer || speaks(&row.context)) - i16::from(speaks(&row.against)))
    }

    fn add(&mut self, kind: u16, score: i16, range: Range<usize>) {
        if !self.is_enough(kind, score) {
            return;
        }
        let is_allowed = self.set.allowed.has(self.text.get(range.clone()).unwrap_or_default());
        let range = match self.view {
            None => range,
            Some(view) if view.shows(&range) => view.back(&range),
            Some(_) => return,
        };
        self.scratch.candidates.push(Candidate { range, score, kind, is_allowed });
    }
}

/// As far as context may be from anything that is found at an offset, or at any other of its block.
pub(super) fn around(at: usize, text: &str) -> Range<usize> {
    let block = at / BLOCK * BLOCK;
    block.saturating_sub(REACH + BEFORE)..(block + BLOCK + REACH + AFTER).min(text.len())
}

/// Whether what a function found is not too far from where it was called.
pub(super) fn is_within_reach(range: &Range<usize>, at: usize) -> bool {
    range.start + REACH >= at && range.end <= at + REACH
}

#[cfg(test)]
impl Scratch {
    /// All that was done so far.
    pub(super) fn work(&self) -> usize {
        self.automaton.steps + self.near.read + self.calls
    }
}

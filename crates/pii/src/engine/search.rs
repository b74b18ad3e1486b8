//! One text: from tokens to candidates.

use std::ops::Range;

use super::{
    boundary,
    classes::{self, AT, COLON, DIGIT, WORD},
    context::{AFTER, BEFORE, Bits, Near, Word},
    overlap::Candidate,
    program::{Automaton, Hit},
    set::{Row, Set, hundredths},
    tokens::Tokens,
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
/// Members that hold what somebody wrote, whatever it is.
const ANSWERS: &[&str] = &["content", "text", "input", "prompt", "value"];
/// How much text has its context looked up at once.
const BLOCK: usize = 64;
/// How long a word is that may belong to what follows, and how far before that it may stand.
const PREFIX: usize = 3;

/// What a search needs, kept from one to the next.
#[derive(Default)]
pub(super) struct Scratch {
    automaton: Automaton,
    hits: Vec<Hit>,
    near: Near,
    /// For each row where it was last asked whether any of its context is near, and the answer.
    likely: Vec<(usize, bool)>,
    member: Vec<Word>,
    /// Where the text would be nothing but a candidate, if that may be an answer.
    whole: Range<usize>,
    name: String,
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
        scratch.likely.clear();
        scratch.likely.resize(self.rows.len(), (usize::MAX, false));
        scratch.whole = whole(text, member);
        let mut search = Search { set: self, text, view, scratch };
        search.tokens();
        if let Some(words) = &self.triggers {
            words.find(text, |at, rows| rows.iter().for_each(|&row| search.call(row, at)));
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
    fn tokens(&mut self) {
        let set = self.set;
        let bytes = self.text.as_bytes();
        // The end of the last token.
        let mut done = 0;
        for token in Tokens::new(self.text) {
            let mut before = 0;
            let mut is_first = true;
            for at in token.clone() {
                let Some(&byte) = bytes.get(at) else { break };
                let class = classes::of(byte);
                let begins = class & !before;
                before = class;
                if begins & WORD != 0 {
                    if std::mem::take(&mut is_first)
                        && let Some(prefix) = prefix(bytes, done, at)
                    {
                        self.word(bytes, prefix);
                    }
                    self.word(bytes, at);
                }
                if begins & DIGIT != 0 {
                    set.digits.iter().for_each(|&row| self.call(row, at));
                }
                if class & AT != 0 {
                    set.ats.iter().for_each(|&row| self.call(row, at));
                }
                if class & COLON != 0 && !set.schemes.is_empty() && bytes.get(at..at + 3) == Some(b"://") {
                    set.schemes.iter().for_each(|&row| self.call(row, at));
                }
            }
            done = token.end;
        }
    }

    /// Tries all patterns at a word and the signs before it.
    #[inline]
    fn word(&mut self, bytes: &[u8], word: usize) {
        let is_sign = |back: usize| {
            let sign = word.checked_sub(back).and_then(|at| bytes.get(at));
            sign.is_some_and(|byte| matches!(byte, b'+' | b'('))
        };
        if is_sign(1) {
            if is_sign(2) {
                self.patterns(bytes, word - 2);
            }
            self.patterns(bytes, word - 1);
        }
        self.patterns(bytes, word);
    }

    /// Tries all patterns from here on. Of each the longest match counts that is found.
    #[inline]
    fn patterns(&mut self, bytes: &[u8], start: usize) {
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
        let mut hits = std::mem::take(&mut self.scratch.hits);
        while let Some(Hit { row: index, end }) = hits.pop() {
            let Some(row) = set.row(index) else { continue };
            let is_hopeless = row.is_weak && !self.is_likely(index, row, start);
            if is_hopeless || self.judge(row, row.score, start..end) {
                hits.retain(|hit| hit.row != index);
            }
        }
        self.scratch.hits = hits;
    }

    /// Calls a row's function.
    fn call(&mut self, index: u16, at: usize) {
        let Some(row) = self.set.row(index) else { return };
        #[cfg(test)]
        {
            self.scratch.calls += 1;
        }
        match row.form {
            Form::Around(_, find) => {
                // Without context near its function need not be called.
                if row.is_weak && !self.is_likely(index, row, at) {
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

    /// Whether any of a row's context is near, which is asked once for all that is in the same block.
    fn is_likely(&mut self, index: u16, row: &Row, at: usize) -> bool {
        let block = at / BLOCK;
        let known = self.scratch.likely.get(usize::from(index));
        if let Some((_, likely)) = known.filter(|(known, _)| *known == block) {
            return *likely;
        }
        let Scratch { near, member, whole, .. } = &mut *self.scratch;
        let likely = !row.context.is_empty()
            && (row.check.is_some() && !whole.is_empty()
                || row.context.has_any(member)
                || near.is_any(&self.set.lexicon, self.text, &around(at, self.text), |word| row.context.has(word)));
        if let Some(known) = self.scratch.likely.get_mut(usize::from(index)) {
            *known = (block, likely);
        }
        likely
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
        let is_answer = row.check.is_some() && !row.context.is_empty() && whole == range;
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

/// Where a text begins and ends without blanks, quotes and brackets around it and signs that end a sentence, if its member
/// says no more of it than that somebody wrote it; else nowhere. What is nothing but a number that passes a check answers
/// the question for it.
pub(super) fn whole(text: &str, member: &str) -> Range<usize> {
    if text.len() > MEMBER || !(member.is_empty() || ANSWERS.contains(&member)) {
        return 0..0;
    }
    let is_around = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '(' | ')' | '[' | ']');
    let start = text.len() - text.trim_start_matches(is_around).len();
    start..start.max(text.trim_end_matches(|sign| is_around(sign) || matches!(sign, '.' | ',' | '!' | '?')).len())
}

/// As far as context may be from anything that is found at an offset, or at any other of its block.
pub(super) fn around(at: usize, text: &str) -> Range<usize> {
    let block = at / BLOCK * BLOCK;
    block.saturating_sub(REACH + BEFORE)..(block + BLOCK + REACH + AFTER).min(text.len())
}

/// A short word right before one, unless it was done.
fn prefix(bytes: &[u8], done: usize, word: usize) -> Option<usize> {
    let before = bytes.get(done..word)?;
    let end = before.len() - before.iter().rev().take(PREFIX + 1).position(u8::is_ascii_alphanumeric)?;
    let is_word = |at: &&u8| at.is_ascii_alphanumeric();
    let length = before.get(..end)?.iter().rev().take(PREFIX + 1).take_while(is_word).count();
    // The end of a token that was done may be the beginning of this one.
    (length <= PREFIX).then_some(done + end - length)
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

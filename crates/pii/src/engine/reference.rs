//! The same as the search, byte by byte and row by row, for tests to compare with.

use std::ops::Range;

use regex_automata::{Anchored, Input, meta::Regex, util::syntax};

use super::{
    answer::whole,
    boundary,
    context::{AFTER, BEFORE, Bits, Near},
    overlap::Candidate,
    program::Program,
    search::{MEMBER, WORD_SCORE, around, is_within_reach},
    set::{Row, Set, hundredths},
    view::View,
};
use crate::{Form, Text, Trigger};

/// What is found, by the same set.
pub(super) fn find(set: &Set, text: &Text<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    match View::folded(text.text) {
        Some(view) => Look { set, text: &view.text, view: Some(&view), member: text.member, found: &mut found }.all(),
        None => Look { set, text: text.text, view: None, member: text.member, found: &mut found }.all(),
    }
    if let Some(view) = View::unescaped(text.text) {
        found.retain(|candidate| !view.cuts(&candidate.range));
        Look { set, text: &view.text, view: Some(&view), member: text.member, found: &mut found }.all();
    }
    resolve(found)
}

/// The surest first, each against all that stay.
fn resolve(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by_key(|found| (-found.score, usize::MAX - found.range.len(), found.range.start, found.kind));
    let mut stay: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let Range { start, end } = candidate.range;
        if stay.iter().all(|other| other.range.end <= start || end <= other.range.start) {
            stay.push(candidate);
        }
    }
    stay.sort_by_key(|found| found.range.start);
    stay
}

struct Look<'a> {
    set: &'a Set,
    text: &'a str,
    view: Option<&'a View>,
    member: &'a str,
    found: &'a mut Vec<Candidate>,
}

impl Look<'_> {
    fn all(mut self) {
        let set = self.set;
        let starts = starts(self.text.as_bytes());
        for row in &set.rows {
            match row.form {
                Form::Pattern(pattern) => self.pattern(row, pattern, &starts),
                Form::Around(trigger, find) => {
                    for at in offsets(self.text, trigger) {
                        if row.is_weak && !self.is_likely(row, at) {
                            continue;
                        }
                        if let Some(range) =
                            find(self.text, at).filter(|range| !row.is_weak || is_within_reach(range, at))
                        {
                            self.judge(row, row.score, range);
                        }
                    }
                }
                Form::Rated(trigger, find) => {
                    for (range, score) in offsets(self.text, trigger).into_iter().filter_map(|at| find(self.text, at)) {
                        self.judge(row, hundredths(score), range);
                    }
                }
                Form::Member(names, find) => {
                    let name: String = self.member.chars().filter(|letter| !"_- ".contains(*letter)).collect();
                    if self.text.len() <= MEMBER && names.contains(&name.to_lowercase().as_str()) {
                        find(self.text).into_iter().for_each(|range| {
                            self.judge(row, row.score, range);
                        });
                    }
                }
            }
        }
        for pattern in &set.patterns {
            pattern.find(self.text, |range| self.add(pattern.kind, 100, range));
        }
        for words in &set.words {
            words.find(self.text, |range| self.add(words.kind, 100, range));
        }
    }

    fn pattern(&mut self, row: &Row, pattern: &str, starts: &[usize]) {
        let config = syntax::Config::new().unicode(false).utf8(false);
        let regex = Regex::builder().syntax(config).build(&format!("^(?:{pattern})$")).unwrap();
        let bytes = self.text.as_bytes();
        for &start in starts.iter().filter(|&&start| boundary::begins(bytes, start)) {
            let ends = (start + 1..=bytes.len().min(start + Program::LIMIT)).rev();
            let matches = |end: &usize| {
                boundary::ends(bytes, *end) && regex.is_match(Input::new(&bytes[start..*end]).anchored(Anchored::Yes))
            };
            ends.filter(matches).any(|end| self.judge(row, row.score, start..end));
        }
    }

    fn judge(&mut self, row: &Row, score: i16, range: Range<usize>) -> bool {
        let Some(candidate) = self.text.get(range.clone()).filter(|text| !text.is_empty()) else { return false };
        let (from, to) = (range.start.saturating_sub(BEFORE), (range.end + AFTER).min(self.text.len()));
        let is_near = |words: &Bits| {
            self.is_any(words, from..range.start) || self.is_any(words, range.end..to) || self.is_member(words)
        };
        let is_answer = row.may_answer() && whole(self.text, self.member).as_ref() == Some(&range);
        let is_for = is_answer || is_near(&row.context);
        let score = score + WORD_SCORE * (i16::from(is_for) - i16::from(is_near(&row.against)));
        let is_found = score >= self.set.kinds[usize::from(row.kind)].threshold
            && !(row.is_pattern() && boundary::is_of_columns(self.text.as_bytes(), &range))
            && row.check.is_none_or(|check| check(candidate));
        if is_found {
            self.add(row.kind, score.clamp(0, 100), range);
        }
        is_found
    }

    fn is_likely(&self, row: &Row, at: usize) -> bool {
        let may_answer = row.may_answer() && whole(self.text, self.member).is_some();
        may_answer || self.is_member(&row.context) || self.is_any(&row.context, around(at, self.text))
    }

    fn is_any(&self, words: &Bits, range: Range<usize>) -> bool {
        let mut is_any = false;
        Near::default().each(&self.set.lexicon, self.text, &range, |word| is_any |= words.has(word));
        is_any
    }

    fn is_member(&self, words: &Bits) -> bool {
        let mut of_member = Vec::new();
        self.set.lexicon.all(self.member, &mut of_member);
        words.has_any(&of_member)
    }

    fn add(&mut self, kind: u16, score: i16, range: Range<usize>) {
        if score >= self.set.kinds[usize::from(kind)].threshold && self.view.is_none_or(|view| view.shows(&range)) {
            let is_allowed = self.set.allowed.has(&self.text[range.clone()]);
            let range = self.view.map_or(range.clone(), |view| view.back(&range));
            self.found.push(Candidate { range, score, kind, is_allowed });
        }
    }
}

/// Where patterns may begin.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let mut starts = Vec::new();
    let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut last_word = 0..0;
    let mut token_start = 0;
    for token in bytes.split(|byte| byte.is_ascii_whitespace() || *byte == 0x0b) {
        let is_hot = token.len() >= 16
            || token.iter().any(|byte| byte.is_ascii_digit() || *byte == b'@')
            || token.windows(6).any(|letters| letters.iter().all(u8::is_ascii_uppercase))
            || token.windows(2).any(|two| two == b"//");
        let mut is_first = true;
        for at in token_start..token_start + token.len() {
            if is_word(at) && !at.checked_sub(1).is_some_and(is_word) {
                if is_hot && is_first && !last_word.is_empty() && last_word.len() <= 3 && at - last_word.end <= 3 {
                    with_signs(bytes, last_word.start, &mut starts);
                }
                if is_hot {
                    with_signs(bytes, at, &mut starts);
                }
                is_first = false;
                last_word = at..at;
            }
            if is_word(at) {
                last_word.end = at + 1;
            }
        }
        token_start += token.len() + 1;
    }
    starts
}

fn with_signs(bytes: &[u8], word: usize, starts: &mut Vec<usize>) {
    let is_sign = |at: &usize| matches!(bytes[*at], b'+' | b'(');
    let signs = (0..word).rev().take_while(is_sign).take(2);
    starts.extend(signs.chain([word]));
}

/// Each offset at which a trigger stands.
fn offsets(text: &str, trigger: Trigger) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_here = |&at: &usize| match trigger {
        Trigger::Digits => is_digit(at) && !at.checked_sub(1).is_some_and(is_digit),
        Trigger::At => bytes[at] == b'@',
        Trigger::Scheme => bytes[at..].starts_with(b"://"),
        Trigger::Words(words) => words
            .iter()
            .any(|word| bytes.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))),
    };
    (0..bytes.len()).filter(is_here).collect()
}

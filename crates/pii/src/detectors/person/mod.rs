//! People's names, by what stands before them and by the member that they are the value of. Off unless asked for: words
//! with capital letters are names of much else.

mod cues;
mod name;

use std::ops::Range;

use super::{scan::run_on, words};
use crate::{Detector, Entity, Form, Trigger};

const SOURCE: &str = "forms of address and of letters in common use, by language";

pub(super) const ALL: &[Detector] = &[
    Detector::new(Entity::PERSON, Form::Rated(Trigger::Words(cues::TITLES), titled)).off().source(SOURCE),
    Detector::new(Entity::PERSON, Form::Rated(Trigger::Words(cues::INTRODUCTIONS), introduced)).off().source(SOURCE),
    Detector::new(Entity::PERSON, Form::Rated(Trigger::Words(cues::GREETINGS), greeted)).off().source(SOURCE),
    Detector::new(Entity::PERSON, Form::Rated(Trigger::Words(cues::CLOSINGS), signed)).off().source(SOURCE),
    Detector::new(Entity::PERSON, Form::Rated(Trigger::Words(cues::ROLES), mentioned)).off().source(SOURCE),
    Detector::new(Entity::PERSON, Form::Rated(Trigger::Words(cues::LABELS), labelled)).off().source(SOURCE),
    Detector::new(Entity::PERSON, Form::Member(cues::MEMBERS, name::whole)).off().score(0.9).source(SOURCE),
    Detector::new(Entity::PERSON, Form::Member(cues::MEMBERS_WEAK, name::whole_capitalised))
        .off()
        .score(0.6)
        .source(SOURCE),
];

/// Where what is said ends that stands here: the longest of the cues, from the start of a word to the end of one.
fn cue(text: &str, at: usize, cues: &[&str]) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    let is_here = |cue: &&&str| rest.get(..cue.len()).is_some_and(|found| found.eq_ignore_ascii_case(cue.as_bytes()));
    let end = at + cues.iter().filter(is_here).map(|cue| cue.len()).max()?;
    // Scripts without blanks part no words.
    let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() && letter < '\u{2e80}');
    let previous = text.get(..at)?.chars().next_back();
    // The second word in camel case: `customerName`.
    let is_camel = previous.is_some_and(char::is_lowercase) && text.get(at..)?.starts_with(char::is_uppercase);
    let is_word = (is_camel || !is_letter(previous))
        && previous != Some('-')
        && !(is_letter(text.get(..end)?.chars().next_back()) && is_letter(text.get(end..)?.chars().next()));
    is_word.then_some(end)
}

/// The most bytes that may stand between a cue and a name.
const BETWEEN: usize = 6;

/// `Dr. Anna Schmidt`, `Frau Schmidt`.
fn titled(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::TITLES)?;
    let start = run_on(text, end, BETWEEN, |byte| matches!(byte, b'.' | b' '));
    // `Herr Dr. Schmidt`: the last title tells.
    if cue(text, start, cues::TITLES).is_some() {
        return None;
    }
    name::read(text, start, name::Case::Capitals).map(|range| (range, 0.85))
}

/// `My name is Anna`, `ich heiße Anna Schmidt`.
fn introduced(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::INTRODUCTIONS)?;
    let is_sure = !text
        .get(at..end)
        .is_some_and(|cue| cues::INTRODUCTIONS_WEAK.iter().any(|weak| weak.eq_ignore_ascii_case(cue)));
    let start = run_on(text, end, BETWEEN, |byte| matches!(byte, b' ' | b':' | b'"' | b'\''));
    let start = untitled(text, start);
    if is_sure {
        return name::read(text, start, name::Case::Any).map(|range| (range, 0.85));
    }
    let range = name::read(text, start, name::Case::Capitals)?;
    let name = text.get(range.clone())?;
    let is_one_word = !name.contains(' ');
    let is_sign = words::is_all_capitals(name);
    (!is_sign && (!is_one_word || name::ends_clause(text, range.end))).then_some((range, 0.6))
}

/// `Dear Anna,`, `Hi Anna`.
fn greeted(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::GREETINGS)?;
    let start = run_on(text, end, BETWEEN, |byte| byte == b' ');
    let range = name::read(text, start, name::Case::Capitals)?;
    name::ends_clause(text, range.end).then_some((range, 0.75))
}

/// `Kind regards,` and on the next line `Anna Schmidt`.
fn signed(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::CLOSINGS)?;
    let start = run_on(text, end, BETWEEN, |byte| matches!(byte, b',' | b'.' | b'!' | b' ' | b'\n' | b'\r' | b'-'));
    let start = untitled(text, start);
    let range = name::read(text, start, name::Case::Capitals).filter(|_| start > end)?;
    name::ends_clause(text, range.end).then_some((range, 0.75))
}

/// `patient Maria Gonzalez`: of two words at least.
fn mentioned(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::ROLES)?;
    let start = untitled(text, run_on(text, end, BETWEEN, |byte| matches!(byte, b' ' | b':')));
    let range = name::read(text, start, name::Case::Capitals).filter(|_| start > end)?;
    is_full(text, &range).then_some((range, 0.6))
}

/// `Name: Anna Schmidt`, `full_name="Anna Schmidt"`, `| name | Anna Schmidt |`, `the name (Anna Schmidt)`.
fn labelled(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::LABELS)?;
    let start =
        run_on(text, end, BETWEEN, |byte| matches!(byte, b' ' | b':' | b'=' | b'"' | b'\'' | b'|' | b'(' | b'-'));
    let between = text.get(end..start)?;
    let wide = if text.get(start..)?.starts_with('：') { '：'.len_utf8() } else { 0 };
    let start = if between.ends_with('(') { said(text, start) } else { start };
    let start = untitled(text, start + wide);
    let range = name::read(text, start, name::Case::Capitals)?;
    let has_end = name::ends_clause(text, range.end) || text.get(range.end..)?.starts_with(" |");
    let score = if between.contains('=') {
        0.7
    } else if wide > 0 || between.contains([':', '|', '(']) || between == " - " {
        has_end.then_some(0.7)?
    } else {
        // Only a blank: what is of two words with capitals, behind a word in small letters.
        let is_said = between == " " && words::is_any(text.get(at..end)?, cues::LABELS_SAID);
        is_said.then_some(0.55)?
    };
    is_full(text, &range).then_some((range, score))
}

/// Behind `it's` within brackets.
fn said(text: &str, at: usize) -> usize {
    ["it's ", "it’s ", "it is "]
        .iter()
        .find(|word| text.get(at..).is_some_and(|rest| rest.starts_with(*word)))
        .map_or(at, |word| at + word.len())
}

/// Without the title before a name.
fn untitled(text: &str, start: usize) -> usize {
    cue(text, start, cues::TITLES).map_or(start, |end| run_on(text, end, BETWEEN, |byte| matches!(byte, b'.' | b' ')))
}

/// Of two words, not all in capital letters; or in a script without them.
fn is_full(text: &str, range: &Range<usize>) -> bool {
    let name = text.get(range.clone()).unwrap_or_default();
    let has_case = name.chars().any(|letter| letter.is_lowercase() || letter.is_uppercase());
    !has_case || name.contains(' ') && name.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests;

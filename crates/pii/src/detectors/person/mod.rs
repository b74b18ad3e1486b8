//! People's names, by what stands before them and by the member that they are the value of. Off unless asked for: words
//! with capital letters are names of much else.

mod cues;
mod name;

use std::ops::Range;

use super::words;
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

/// What may stand between a cue and a name.
fn skip(text: &str, at: usize, kind: fn(u8) -> bool) -> usize {
    at + text.as_bytes().get(at..).unwrap_or_default().iter().take(6).take_while(|byte| kind(**byte)).count()
}

/// `Dr. Anna Schmidt`, `Frau Schmidt`.
fn titled(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::TITLES)?;
    let start = skip(text, end, |byte| matches!(byte, b'.' | b' '));
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
    let start = skip(text, end, |byte| matches!(byte, b' ' | b':' | b'"' | b'\''));
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
    let start = skip(text, end, |byte| byte == b' ');
    let range = name::read(text, start, name::Case::Capitals)?;
    name::ends_clause(text, range.end).then_some((range, 0.75))
}

/// `Kind regards,` and on the next line `Anna Schmidt`.
fn signed(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::CLOSINGS)?;
    let start = skip(text, end, |byte| matches!(byte, b',' | b'.' | b'!' | b' ' | b'\n' | b'\r' | b'-'));
    let start = untitled(text, start);
    let range = name::read(text, start, name::Case::Capitals).filter(|_| start > end)?;
    name::ends_clause(text, range.end).then_some((range, 0.75))
}

/// `patient Maria Gonzalez`: of two words at least.
fn mentioned(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::ROLES)?;
    let start = untitled(text, skip(text, end, |byte| matches!(byte, b' ' | b':')));
    let range = name::read(text, start, name::Case::Capitals).filter(|_| start > end)?;
    is_full(text, &range).then_some((range, 0.6))
}

/// `Name: Anna Schmidt`.
fn labelled(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = cue(text, at, cues::LABELS)?;
    let start = skip(text, end, |byte| matches!(byte, b' ' | b':' | b'=' | b'"' | b'\''));
    let has_colon = text.get(end..start)?.contains([':', '=']) || text.get(start..)?.starts_with('：');
    let start = untitled(text, start + if text.get(start..)?.starts_with('：') { '：'.len_utf8() } else { 0 });
    let range = name::read(text, start, name::Case::Capitals).filter(|_| has_colon)?;
    (is_full(text, &range) && name::ends_clause(text, range.end)).then_some((range, 0.7))
}

/// Without the title before a name.
fn untitled(text: &str, start: usize) -> usize {
    cue(text, start, cues::TITLES).map_or(start, |end| skip(text, end, |byte| matches!(byte, b'.' | b' ')))
}

/// Of two words, not all in capital letters; or in a script without them.
fn is_full(text: &str, range: &Range<usize>) -> bool {
    let name = text.get(range.clone()).unwrap_or_default();
    let has_case = name.chars().any(|letter| letter.is_lowercase() || letter.is_uppercase());
    !has_case || name.contains(' ') && name.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests;

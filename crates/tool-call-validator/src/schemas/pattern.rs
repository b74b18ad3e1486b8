//! What a pattern takes in memory, before it is compiled; and whether it is one, and of which kind.

use std::str::Chars;

use jsonschema::{PatternOptions, Regex};
use serde_json::{Value, json};

/// What one may take: the limit of the engine.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// A character, or a range of characters.
const STATE: usize = 64;
/// Any character but some: the ranges of bytes that make up all others in UTF-8.
const OTHERS: usize = 2560;
/// Any character at all but the end of a line.
const ANY: usize = 1024;
/// A property of Unicode: hundreds of ranges.
const PROPERTY: usize = 48 * 1024;
/// How many characters one is in any case, at most.
const CASES: usize = 4;

/// What is known of a pattern so far.
struct Size {
    /// What the groups take that are open, without their last parts.
    groups: Vec<usize>,
    /// The last part, which may be repeated yet.
    last: usize,
}

/// What a pattern takes in memory when it is compiled, about: each character is a state, a class one for each of its
/// ranges, and what is repeated by a number is there as many times.
pub(super) fn estimate(pattern: &str) -> usize {
    let mut size = Size { groups: vec![0], last: STATE };
    let mut rest = pattern.chars();
    while let Some(char) = rest.next() {
        match char {
            '\\' => size.part(escape(&mut rest)),
            '[' => size.part(class(&mut rest)),
            '(' => {
                size.part(0);
                size.groups.push(0);
            }
            ')' => size.close(),
            '{' => size.last = size.last.saturating_mul(most(&mut rest)),
            '.' => size.part(ANY),
            '*' | '+' | '?' => {}
            _ => size.part(STATE),
        }
    }
    let cases = if has_any_case(pattern) { CASES } else { 1 };
    size.groups.into_iter().fold(size.last, usize::saturating_add).saturating_mul(cases).min(MAX_BYTES)
}

/// Whether letters of any case match in it: `(?i)`, `(?si:…)`.
fn has_any_case(pattern: &str) -> bool {
    pattern.split("(?").skip(1).any(|flags| flags.chars().take_while(char::is_ascii_alphabetic).any(|flag| flag == 'i'))
}

/// The engine that schemas are compiled for: it takes no pattern that could take longer than linear time.
pub(super) fn linear() -> PatternOptions<Regex> {
    PatternOptions::regex().size_limit(MAX_BYTES)
}

/// Whether that engine takes a pattern.
pub(super) fn is_linear(pattern: &str) -> bool {
    jsonschema::options().with_pattern_options(linear()).build(&json!({"pattern": pattern})).is_ok()
}

/// Whether a text is a regular expression, of ECMAScript or another dialect, which need not be matched in linear time.
pub(super) fn is_expression(text: &str) -> bool {
    let ecma = jsonschema::options().should_validate_formats(true).build(&json!({"format": "regex"}));
    let is_ecma = |text: &str| ecma.as_ref().is_ok_and(|schema| schema.is_valid(&Value::from(text)));
    let others = PatternOptions::fancy_regex().size_limit(MAX_BYTES);
    is_ecma(text)
        || is_ecma(&respelled(text))
        || jsonschema::options().with_pattern_options(others).build(&json!({"pattern": text})).is_ok()
}

/// A pattern of other dialects as ECMAScript has it: Python's `\Z`, and braces and brackets that stand for themselves.
fn respelled(pattern: &str) -> String {
    let mut spelled = String::with_capacity(pattern.len());
    let (mut rest, mut is_class) = (pattern.chars(), false);
    while let Some(char) = rest.next() {
        match char {
            '\\' => match rest.next() {
                Some('A') if !is_class => spelled.push('^'),
                Some('Z' | 'z') if !is_class => spelled.push('$'),
                escaped => {
                    spelled.push(char);
                    spelled.extend(escaped);
                }
            },
            '{' if !is_class && is_repetition(rest.as_str()) => {
                let (inside, behind) = rest.as_str().split_once('}').unwrap_or_default();
                spelled.extend(["{", inside, "}"]);
                rest = behind.chars();
            }
            '{' | '}' if !is_class => spelled.extend(['\\', char]),
            ']' if !is_class => spelled.push_str("\\]"),
            _ => {
                is_class = if is_class { char != ']' } else { char == '[' };
                spelled.push(char);
            }
        }
    }
    spelled
}

/// Whether a repetition follows behind a brace: `2}`, `2,}`, `2,3}`.
fn is_repetition(rest: &str) -> bool {
    rest.split_once('}').is_some_and(|(inside, _)| {
        let is_counted = inside.chars().all(|char| char.is_ascii_digit() || char == ',');
        is_counted && inside.starts_with(|first: char| first.is_ascii_digit())
    })
}

impl Size {
    /// Another part begins.
    fn part(&mut self, size: usize) {
        if let Some(group) = self.groups.last_mut() {
            *group = group.saturating_add(self.last);
        }
        self.last = size;
    }

    /// The group becomes the last part of what it is in.
    fn close(&mut self) {
        self.part(0);
        self.last = self.groups.pop().unwrap_or_default();
        if self.groups.is_empty() {
            self.groups.push(0);
        }
    }
}

fn escape(rest: &mut Chars<'_>) -> usize {
    match rest.next() {
        Some('p' | 'P') => PROPERTY,
        Some('D' | 'S' | 'W') => OTHERS,
        _ => STATE,
    }
}

/// What a class in brackets takes, read up to its end.
fn class(rest: &mut Chars<'_>) -> usize {
    let mut size = if rest.as_str().starts_with('^') { OTHERS } else { STATE };
    while let Some(char) = rest.next() {
        size = size.saturating_add(match char {
            ']' => break,
            '\\' => escape(rest),
            char if char.is_ascii() => STATE,
            _ => ANY,
        });
    }
    size
}

/// The largest number of a repetition, read up to its end.
fn most(rest: &mut Chars<'_>) -> usize {
    let inside: String = rest.take_while(|char| *char != '}').collect();
    inside.split(',').filter_map(|number| number.trim().parse().ok()).max().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_counts_as_many_times() {
        let states = |count: usize| (count + 1) * STATE;
        let cases = [
            ("", states(0)),
            ("abc", states(3)),
            ("a+b*c?", states(3)),
            (r"\d\.", states(2)),
            ("a{3}", states(3)),
            ("a{2,}b{3,5}", states(7)),
            ("(ab){4}c", states(9)),
            ("((a{2}b){3}c){4}", states(40)),
            ("[a-c]{2}", states(8)),
            (r"\p{L}", STATE + PROPERTY),
            (r"[\p{L}]{2}", STATE + 2 * (STATE + PROPERTY + 3 * STATE)),
            ("(?i)ab", CASES * states(3)),
            (".", STATE + ANY),
            (r"\S[^a]", 2 * OTHERS + 3 * STATE),
            ("))", states(0)),
            ("a{99999999999999999999999}", states(1)),
            ("(a{100000}){100000}", MAX_BYTES),
        ];
        for (pattern, bytes) in cases {
            assert_eq!(estimate(pattern), bytes, "{pattern}");
        }
    }
}

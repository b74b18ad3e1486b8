//! What a pattern takes in memory, before it is compiled.

use std::str::Chars;

/// What one may take: the limit of the engine.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// A character, or a range of characters.
const STATE: usize = 64;
/// A property of Unicode: hundreds of ranges.
const PROPERTY: usize = 16 * 1024;

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
            '*' | '+' | '?' => {}
            _ => size.part(STATE),
        }
    }
    size.groups.into_iter().fold(size.last, usize::saturating_add).min(MAX_BYTES)
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
    if matches!(rest.next(), Some('p' | 'P')) { PROPERTY } else { STATE }
}

/// What a class in brackets takes, read up to its end.
fn class(rest: &mut Chars<'_>) -> usize {
    let mut size = STATE;
    while let Some(char) = rest.next() {
        size = size.saturating_add(match char {
            ']' => break,
            '\\' => escape(rest),
            _ => STATE,
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
            ("))", states(0)),
            ("a{99999999999999999999999}", states(1)),
            ("(a{100000}){100000}", MAX_BYTES),
        ];
        for (pattern, bytes) in cases {
            assert_eq!(estimate(pattern), bytes, "{pattern}");
        }
    }
}

//! What follows the street: a flat, a town, a state, a postcode.

use crate::detectors::{
    place::postcode::{self, STATES},
    scan::{after, ends_word, run_on},
    words,
};

use super::types;

/// How far the address reaches, and whether it has a town with a postcode or a state.
pub(super) fn extend(text: &str, end: usize) -> (usize, bool) {
    let end = unit(text, end).unwrap_or(end);
    match town(text, end) {
        Some(end) => (end, true),
        None => (end, false),
    }
}

/// `, Apt. 4B`, ` #12`, `, Suite 200`, `, 3rd Floor`.
fn unit(text: &str, end: usize) -> Option<usize> {
    let at = run_on(text, end, 2, |byte| matches!(byte, b',' | b' '));
    if at == end {
        return None;
    }
    let number = if after(text, at) == Some(b'#') {
        at + 1
    } else {
        let word = words::after(text, at);
        if !words::is_any(word, types::UNITS) {
            return None;
        }
        run_on(text, at + word.len(), 3, |byte| matches!(byte, b'.' | b' ' | b'#'))
    };
    let to = run_on(text, number, 6, |byte| byte.is_ascii_alphanumeric());
    (to > number
        && text.get(number..to)?.bytes().any(|byte| byte.is_ascii_digit() || to - number == 1)
        && ends_word(text, to))
    .then_some(to)
}

/// What parts the lines of an address: a comma, a line's end, or a blank.
fn part(text: &str, end: usize) -> Option<usize> {
    let at = run_on(text, end, 4, |byte| matches!(byte, b',' | b' ' | b'\n' | b'\r'));
    (at > end).then_some(at)
}

fn town(text: &str, end: usize) -> Option<usize> {
    let at = part(text, end)?;
    code_and_town(text, at).or_else(|| {
        // A line between, such as the part of a town: `221B Baker Street, Marylebone, London NW1 6XE`.
        town_and_code(text, at).or_else(|| town_and_code(text, part(text, names(text, at)?)?))
    })
}

/// `12345 Berlin`, `D-12345 Berlin`, `1012 AB Amsterdam`, `00-950 Warszawa`.
fn code_and_town(text: &str, at: usize) -> Option<usize> {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let country = run_on(text, at, 2, |byte| byte.is_ascii_uppercase());
    let digits = if country > at && after(text, country) == Some(b'-') { country + 1 } else { at };
    let mut to = run_on(text, digits, 6, is_digit);
    if matches!(after(text, to), Some(b'-' | b' ')) {
        let more = run_on(text, to + 1, 4, is_digit);
        to = if more - to > 2 { more } else { to };
    }
    let count = text.get(digits..to)?.bytes().filter(u8::is_ascii_digit).count();
    if !(4..=7).contains(&count) {
        return None;
    }
    let letters = run_on(text, to + 1, 3, |byte| byte.is_ascii_uppercase());
    if count == 4 && after(text, to) == Some(b' ') && letters == to + 3 {
        to = letters;
    }
    if !matches!(after(text, to), Some(b' ')) {
        return None;
    }
    names(text, to + 1)
}

/// `Washington, DC 20500`, `Springfield IL`, `London NW1 6XE`, `Toronto, ON M5V 2T6`.
fn town_and_code(text: &str, at: usize) -> Option<usize> {
    let mut end = at;
    // The names of a town may be followed by the letters of a state or a postcode, which read like one more of them.
    for _ in 0..4 {
        let word = words::after(text, end);
        if let Some(to) = code(text, end).filter(|_| end > at) {
            return Some(to);
        }
        if !words::is_capitalised(word) {
            return None;
        }
        end += word.len();
        end = run_on(text, end, 3, |byte| matches!(byte, b' ' | b',' | b'.' | b'\n'));
    }
    code(text, end)
}

/// A state, a postcode, or both.
fn code(text: &str, at: usize) -> Option<usize> {
    let word = words::after(text, at);
    let is_state = STATES.contains(&word) || PROVINCES.contains(&word);
    let state = if is_state && ends_word(text, at + word.len()) { at + word.len() } else { at };
    let number = run_on(text, state, 2, |byte| matches!(byte, b' ' | b','));
    let digits = run_on(text, number, 6, |byte| byte.is_ascii_digit());
    let zip = match digits - number {
        5 if after(text, digits) == Some(b'-') => run_on(text, digits + 1, 4, |byte| byte.is_ascii_digit()),
        5 => digits,
        // Australia, after the state.
        4 if state > at => digits,
        _ => 0,
    };
    if zip > 0 && ends_word(text, zip) {
        return Some(zip);
    }
    letters_and_digits(text, number).or((state > at).then_some(state))
}

const PROVINCES: &[&str] = &["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];

/// A postcode of the United Kingdom or of Canada.
fn letters_and_digits(text: &str, at: usize) -> Option<usize> {
    let is_symbol = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let first = run_on(text, at, 5, is_symbol);
    let last = run_on(text, first + 1, 4, is_symbol);
    let (outward, inward) = (text.get(at..first)?, text.get(first + 1..last)?);
    let has_digit = |part: &str| part.bytes().any(|byte| byte.is_ascii_digit());
    let is_one = after(text, first) == Some(b' ')
        && (2..=4).contains(&outward.len())
        && inward.len() == 3
        && inward.starts_with(|letter: char| letter.is_ascii_digit())
        && outward.starts_with(|letter: char| letter.is_ascii_uppercase())
        && has_digit(outward)
        && (postcode::is_british(outward) || outward.len() == 3)
        && ends_word(text, last);
    is_one.then_some(last)
}

/// Where the names of a town end: up to three capitalised words.
fn names(text: &str, at: usize) -> Option<usize> {
    let (mut at, mut end) = (at, None);
    for _ in 0..3 {
        let word = words::after(text, at);
        if words::is_capitalised(word) {
            end = Some(at + word.len());
        } else if !words::is_any(word, types::PARTICLES) {
            break;
        }
        let next = at + word.len();
        if after(text, next) != Some(b' ') {
            break;
        }
        at = next + 1;
    }
    end
}

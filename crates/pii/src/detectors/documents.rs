//! Passports and driving licences of any country, by the word for them. What has the form of one country's is that
//! country's, with a higher score.

use std::ops::{Range, RangeInclusive};

use super::scan::{after, before, run_back, run_on};
use crate::{Detector, Entity, Form, Trigger};

const PASSPORT: &[&str] = &[
    "passport",
    "reisepass",
    "passeport",
    "pasaporte",
    "passaporto",
    "passaporte",
    "paspoort",
    "paszport",
    "passnummer",
    "passin numero",
    "pasport",
    "pasaport",
    "\u{43f}\u{430}\u{441}\u{43f}\u{43e}\u{440}\u{442}",
    "\u{62a4}\u{7167}",
    "\u{8b77}\u{7167}",
    "\u{65c5}\u{5238}",
    "\u{30d1}\u{30b9}\u{30dd}\u{30fc}\u{30c8}",
    "\u{c5ec}\u{ad8c}",
    "\u{62c}\u{648}\u{627}\u{632}",
    "travel document",
];
const LICENCE: &[&str] = &[
    "driving licen",
    "driver licen",
    "driver's licen",
    "drivers licen",
    "f\u{fc}hrerschein",
    "fuehrerschein",
    "permis de conduire",
    "carnet de conducir",
    "permiso de conducir",
    "licencia de conducir",
    "carta de condu",
    "carteira de habilita",
    "cnh",
    "patente",
    "rijbewijs",
    "k\u{f6}rkort",
    "f\u{f8}rerkort",
    "k\u{f8}rekort",
    "ajokort",
    "prawo jazdy",
    "prawa jazdy",
    "\u{9a7e}\u{9a76}\u{8bc1}",
    "\u{904b}\u{8ee2}\u{514d}\u{8a31}",
    "\u{c6b4}\u{c804}\u{ba74}\u{d5c8}",
];

pub(super) const ALL: &[Detector] = &[
    Detector::new(Entity::PASSPORT, Form::Around(Trigger::Digits, passport))
        .score(0.1)
        .context(PASSPORT)
        .source("ICAO Doc 9303-4: nine signs at most; 2026-11"),
    Detector::new(Entity::DRIVING_LICENCE, Form::Around(Trigger::Digits, licence))
        .score(0.1)
        .context(LICENCE)
        .source("Directive 2006/126/EC, annex I, field 5; 2026-11"),
];

/// What numbers of other things follow.
const OTHERS: &[&str] = &[
    "order",
    "ord",
    "reference",
    "ref",
    "ticket",
    "invoice",
    "case",
    "batch",
    "item",
    "tracking",
    "bestellung",
    "rechnung",
    "commande",
    "pedido",
    "ordine",
    "bestelling",
];

/// Six to nine letters and digits, four of them digits at least.
fn passport(text: &str, at: usize) -> Option<Range<usize>> {
    let range = sign(text, at, |byte| byte.is_ascii_alphanumeric())?;
    let shown = text.get(range.clone())?;
    let digits = shown.bytes().filter(u8::is_ascii_digit).count();
    let is_joined = [before(text, range.start), after(text, range.end)].contains(&Some(b'-'));
    // `4645ms` is a time.
    let is_unit = shown.bytes().skip_while(u8::is_ascii_alphabetic).any(|byte| byte.is_ascii_lowercase());
    ((6..=9).contains(&shown.len()) && digits >= 4 && !is_joined && !is_unit).then_some(range)
}

/// Six to eighteen letters and digits, with hyphens or slashes between, five of them digits at least.
fn licence(text: &str, at: usize) -> Option<Range<usize>> {
    let range = sign(text, at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/'))?;
    let shown = text.get(range.clone())?;
    let signs = shown.bytes().filter(u8::is_ascii_alphanumeric).count();
    let digits = shown.bytes().filter(u8::is_ascii_digit).count();
    ((6..=18).contains(&signs) && digits >= 5 && digits * 3 >= signs && !is_date(shown)).then_some(range)
}

/// A number of so many digits alone, which is not said to be of something else.
pub(super) fn digits(text: &str, at: usize, lengths: RangeInclusive<usize>) -> Option<Range<usize>> {
    sign(text, at, |byte| byte.is_ascii_alphanumeric()).filter(|range| {
        let shown = text.get(range.clone()).unwrap_or_default();
        lengths.contains(&shown.len()) && shown.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// What stands here between other signs: letters of one case, and these are the first of its digits; it is not said to be
/// the number of something else.
pub(super) fn sign(text: &str, at: usize, belongs: fn(u8) -> bool) -> Option<Range<usize>> {
    const MOST: usize = 24;
    let start = run_back(text, at, MOST, belongs);
    let end = run_on(text, at, MOST, belongs);
    let shown = text.get(start..end)?;
    let has = |kind: fn(&u8) -> bool| shown.bytes().any(|byte| kind(&byte));
    let is_first = !text.get(start..at)?.bytes().any(|byte| byte.is_ascii_digit());
    let is_even = !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase));
    let is_whole = shown.starts_with(|c: char| c.is_ascii_alphanumeric())
        && shown.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !matches!(before(text, start), Some(b'#' | b'.' | b'_' | b'/' | b':'))
        && !(after(text, end) == Some(b'.') && after(text, end + 1).is_some_and(|byte| byte.is_ascii_alphanumeric()));
    (is_first && is_even && is_whole && !is_of_another(text, start, shown)).then_some(start..end)
}

/// Whether the word before it, or the letters that it begins with, say what it is the number of.
fn is_of_another(text: &str, start: usize, shown: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic();
    let is_other = |word: &str| OTHERS.iter().any(|other| other.eq_ignore_ascii_case(word));
    let word_end = run_back(text, start, 4, |byte| matches!(byte, b' ' | b':' | b'#' | b'-' | b'=' | b'"'));
    let word = text.get(run_back(text, word_end, 12, is_letter)..word_end).unwrap_or_default();
    let head = shown.split('-').next().unwrap_or_default();
    is_other(word) || is_other(head)
}

/// `2024-01-31`, `31/01/2024`, `2024-01-31T10`.
fn is_date(shown: &str) -> bool {
    let shown = shown.split('T').next().unwrap_or_default();
    let mut parts = shown.split(['-', '/']);
    let lengths = [(); 3].map(|()| parts.next().map_or(0, str::len));
    let is_digits = shown.bytes().all(|byte| !byte.is_ascii_alphabetic());
    is_digits && parts.next().is_none() && matches!(lengths, [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 4])
}

#[cfg(test)]
mod tests {
    use super::{digits, licence, passport};

    fn found(text: &str, find: fn(&str, usize) -> Option<std::ops::Range<usize>>) -> Option<&str> {
        let is_digit = |at: &usize| text.as_bytes()[*at].is_ascii_digit();
        let first = |at: &usize| is_digit(at) && (*at == 0 || !is_digit(&(at - 1)));
        (0..text.len()).filter(first).find_map(|at| find(text, at)).map(|range| &text[range])
    }

    #[test]
    fn passports() {
        for (text, number) in [
            ("no. C71X81T11.", "C71X81T11"),
            ("VT12407C3", "VT12407C3"),
            ("(533401372)", "533401372"),
            ("ab123456", "ab123456"),
        ] {
            assert_eq!(found(text, passport), Some(number), "{text}");
        }
        for text in [
            "of 2023",
            "order 446982",
            "took=4645ms",
            "Reference: #697340",
            "ORD-6351439",
            "550e8400-e29b-41d4",
            "Ab123456",
            "1234567890",
            "2024-01-31",
            "123456.78",
        ] {
            assert_eq!(found(text, passport), None, "{text}");
        }
    }

    #[test]
    fn licences() {
        for (text, number) in [
            ("B072RRE2I55", "B072RRE2I55"),
            ("Q3669-64825-40629,", "Q3669-64825-40629"),
            ("12/34567/89", "12/34567/89"),
            ("911091204443", "911091204443"),
        ] {
            assert_eq!(found(text, licence), Some(number), "{text}");
        }
        for text in [
            "2024-01-31",
            "\"2022-10-03T13:22:46Z\"",
            "31/01/2024",
            "order 446982",
            "ORD-9010227",
            "class B2",
            "REF 12345678",
        ] {
            assert_eq!(found(text, licence), None, "{text}");
        }
        assert_eq!(found("belongs to order ORD-9010227", |text, at| digits(text, at, 7..=14)), None);
        assert_eq!(found("is 12345678.", |text, at| digits(text, at, 7..=14)), Some("12345678"));
    }
}

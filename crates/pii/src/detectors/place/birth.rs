//! Dates of birth: a date that exists, of someone who may live.

use std::ops::Range;

use crate::detectors::{
    scan::{after, before, ends_word, run_on},
    words,
};

#[rustfmt::skip]
pub(super) const CONTEXT: &[&str] = &[
    "born", "birth", "birthday", "birthdate", "date of birth", "dob", "d.o.b", "bday", "birthed",
    "geb", "geboren", "geburtsdatum", "geburtstag", "né le", "née le", "né", "née", "naissance", "nacimiento", "nacido",
    "nacida", "nací",
    "nacio", "nació", "nascimento", "nascido", "nascida", "nato il", "nata il", "nascita", "geboortedatum", "geb.datum",
    "född", "födelsedatum", "født", "fødselsdato", "syntynyt", "syntymäaika", "urodzony", "urodzona", "urodzenia",
    "narozen", "narozena",
    "született", "doğum", "рожд", "родился", "родилась", "生年月日", "出生", "생년월일",
];

pub(super) const AGAINST: &[&str] = &["expir", "issued", "valid until", "version", "released"];

/// Names of months by their first letters, those of no more than three letters in full, in lower case.
#[rustfmt::skip]
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "gen", "ene", "янв"], &["feb", "fév", "fev", "febr", "фев"],
    &["mar", "mär", "mrz", "maer", "maa", "marc", "мар"], &["apr", "avr", "abr", "апр"],
    &["may", "mai", "mag", "maj", "mei", "maio", "мая", "май"], &["jun", "juin", "giu", "июн"],
    &["jul", "juil", "lug", "июл"], &["aug", "aoû", "aou", "ago", "авг"],
    &["sep", "set", "сен"], &["oct", "okt", "ott", "out", "окт"],
    &["nov", "ноя"], &["dec", "dez", "déc", "dic", "дек"],
];

const THIS_YEAR: u32 = 2026;

/// The date that these digits begin, or the day of which stands here after the month.
pub(super) fn find(text: &str, at: usize) -> Option<Range<usize>> {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let end = run_on(text, at, 5, is_digit);
    if !matches!(end - at, 1 | 2 | 4) || matches!(before(text, at), Some(b'_' | b'.' | b'-' | b'/' | b':' | b'$')) {
        return None;
    }
    let first = number(text, at..end)?;
    let separator = after(text, end)?;
    if end - at != 4
        && let Some(start) = month_before(text, at)
    {
        return year_after(text, end).map(|end| start..end);
    }
    if matches!(separator, b'-' | b'.' | b'/' | b' ')
        && let Some(found) = numeric(text, at..end, separator)
    {
        return Some(found);
    }
    // `12 March 1980`, `12. März 1980`, `12th of March, 1980`.
    let suffix = words::after(text, end);
    let end = if words::is_any(suffix, &["st", "nd", "rd", "th", "º", "er"]) { end + suffix.len() } else { end };
    let mut at_word = words::next(text, end).or_else(|| (after(text, end) == Some(b'-')).then_some(end + 1))?;
    let mut word = words::after(text, at_word);
    if words::is_any(word, &["of", "de", "di"]) {
        at_word = words::next(text, at_word + word.len())?;
        word = words::after(text, at_word);
    }
    let month = month(word.split('-').next()?)?;
    let end = year_after(text, at_word + word.split('-').next()?.len())?;
    (first >= 1 && first <= days(month)).then_some(at..end)
}

/// Three numbers with the same sign between them.
fn numeric(text: &str, run: Range<usize>, separator: u8) -> Option<Range<usize>> {
    let next = |end: usize, most: usize| {
        let start = end + 1 + usize::from(separator == b'.' && after(text, end + 1) == Some(b' '));
        let to = run_on(text, start, 5, |byte| byte.is_ascii_digit());
        (after(text, end) == Some(separator) && (1..=most).contains(&(to - start))).then_some(start..to)
    };
    let second = next(run.end, 2)?;
    let third = next(second.end, 4)?;
    let goes_on = matches!(after(text, third.end), Some(b'-' | b'/' | b'.'))
        && after(text, third.end + 1).is_some_and(|byte| byte.is_ascii_alphanumeric());
    if goes_on || is_moment(text, third.end) {
        return None;
    }
    let (a, b, c) = (number(text, run.clone())?, number(text, second)?, number(text, third.clone())?);
    let is_day = |month: u32, day: u32| (1..=12).contains(&month) && (1..=days(month)).contains(&day);
    let is_date = match (run.len(), third.len()) {
        (4, 1 | 2) => is_year(a) && is_day(b, c),
        (1 | 2, 4) => is_year(c) && (is_day(a, b) || is_day(b, a)),
        (1 | 2, 2) => separator != b' ' && (is_day(a, b) || is_day(b, a)),
        _ => false,
    };
    is_date.then_some(run.start..third.end)
}

/// Whether a time of the day follows, but for midnight, which stands for none; or more of a word.
fn is_moment(text: &str, end: usize) -> bool {
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    match rest {
        [b'T' | b' ', b'0', b'0', b':', b'0', b'0', ..] => false,
        [b' ', b'0'..=b'9', b'0'..=b'9', b':', ..] => true,
        _ => !ends_word(text, end),
    }
}

/// The month's name right before the day: `March 12, 1980`.
fn month_before(text: &str, at: usize) -> Option<usize> {
    let word = words::before(text, words::previous(text, at)?);
    month(word).map(|_| words::previous(text, at).unwrap_or(at) - word.len())
}

/// Where the year ends that stands here after a day or a month.
fn year_after(text: &str, at: usize) -> Option<usize> {
    let suffix = words::after(text, at);
    let mut at = if words::is_any(suffix, &["st", "nd", "rd", "th"]) { at + suffix.len() } else { at };
    at = run_on(text, at, 2, |byte| matches!(byte, b',' | b' ' | b'.' | b'-'));
    let word = words::after(text, at);
    if words::is_any(word, &["de", "del"]) {
        at = words::next(text, at + word.len())?;
    }
    let end = run_on(text, at, 5, |byte| byte.is_ascii_digit());
    (end - at == 4 && !is_moment(text, end) && is_year(number(text, at..end)?)).then_some(end)
}

fn month(word: &str) -> Option<u32> {
    let begins = |name: &&str| {
        let mut letters = word.chars().flat_map(char::to_lowercase);
        name.chars().all(|letter| letters.next() == Some(letter))
    };
    let index = MONTHS.iter().position(|names| names.iter().any(&begins))?;
    (word.chars().count() <= 12).then(|| u32::try_from(index).unwrap_or_default() + 1)
}

fn days(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_year(year: u32) -> bool {
    (1900..=THIS_YEAR).contains(&year)
}

fn number(text: &str, range: Range<usize>) -> Option<u32> {
    text.get(range)?.parse().ok()
}

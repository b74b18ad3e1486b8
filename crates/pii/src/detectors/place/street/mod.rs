//! A street with a house number, and what follows of the address.

mod tail;
mod types;

use std::ops::Range;

use crate::detectors::{
    scan::{after, before, ends_word, run_on},
    words,
};

#[rustfmt::skip]
pub(super) const CONTEXT: &[&str] = &[
    "address", "addresses", "street", "streetaddress", "live at", "lives at", "living at", "lived at", "live in",
    "lives in",
    "reside", "resident", "residence", "residing", "ship", "deliver", "delivery", "mailing", "billing", "mail to",
    "send to", "sent to", "home", "located at", "moved to", "domicile", "headquarters", "office at", "adresse",
    "anschrift", "wohnhaft",
    "wohne", "wohnt", "straße", "strasse", "lieferadresse", "rechnungsadresse", "habite", "demeurant", "domicilié",
    "dirección",
    "direccion", "domicilio", "vivo en", "vive en", "reside en", "indirizzo", "abito in", "abita in", "residente",
    "endereço", "endereco",
    "moro na", "mora na", "adres", "woon", "woont", "wohnadresse", "adress", "bor på", "osoite", "mieszka", "адрес",
    "地址", "住所",
];

/// How many words a name has at most.
const WORDS: usize = 6;

/// The address that has its house number here, and how sure that is.
pub(super) fn find(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let end = run_on(text, at, 6, |byte| byte.is_ascii_digit());
    if end - at > 5
        || matches!(after(text, end), Some(b'_' | b'%' | b':' | b'=' | b'"' | b'(' | b')' | b'\\'))
            && !has_blank_before(text, at)
    {
        return None;
    }
    if before(text, at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'.' | b'$' | b'+'))
    {
        return None;
    }
    let number_end = house_number(text, end)?;
    let (range, score) = post_box(text, at, number_end)
        // Five digits after a name are a postcode.
        .or_else(|| if end - at < 5 { number_last(text, at, number_end) } else { None })
        .or_else(|| number_first(text, at, number_end))?;
    let (end, is_whole) = tail::extend(text, range.end);
    Some((range.start..end, if is_whole { score + 0.4 } else { score }))
}

fn has_blank_before(text: &str, at: usize) -> bool {
    matches!(before(text, at), Some(b' ' | b'#'))
}

/// `12`, `12a`, `12 A`, `12-14`, `12/3`, `12 1/2`: where that ends.
fn house_number(text: &str, end: usize) -> Option<usize> {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic();
    let mut end = end;
    if after(text, end).is_some_and(is_letter) {
        end += 1;
    }
    if !ends_word(text, end) {
        return None;
    }
    if matches!(after(text, end), Some(b'-' | b'/')) {
        let to = run_on(text, end + 1, 5, |byte| byte.is_ascii_digit());
        let to = to + usize::from(after(text, to).is_some_and(is_letter));
        if to - end > 1 && to - end <= 5 && ends_word(text, to) {
            end = to;
        }
    }
    let goes_on = matches!(after(text, end), Some(b'.' | b':' | b'-' | b'/'))
        && after(text, end + 1).is_some_and(|byte| byte.is_ascii_alphanumeric());
    (!goes_on && !matches!(after(text, end), Some(b'_' | b'%'))).then_some(end)
}

/// `1600 Pennsylvania Ave NW`, `221B Baker Street`, `12 rue de la Paix`.
fn number_first(text: &str, start: usize, number_end: usize) -> Option<(Range<usize>, f32)> {
    let mut at = match text.as_bytes().get(number_end..)? {
        [b',', b' ', ..] => number_end + 2,
        [b' ', ..] => number_end + 1,
        _ => return None,
    };
    let suffix = words::after(text, at);
    if words::is_any(suffix, &["bis", "ter", "quater"]) {
        at = run_on(text, at + suffix.len(), 2, |byte| matches!(byte, b',' | b' '));
    }
    let first = words::after(text, at);
    if words::is_any(first, types::AFTER_NUMBER)
        && let Some(end) = name_after(text, at + first.len())
    {
        return Some((start..end, 0.6));
    }
    let (mut found, mut is_named) = (None, false);
    for _ in 0..WORDS {
        let word = words::after(text, at);
        let Some(end) = (if word.is_empty() { numbered(text, at) } else { Some(at + word.len()) }) else { break };
        if !word.is_empty() && !words::is_capitalised(word) {
            break;
        }
        let is_weak = is_named && words::is_any(word, types::AFTER_WEAK);
        if is_weak || is_named && words::is_any(word, types::AFTER) {
            let score = if is_weak { 0.3 } else { 0.6 };
            found = Some((end, if found.is_some_and(|(_, before)| before > score) { 0.6 } else { score }));
        }
        is_named |= !words::is_any(word, types::DIRECTIONS);
        let Some(next) = words::next(text, end) else { break };
        at = next;
    }
    let (end, score) = found?;
    let end = end + usize::from(after(text, end) == Some(b'.') && words::next(text, end).is_some());
    Some((start..direction(text, end), score))
}

/// `5th`, `42nd`, as a name: where it ends.
fn numbered(text: &str, at: usize) -> Option<usize> {
    let end = run_on(text, at, 4, |byte| byte.is_ascii_digit());
    let suffix = words::after(text, end);
    (end > at && words::is_any(suffix, &["st", "nd", "rd", "th"])).then_some(end + suffix.len())
}

/// With a point of the compass after it.
fn direction(text: &str, end: usize) -> usize {
    let word = words::next(text, end).map(|at| words::after(text, at)).unwrap_or_default();
    if words::is_any(word, types::DIRECTIONS) && words::is_capitalised(word) { end + 1 + word.len() } else { end }
}

/// Where a name ends that follows the kind of street: capitalised words, with particles between.
fn name_after(text: &str, at: usize) -> Option<usize> {
    let (mut at, mut end) = (words::next(text, at)?, None);
    for _ in 0..WORDS {
        let word = words::after(text, at);
        let tail = word.rsplit(['\'', '’']).next().unwrap_or_default();
        if words::is_capitalised(tail) {
            end = Some(at + word.len());
        } else if !words::is_any(word, types::PARTICLES) {
            break;
        }
        let Some(next) = words::next(text, at + word.len()) else { break };
        at = next;
    }
    end
}

/// `Musterstraße 12a`, `Lange Str. 5`, `Calle de Alcalá, 45`, `Via Roma 10`.
fn number_last(text: &str, at: usize, number_end: usize) -> Option<(Range<usize>, f32)> {
    let name_end = before_number(text, at)?;
    let (word_end, is_short) = match text.as_bytes().get(..name_end)? {
        [.., b'.'] => (name_end - 1, true),
        _ => (name_end, false),
    };
    let last = words::before(text, word_end);
    let start = word_end - last.len();
    if last.is_empty() {
        return None;
    }
    let is_capital = words::is_capitalised(last);
    if words::is_any(last, types::BETWEEN)
        && let Some(start) = names_before(text, start)
    {
        return Some((start..number_end, 0.6));
    }
    // `Musterstr.` has a dot, and nothing else has.
    if is_capital && is_short == words::ends_with_any(last, &["str"]) {
        let is_sure = words::ends_with_any(last, types::ENDINGS);
        if is_sure || words::ends_with_any(last, types::ENDINGS_WEAK) {
            return Some((start..number_end, if is_sure { 0.65 } else { 0.2 }));
        }
    }
    kind_before(text, word_end, number_end)
}

/// Where the name of the street ends that stands before the number.
fn before_number(text: &str, at: usize) -> Option<usize> {
    const SIGNS: &[&str] = &["nr", "no", "n", "nº", "n°", "№", "num", "número", "д"];
    let skip = |end: usize| {
        let name = text.get(..end)?.trim_end_matches([' ', ',']);
        (end - name.len() <= 2 && name.len() < end).then_some(name.len())
    };
    if before(text, at) == Some(b'#') {
        return skip(at - 1);
    }
    let end = skip(at)?;
    let bare = text.get(..end)?.trim_end_matches(['.', 'º', '°', ':']);
    let sign = words::before(text, bare.len());
    // `n` alone is a word; `n.` and `n°` are signs.
    if words::is_any(sign, SIGNS) && end - bare.len() <= 3 && (!words::is_any(sign, &["n", "д"]) || bare.len() < end) {
        return skip(bare.len() - sign.len());
    }
    Some(end)
}

/// The one or two capitalised words before the kind of street: `Lange Straße`.
fn names_before(text: &str, kind: usize) -> Option<usize> {
    let end = words::previous(text, kind)?;
    let word = words::before(text, end);
    (words::is_capitalised(word) && !words::is_any(word, &["die", "der", "das", "the"])).then(|| end - word.len())
}

/// `Calle de Alcalá`: the kind, and then no more than names and particles up to the number.
fn kind_before(text: &str, end: usize, number_end: usize) -> Option<(Range<usize>, f32)> {
    let mut end = end;
    let mut names = 0;
    for _ in 0..WORDS {
        let word = words::before(text, end);
        let start = end - word.len();
        if names > 0 && words::is_any(word, types::BEFORE) && !words::is_any(word, types::BEFORE_WEAK) {
            return Some((start..number_end, if words::is_capitalised(word) { 0.6 } else { 0.5 }));
        }
        if names > 0 && words::is_any(word, types::BEFORE_WEAK) {
            return words::is_capitalised(word).then_some((start..number_end, 0.4));
        }
        if words::is_capitalised(word.rsplit(['\'', '’']).next().unwrap_or_default()) {
            names += 1;
        } else if !words::is_any(word, types::PARTICLES) {
            return None;
        }
        end = words::previous(text, start)?;
    }
    None
}

/// `P.O. Box 123`, `Postfach 12 34 56`, `BP 123`.
fn post_box(text: &str, at: usize, number_end: usize) -> Option<(Range<usize>, f32)> {
    let end = at.checked_sub(1).filter(|_| before(text, at) == Some(b' '))?;
    let word = words::before(text, end);
    let start = end - word.len();
    if words::is_any(word, &["postfach", "postbus", "postboks", "apartado"]) {
        // In pairs, as Germany's are.
        let pairs = text.as_bytes().get(number_end..).unwrap_or_default().chunks(3).take(3);
        let pairs = pairs.take_while(|pair| matches!(pair, [b' ', b'0'..=b'9', b'0'..=b'9'])).count();
        return Some((start..number_end + 3 * pairs, 0.7));
    }
    if !words::is_any(word, &["box"]) {
        return None;
    }
    let head = text.get(..start)?.trim_end_matches(' ');
    let is_it = |form: &&&str| {
        head.len()
            .checked_sub(form.len())
            .and_then(|from| head.get(from..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(form))
    };
    let form = ["p.o.", "p. o.", "po", "p.o", "post office"].iter().find(is_it)?;
    let from = head.len() - form.len();
    (!before(text, from).is_some_and(|byte| byte.is_ascii_alphanumeric())).then_some((from..number_end, 0.8))
}

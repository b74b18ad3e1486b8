//! Postcodes by country.

use std::ops::Range;

use crate::detectors::{
    scan::{after, before, ends_word, run_on},
    words,
};

#[rustfmt::skip]
pub(super) const CONTEXT: &[&str] = &[
    "zip", "zip code", "zipcode", "zips", "postcode", "postcodes", "post code", "postal", "postal code", "postal codes",
    "pin code",
    "pincode", "eircode", "plz", "postleitzahl", "code postal", "código postal", "codigo postal", "c.p.",
    "codice postale", "cep",
    "postnummer", "postnr", "postinumero", "kod pocztowy", "psč", "irányítószám", "posta kodu", "индекс", "邮编", "邮政编码",
    "郵便番号",
    "우편번호",
];

/// What is said of four digits: `zip` is a word of programs.
#[rustfmt::skip]
pub(super) const CONTEXT_FOUR: &[&str] = &[
    "zip code", "zipcode", "postcode", "post code", "postal code", "plz", "postleitzahl", "code postal",
    "código postal", "codigo postal",
    "postnummer", "postnr", "irányítószám",
];

#[rustfmt::skip]
pub(super) const MEMBERS: &[&str] = &[
    "zip", "zipcode", "zip5", "postcode", "postalcode", "postal", "plz", "postleitzahl", "codepostal", "codigopostal",
    "códigopostal", "cep",
    "codicepostale", "pincode", "postnummer", "eircode", "billingzip", "shippingzip", "billingpostcode",
    "shippingpostcode", "billingpostalcode",
    "shippingpostalcode", "addresszip", "postinumero", "kodpocztowy",
];

/// A member's text that is a postcode: three to ten letters and digits, digits among them.
pub(super) fn whole(text: &str) -> Option<Range<usize>> {
    let code = text.trim();
    let is_code = (3..=10).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'))
        && code.bytes().filter(u8::is_ascii_digit).count() >= 2;
    let start = text.len() - text.trim_start().len();
    is_code.then_some(start..start + code.len())
}

/// States of the United States and their like, and of Australia.
#[rustfmt::skip]
pub(super) const STATES: &[&str] = &[
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME",
    "MD", "MA", "MI",
    "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD",
    "TN", "TX", "UT",
    "VT", "VA", "WA", "WV", "WI", "WY", "DC", "PR", "GU", "VI", "AP", "AE", "AA", "NSW", "VIC", "QLD", "SA", "TAS",
    "ACT", "NT",
];

/// Postcode areas of the United Kingdom.
#[rustfmt::skip]
const AREAS: &[&str] = &[
    "AB", "AL", "B", "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "BX", "CA", "CB", "CF", "CH", "CM",
    "CO", "CR", "CT",
    "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "E", "EC", "EH", "EN", "EX", "FK", "FY", "G",
    "GL", "GU", "GX",
    "GY", "HA", "HD", "HG", "HP", "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L",
    "LA", "LD", "LE",
    "LL", "LN", "LS", "LU", "M", "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW", "OL", "OX", "PA", "PE",
    "PH", "PL", "PO",
    "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK", "SL", "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY",
    "TA", "TD", "TF",
    "TN", "TQ", "TR", "TS", "TW", "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
];

/// Whether it begins with an area of Royal Mail's.
pub(super) fn is_british(text: &str) -> bool {
    let area = text.split(|letter: char| letter.is_ascii_digit()).next().unwrap_or_default();
    // `M1 8GB` is a machine's.
    let unit = text.get(text.len().saturating_sub(2)..).unwrap_or_default();
    AREAS.iter().any(|known| known.eq_ignore_ascii_case(area)) && !is_unit(unit)
}

/// Postcodes that are digits only, or digits with two letters (the Netherlands).
pub(super) fn find(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let end = run_on(text, at, 8, is_digit);
    // `zip(10000)` is a function's call.
    if !matches!(end - at, 2..=6)
        || matches!(before(text, at), Some(b'.' | b',' | b'_' | b'$' | b'/' | b'+' | b'#' | b'('))
    {
        return None;
    }
    let prefixed = before(text, at).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let joined = |by: u8, len: usize| {
        let to = run_on(text, end + 1, len + 1, is_digit);
        (after(text, end) == Some(by) && to - end - 1 == len && is_over(text, to)).then_some(to)
    };
    let found = match end - at {
        _ if prefixed => return None,
        2 => (at..joined(b'-', 3)?, 0.15),
        3 => match joined(b'-', 4) {
            Some(to) => (at..to, 0.15),
            None => (at..joined(b' ', 2)?, 0.15),
        },
        4 => match joined(b'-', 3) {
            Some(to) => (at..to, 0.15),
            None => dutch(text, at, end).or_else(|| is_after_state(text, at).then_some((at..end, 0.5)))?,
        },
        5 => match joined(b'-', 4) {
            Some(to) => (at..to, if is_after_state(text, at) { 0.65 } else { 0.3 }),
            None => match joined(b'-', 3) {
                Some(to) => (at..to, 0.3),
                None => (at..end, if is_after_state(text, at) { 0.6 } else { 0.15 }),
            },
        },
        _ => (at..end, 0.15),
    };
    is_over(text, found.0.end).then_some(found)
}

/// Four digits by themselves, no year.
pub(super) fn four(text: &str, at: usize) -> Option<Range<usize>> {
    let end = run_on(text, at, 5, |byte| byte.is_ascii_digit());
    let digits = text.get(at..end).filter(|digits| digits.len() == 4)?;
    let is_apart = matches!(before(text, at), None | Some(b' ' | b'"' | b':' | b'\n' | b'\''));
    if !is_apart || digits.starts_with("19") || digits.starts_with("20") || !is_over(text, end) {
        return None;
    }
    // Not any number of a sentence or a record that has a postcode as well.
    let from = (at.saturating_sub(24)..at).find(|&from| text.is_char_boundary(from)).unwrap_or(at);
    let near = text.get(from..at)?.to_lowercase();
    let is_told = at < 3 || ["zip", "post", "plz", "irányító"].iter().any(|word| near.contains(word));
    is_told.then_some(at..end)
}

/// Four digits with the two letters of the Netherlands.
fn dutch(text: &str, at: usize, end: usize) -> Option<(Range<usize>, f32)> {
    let letters = end + usize::from(after(text, end) == Some(b' '));
    let to = run_on(text, letters, 3, |byte| byte.is_ascii_uppercase());
    let pair = text.get(letters..to)?;
    if pair.len() != 2 || matches!(pair, "SA" | "SD" | "SS") || !ends_word(text, to) || after(text, at) == Some(b'0') {
        return None;
    }
    let is_before_town = words::is_capitalised(words::after(text, to + 1)) && !is_unit(pair);
    Some((at..to, if is_before_town { 0.5 } else { 0.15 }))
}

pub(super) fn is_unit(pair: &str) -> bool {
    matches!(
        pair,
        "KB" | "MB"
            | "GB"
            | "TB"
            | "PB"
            | "HZ"
            | "MS"
            | "KW"
            | "AD"
            | "BC"
            | "AM"
            | "PM"
            | "CE"
            | "KM"
            | "CM"
            | "MM"
            | "KG"
    )
}

/// `, MA 02110`, `Sydney NSW 2000`.
fn is_after_state(text: &str, at: usize) -> bool {
    let Some(end) = at.checked_sub(1).filter(|_| before(text, at) == Some(b' ')) else { return false };
    let state = words::before(text, end);
    let town = text.get(..end - state.len()).unwrap_or_default();
    let is_state = STATES.contains(&state);
    let is_after_town = || match town.as_bytes() {
        [.., town, b',', b' '] => town.is_ascii_alphabetic() || !town.is_ascii(),
        [.., town, b' '] => state.len() == 3 && town.is_ascii_lowercase(),
        _ => false,
    };
    is_state && is_after_town()
}

fn is_over(text: &str, at: usize) -> bool {
    let next = after(text, at + 1).is_some_and(|byte| byte.is_ascii_alphanumeric());
    ends_word(text, at)
        && !matches!(after(text, at), Some(b'_' | b'%' | b'@'))
        && !(matches!(after(text, at), Some(b'.' | b'-' | b':' | b'/' | b',')) && next)
}

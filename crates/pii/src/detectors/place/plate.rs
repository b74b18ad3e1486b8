//! Registration plates.

use std::ops::Range;

use crate::detectors::{
    scan::{after, before, ends_word, has, run_back, run_on, starts_word},
    words,
};

#[rustfmt::skip]
pub(super) const CONTEXT: &[&str] = &[
    "plate", "plates", "license plate", "licence plate", "number plate", "registration", "reg", "vrm", "vrn",
    "kennzeichen", "nummernschild",
    "kfz", "plaque", "immatriculation", "immatriculé", "matrícula", "matricula", "targa", "kenteken", "placa",
    "tablica rejestracyjna",
    "numer rejestracyjny", "registreringsnummer", "nummerplade", "rekisterinumero",
];

/// What is said of plates only, right before them.
#[rustfmt::skip]
pub(super) const SAID: &[&str] = &[
    "plate", "plate number", "plate no", "vehicle registration", "car registration", "kennzeichen", "nummernschild",
    "immatriculation", "matrícula", "targa", "kenteken", "placa", "tablica rejestracyjna",
    "numer rejestracyjny", "registreringsnummer", "nummerplade", "rekisterinumero",
];

#[rustfmt::skip]
pub(super) const MEMBERS: &[&str] = &[
    "plate", "licenseplate", "licenceplate", "licenseplatenumber", "licenceplatenumber", "numberplate", "platenumber",
    "vehicleregistration",
    "registrationplate", "vehicleplate", "carregistration", "kennzeichen", "immatriculation", "matricula", "targa",
    "kenteken", "placa",
];

/// `B-AB 1234`, `M AB 123E`, `HH-A 1`: one to three letters for the district, one or two, and up to four
/// digits, no more than eight in all.
pub(super) fn german(text: &str, at: usize) -> Option<Range<usize>> {
    let is_capital = |byte: u8| byte.is_ascii_uppercase();
    let end = run_on(text, at, 5, |byte| byte.is_ascii_digit());
    let end = if matches!(after(text, end), Some(b'E' | b'H')) { end + 1 } else { end };
    let digits = text.as_bytes().get(at..end)?;
    let letters = at - usize::from(matches!(before(text, at), Some(b' ' | b'-')));
    let first = run_back(text, letters, 3, is_capital);
    let separator = first.checked_sub(1).filter(|_| matches!(before(text, first), Some(b' ' | b'-')))?;
    let district = words::before(text, separator);
    let start = separator - district.len();
    let is_capital = district.chars().all(char::is_uppercase);
    let district = district.chars().count();
    let is_one = is_capital
        && (1..=3).contains(&district)
        && (1..=2).contains(&(letters - first))
        && (1..=5).contains(&digits.len())
        && !matches!(digits, [b'0', ..] | [_, _, _, _, b'0'..=b'9'])
        && district + (letters - first) + digits.len() <= 8
        && starts_word(text, start)
        && ends_word(text, end);
    is_one.then_some(start..end)
}

/// What stands within some words after it is said to be a plate.
pub(super) fn said(text: &str, at: usize) -> Option<Range<usize>> {
    if !starts_word(text, at) {
        return None;
    }
    let cue = SAID.iter().filter(|cue| has(text, at, cue)).map(|cue| cue.len()).max()?;
    let mut start =
        run_on(text, at + cue, 24, |byte| !byte.is_ascii_uppercase() && !byte.is_ascii_digit() && byte != b'\n');
    if !starts_word(text, start) {
        return None;
    }
    let end = run_on(text, start, 12, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'-')
    });
    let mut found = text.get(start..end)?;
    // What follows in capital letters may be no more of it.
    while !is_mixed(found) || !ends_word(text, start + found.len()) {
        found = found.get(..found.rfind([' ', '-'])?)?;
    }
    start += found.len() - found.trim_start_matches([' ', '-']).len();
    Some(start..start + found.trim_matches([' ', '-']).len())
}

/// A member's text that is a plate.
pub(super) fn whole(text: &str) -> Option<Range<usize>> {
    let plate = text.trim();
    let is_plate =
        plate.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-')) && is_mixed(plate);
    is_plate.then(|| {
        let start = text.len() - text.trim_start().len();
        start..start + plate.len()
    })
}

/// Letters and digits, four to eight of them, no digits only and no letters only.
fn is_mixed(text: &str) -> bool {
    let count = |kind: fn(&u8) -> bool| text.bytes().filter(kind).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    digits > 0 && letters > 0 && (4..=8).contains(&(digits + letters)) && digits <= 5 && letters <= 5
}

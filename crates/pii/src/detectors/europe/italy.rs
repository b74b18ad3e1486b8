//! Italy.

use std::ops::Range;

use super::super::scan::{after, before, ends_word, starts_word};
use crate::{Detector, Entity, Form, Trigger, checks};

const FISCAL_CODE: &[&str] = &["codice fiscale", "cod fiscale", "cod. fisc", "c.f.", "cf", "fiscal code", "tax code"];
const VAT: &[&str] = &["partita iva", "p.iva", "p. iva", "piva", "iva", "vat"];
const ID_CARD: &[&str] = &[
    "carta d'identit",
    "carta d\u{2019}identit",
    "carta di identit",
    "carta identit",
    "cie",
    "documento",
    "riconoscimento",
    "italian id",
];
const PASSPORT: &[&str] = &["passaporto", "italian passport"];
const LICENCE: &[&str] = &["patente", "licenza di guida", "italian driving licen"];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(
        Entity::IT_FISCAL_CODE,
        "(?i)[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]",
    )
    .check(checks::it_fiscal_code)
    .score(0.95)
    .context(FISCAL_CODE)
    .source("DM 23 December 1976; Agenzia delle Entrate, Codice fiscale; 2026-11"),
    Detector::new(Entity::IT_FISCAL_CODE, Form::Around(Trigger::Digits, grouped_code))
        .check(checks::it_fiscal_code)
        .score(0.9)
        .context(FISCAL_CODE)
        .source("DM 23 December 1976; Agenzia delle Entrate, Codice fiscale; 2026-11"),
    Detector::pattern(Entity::IT_FISCAL_CODE, "(?i)[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]")
        .check(checks::it_fiscal_code_date)
        .score(0.4)
        .context(FISCAL_CODE)
        .source("DM 23 December 1976; Agenzia delle Entrate, Codice fiscale; 2026-11"),
    Detector::pattern(Entity::IT_VAT, "IT ?[0-9]{11}")
        .check(checks::it_vat)
        .score(0.9)
        .context(VAT)
        .source("DPR 633/1972 art. 35; Luhn; 2026-11"),
    Detector::pattern(Entity::IT_VAT, "[0-9]{11}")
        .check(checks::it_vat)
        .score(0.4)
        .context(VAT)
        .source("DPR 633/1972 art. 35; Luhn; 2026-11"),
    Detector::pattern(Entity::IT_ID_CARD, "(?i)[A-Z]{2} ?[0-9]{7}|[0-9]{7}[A-Z]{2}|[A-Z]{2}[0-9]{5}[A-Z]{2}")
        .score(0.25)
        .context(ID_CARD)
        .source("Ministero dell'Interno, cartaidentita.interno.gov.it; 2026-11"),
    Detector::pattern(Entity::IT_PASSPORT, "(?i)[A-Z]{2} ?[0-9]{7}")
        .score(0.3)
        .context(PASSPORT)
        .source("Polizia di Stato, passaporto; microsoft/presidio it_passport_recognizer; 2026-11"),
    Detector::pattern(Entity::IT_DRIVING_LICENCE, "(?i)[A-Z]{2}[0-9]{7}[A-Z]|U1[A-Z0-9]{7}[A-Z]")
        .score(0.35)
        .context(LICENCE)
        .source("Codice della strada art. 116; microsoft/presidio it_driver_license_recognizer; 2026-11"),
];

/// `RSS MRA 85T10 A562S`: a fiscal code with blanks, from the first digit of its year on.
fn grouped_code(text: &str, at: usize) -> Option<Range<usize>> {
    // Most digits stand behind no such blank.
    if before(text, at) != Some(b' ') || !after(text, at + 2).is_some_and(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let bytes = text.as_bytes();
    let letters = bytes.get(..at)?.iter().rev();
    let start = at - spaced(letters, 6).filter(|(_, kinds)| *kinds == Kinds::Letters)?.0;
    let end = at + spaced(bytes.get(at..)?.iter(), 10)?.0;
    (starts_word(text, start) && ends_word(text, end)).then_some(start..end)
}

#[derive(PartialEq, Eq)]
enum Kinds {
    Letters,
    Mixed,
}

/// How many bytes so many letters and digits take, with single blanks between, and what they are.
fn spaced<'a>(bytes: impl Iterator<Item = &'a u8>, count: usize) -> Option<(usize, Kinds)> {
    let (mut seen, mut kinds, mut was_blank) = (0, Kinds::Letters, false);
    for (index, byte) in bytes.enumerate() {
        match byte {
            b' ' if was_blank => return None,
            b' ' => was_blank = true,
            _ if byte.is_ascii_alphanumeric() => {
                (seen, was_blank) = (seen + 1, false);
                if byte.is_ascii_digit() {
                    kinds = Kinds::Mixed;
                }
            }
            _ => return None,
        }
        if seen == count {
            return Some((index + 1, kinds));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::grouped_code;

    #[test]
    fn codes_in_groups() {
        for text in ["RSS MRA 85T10 A562S", "RSSMRA 85T10 A562S", "RSSMRA 85T10A562S", "rss mra 85t10 a562 s"] {
            assert_eq!(grouped_code(text, text.find('8').unwrap()), Some(0..text.len()), "{text}");
        }
        for text in [
            "RSS MRA 85T10 A562",
            "RSS  MRA 85T10 A562S",
            "RSS-MRA 85T10 A562S",
            "xRSS MRA 85T10 A562Sx",
            "R55 MRA 85T10 A562S",
        ] {
            assert_eq!(grouped_code(text, text.find('8').unwrap()), None, "{text}");
        }
    }
}

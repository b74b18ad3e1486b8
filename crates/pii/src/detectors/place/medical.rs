//! What is said of the number of a patient's record.

use std::ops::Range;

use super::super::documents;

/// The identifier of whoever Medicare insures: letters stand at the 2nd, 5th, 8th and 9th place, and either at the 3rd
/// and 6th. `S`, `L`, `O`, `I`, `B` and `Z` are never used.
pub(super) const MEDICARE: &str = concat!(
    "[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?",
    "[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?",
    "[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
);

/// A number of five digits and more, in groups or not, with up to four letters before or none; no date, and not said to be
/// of something else.
pub(super) fn record(text: &str, at: usize) -> Option<Range<usize>> {
    let range = documents::sign(text, at, |byte| byte.is_ascii_alphanumeric() || byte == b'-')?;
    let shown = text.get(range.clone())?;
    let is_date = matches!(shown.as_bytes(), [b'1' | b'2', b'9' | b'0', _, _, b'-', _, _, b'-', ..]);
    let rest = shown.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let groups = rest.trim_start_matches('-').split('-');
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let is_number = rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        && shown.len() - rest.len() <= 4
        && (5..=16).contains(&digits)
        && groups.clone().count() <= 4
        && groups.clone().all(|group| group.len() >= 2);
    (is_number && !is_date).then_some(range)
}

#[rustfmt::skip]
pub(super) const RECORD: &[&str] = &[
    "mrn", "mrns", "medical record", "medical rec", "patient id", "patient number", "patient no", "patient identifier",
    "hospital number", "hospital no", "hospital id", "chart number", "chart no", "health record", "case record", "emr",
    "ehr",
    "patientennummer", "patienten id", "fallnummer", "krankenakte", "dossier patient", "numéro de patient",
    "historia clínica",
    "historia clinica", "número de paciente", "cartella clinica", "patiëntnummer",
];

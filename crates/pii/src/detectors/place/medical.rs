//! What is said of the number of a patient's record.

/// The identifier of whoever Medicare insures: letters stand at the 2nd, 5th, 8th and 9th place, and either at the 3rd
/// and 6th. `S`, `L`, `O`, `I`, `B` and `Z` are never used.
pub(super) const MEDICARE: &str = concat!(
    "[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?",
    "[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?",
    "[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
);

/// A number of five digits and more, with letters before or not, and no date.
pub(super) fn is_record(text: &str) -> bool {
    let is_date = matches!(text.as_bytes(), [b'1' | b'2', b'9' | b'0', _, _, b'-', _, _, b'-', ..]);
    !is_date && text.bytes().filter(u8::is_ascii_digit).count() >= 5
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

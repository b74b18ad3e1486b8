//! Telephone numbers: digits in groups, read once, and rated by how they are written and by the numbering plans.

mod chain;
mod looks;
mod plan;
mod rate;

use std::ops::Range;

use crate::{Detector, Entity, Form, Trigger};

pub(super) const ALL: &[Detector] = &[Detector::new(Entity::PHONE, Form::Rated(Trigger::Digits, find))
    .context(CONTEXT)
    .against(AGAINST)
    .source("ITU-T E.164, E.123; plans by libphonenumber's metadata 9.0.43; 2026-11")];

#[rustfmt::skip]
const CONTEXT: &[&str] = &[
    "phone", "phones", "phone number", "telephone", "tel", "mob", "mobile", "cell", "cellphone", "landline", "fax",
    "call",
    "calling", "dialing", "dialling", "please dial", "text me", "reach", "sms", "whatsapp", "viber", "hotline",
    "voicemail", "contact", "gsm", "my number", "his number",
    "her number",
    // German, Dutch.
    "handy", "telefon", "telefonnummer", "mobil", "mobilnummer", "rufnummer", "festnetz", "anruf", "rufen",
    "meine nummer", "telefoon", "mobiel",
    "bellen", "bel me", "bel ons", "telefoonnummer", "mijn nummer",
    // French, Spanish, Portuguese, Italian.
    "téléphone", "portable", "appel", "mon numéro", "joindre", "teléfono", "telefono", "móvil", "movil", "celular",
    "llam", "llám",
    "mi número", "cellulare", "chiam", "mio numero", "meu número", "ligar", "telefone", "telemóvel", "ligue",
    // Finnish, Turkish, Polish, Russian.
    "puhelin", "telefonu", "komórka", "zadzwoń", "телефон", "тел", "моб",
    // Chinese, Japanese, Korean.
    "电话", "手机", "電話", "携帯", "전화", "휴대폰",
];

#[rustfmt::skip]
const AGAINST: &[&str] = &[
    "isbn", "issn", "ean", "upc", "gtin", "barcode", "imei", "imsi", "ssn", "iban", "invoice", "tracking", "serial",
    "sku",
    "timestamp", "uuid", "guid", "hash", "checksum", "commit", "revision", "latitude", "longitude", "version", "siret",
    "siren", "nhs", "cpf", "cnpj", "abn", "tfn", "medicare", "passport", "routing", "ein", "employer identification",
    "license", "licence", "dl number", "personal number", "account number", "card number", "insurance number",
    "social security",
    "identity number", "national id",
];

/// The number that these digits begin, and how sure that is.
fn find(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    let chain = chain::read(text.as_bytes(), at)?;
    let (groups, score) = rate::best(&chain)?;
    let end = chain.end(groups);
    Some((chain.start..end + extension(text.as_bytes().get(end..).unwrap_or_default()), score))
}

/// How long the extension is that follows a number: ` ext. 5`, `x123`, `, Durchwahl 12`.
fn extension(rest: &[u8]) -> usize {
    const WORDS: &[&[u8]] =
        &[b"extension", b"durchwahl", b"ext.", b"ext", b"poste", b"anexo", b"int.", b"dw", b"x.", b"x", b"#"];
    let blanks = |from: usize| rest.iter().skip(from).take(2).take_while(|&&byte| matches!(byte, b' ' | b',')).count();
    let before = blanks(0);
    if !rest.get(before).is_some_and(|byte| matches!(byte | 0x20, b'a' | b'd' | b'e' | b'i' | b'p' | b'x' | b'#')) {
        return 0;
    }
    let is_word =
        |word: &&&[u8]| rest.get(before..before + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word));
    let Some(word) = WORDS.iter().find(is_word) else { return 0 };
    let digits = before + word.len();
    let digits = digits + blanks(digits);
    let count = rest.iter().skip(digits).take_while(|byte| byte.is_ascii_digit()).count();
    let is_end = rest.get(digits + count).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if (1..=7).contains(&count) && is_end { digits + count } else { 0 }
}

#[cfg(test)]
mod tests;

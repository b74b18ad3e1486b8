//! Italy.

use crate::{Detector, Entity, checks};

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

//! Germany.

use crate::{Detector, Entity, checks};

const TAX_ID: &[&str] = &[
    "steuer id",
    "steueridentifikation",
    "steuer-identifikation",
    "steuerliche identifikation",
    "idnr",
    "id-nr",
    "tax id",
    "tax identification",
    "tin",
];
const ID_CARD: &[&str] = &[
    "personalausweis",
    "perso",
    "ausweis",
    "npa",
    "dokumentennummer",
    "seriennummer",
    "identity card",
    "id card",
    "national id",
];
const CARD_SOURCE: &str = "PAuswV annex; BSI TR-03127 (serial number); ICAO Doc 9303-3 (check digit); 2026-11";
const PASSPORT: &[&str] = &["reisepass", "passnummer", "pass-nr", "passnr", "pass nr", "german passport", "passport"];
const PENSION: &[&str] = &[
    "rentenversicherung",
    "sozialversicherung",
    "versicherungsnummer",
    "rvnr",
    "svnr",
    "sv-nummer",
    "sv-nr",
    "sv nummer",
    "pension insurance",
    "social security",
    "drv",
];
const HEALTH: &[&str] = &[
    "krankenversicherung",
    "krankenversicherten",
    "versichertennummer",
    "versicherten",
    "kvnr",
    "krankenkasse",
    "gesundheitskarte",
    "egk",
    "gkv",
    "health insurance",
    "barmer",
    "aok",
    "dak",
];
const VAT: &[&str] = &["ust", "umsatzsteuer", "vat", "mwst", "mehrwertsteuer"];
const LICENCE: &[&str] =
    &["f\u{fc}hrerschein", "fuehrerschein", "fahrerlaubnis", "german driving licen", "german driver"];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::DE_TAX_ID, "[0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}")
        .check(checks::de_tax_id)
        .score(0.7)
        .context(TAX_ID)
        .source("StIdV \u{a7} 1; BZSt, Steuerliche Identifikationsnummer; 2026-11"),
    // One in 260 eleven-digit numbers passes.
    Detector::pattern(Entity::DE_TAX_ID, "[0-9]{11}")
        .check(checks::de_tax_id)
        .score(0.5)
        .context(TAX_ID)
        .source("StIdV \u{a7} 1; BZSt, Steuerliche Identifikationsnummer; 2026-11"),
    Detector::pattern(Entity::DE_TAX_ID, "[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}")
        .check(checks::de_tax_id_checksum)
        .score(0.4)
        .context(TAX_ID)
        .source("StIdV \u{a7} 1; BZSt, Steuerliche Identifikationsnummer; 2026-11"),
    Detector::pattern(Entity::DE_TAX_NUMBER, "[0-9]{2,3}/[0-9]{3,4}/[0-9]{4,5}|[0-9]{13}")
        .score(0.3)
        .context(&["steuernummer", "steuer-nr", "steuer nr", "st-nr", "st.-nr", "stnr", "finanzamt"])
        .source("ELSTER, Pr\u{fc}fung der Steuer- und Steueridentifikationsnummer; 2026-11"),
    Detector::pattern(Entity::DE_ID_CARD, "[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}[0-9]")
        .check(checks::machine_readable_mixed)
        .score(0.6)
        .context(ID_CARD)
        .source(CARD_SOURCE),
    Detector::pattern(Entity::DE_ID_CARD, "(?i)[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}[0-9]")
        .check(checks::machine_readable)
        .score(0.35)
        .context(ID_CARD)
        .source(CARD_SOURCE),
    // Without that digit nothing checks the number. Cards from before November 2010 have a T and eight digits.
    Detector::pattern(Entity::DE_ID_CARD, "(?i)[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}")
        .check(checks::german_document)
        .score(0.35)
        .context(ID_CARD)
        .source(CARD_SOURCE),
    Detector::pattern(Entity::DE_PASSPORT, "(?i)[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}[0-9]")
        .check(checks::machine_readable)
        .score(0.4)
        .context(PASSPORT)
        .source("PassV annex; ICAO Doc 9303-3; 2026-11"),
    Detector::pattern(Entity::DE_PASSPORT, "(?i)[CFGHJK][CFGHJKLMNPRTVWXYZ0-9]{8}")
        .check(checks::german_document)
        .score(0.3)
        .context(PASSPORT)
        .source("PassV annex; ICAO Doc 9303-3; 2026-11"),
    Detector::pattern(Entity::DE_PENSION_NUMBER, "(?i)[0-9]{2} ?[0-9]{6} ?[A-Z] ?[0-9]{3}")
        .check(checks::de_pension_number)
        .score(0.9)
        .context(PENSION)
        .source("VKVV \u{a7}\u{a7} 2, 4; 2026-11"),
    Detector::pattern(Entity::DE_HEALTH_INSURANCE, "(?i)[A-Z][0-9]{9}")
        .check(checks::de_health_insurance)
        .score(0.4)
        .context(HEALTH)
        .source("SGB V \u{a7} 290, annex 1; 2026-11"),
    Detector::pattern(Entity::DE_VAT, "(?i)DE[ .-]?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{3}")
        .check(checks::de_vat)
        .score(0.8)
        .context(VAT)
        .source("UStG \u{a7} 27a; BZSt; ISO/IEC 7064 MOD 11,10; 2026-11"),
    Detector::pattern(
        Entity::DE_DRIVING_LICENCE,
        "(?i)[A-Z0-9][0-9]{2}[A-Z0-9]{6}[0-9][A-Z0-9]|[A-Z]{2}[0-9]{8}[A-Z0-9]",
    )
    .score(0.3)
    .context(LICENCE)
    .source("FeV annex 8, number of the licence; 2026-11"),
];

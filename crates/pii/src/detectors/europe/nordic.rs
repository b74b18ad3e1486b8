//! Denmark, Finland, Norway, Sweden.

use crate::{Detector, Entity, checks};

const HETU: &[&str] =
    &["hetu", "henkil\u{f6}tunnus", "personbeteckning", "personal identity code", "sotu", "finnish id"];
const PERSONNUMMER: &[&str] = &[
    "personnummer",
    "personnr",
    "person nr",
    "pnr",
    "samordningsnummer",
    "personal identity number",
    "personal number",
    "swedish id",
    "swedish personal",
    "f\u{f6}dd",
];
const ORGANISATION: &[&str] =
    &["organisationsnummer", "orgnr", "org nr", "org.nr", "org. nr", "organisation number", "f\u{f6}retag"];
const CPR: &[&str] = &["cpr", "personnummer", "cpr-nummer", "danish id", "f\u{f8}dselsdag", "sygesikring"];
const NORWEGIAN: &[&str] = &[
    "f\u{f8}dselsnummer",
    "fodselsnummer",
    "fnr",
    "personnummer",
    "d-nummer",
    "f\u{f8}dt",
    "norwegian id",
    "birth number",
];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::FI_HETU, "(?i)[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]")
        .check(checks::fi_hetu)
        .score(0.95)
        .context(HETU)
        .source("Digital and Population Data Services Agency, dvv.fi, reform of 2023; 2026-11"),
    // A date and a time of day are written alike, and one in ten of them passes.
    Detector::pattern(Entity::SE_PERSONNUMMER, "(?:[0-9]{2})?[0-9]{6}[-+][0-9]{4}")
        .check(checks::se_personnummer_long)
        .score(0.8)
        .context(PERSONNUMMER)
        .source("Skatteverket, SKV 704 and SKV 707; 2026-11"),
    Detector::pattern(Entity::SE_PERSONNUMMER, "(?:[0-9]{2})?[0-9]{6}[-+][0-9]{4}")
        .check(checks::se_personnummer)
        .score(0.45)
        .context(PERSONNUMMER)
        .source("Skatteverket, SKV 704 and SKV 707; 2026-11"),
    Detector::pattern(Entity::SE_PERSONNUMMER, "(?:18|19|20)[0-9]{10}")
        .check(checks::se_personnummer_long)
        .score(0.6)
        .context(PERSONNUMMER)
        .source("Skatteverket, SKV 704 and SKV 707; 2026-11"),
    Detector::pattern(Entity::SE_PERSONNUMMER, "(?:18|19|20)?[0-9]{10}")
        .check(checks::se_personnummer)
        .score(0.45)
        .context(PERSONNUMMER)
        .source("Skatteverket, SKV 704 and SKV 707; 2026-11"),
    Detector::pattern(Entity::SE_ORGANISATION, "[0-9]{6}-[0-9]{4}")
        .check(checks::se_organisation)
        .score(0.45)
        .context(ORGANISATION)
        .source("Skatteverket, SKV 709; Luhn; 2026-11"),
    Detector::pattern(Entity::SE_ORGANISATION, "[0-9]{10}")
        .check(checks::se_organisation)
        .score(0.35)
        .context(ORGANISATION)
        .source("Skatteverket, SKV 709; Luhn; 2026-11"),
    Detector::pattern(Entity::DK_CPR, "[0-9]{6}[- ][0-9]{4}")
        .check(checks::dk_cpr)
        .score(0.6)
        .context(CPR)
        .source("CPR-kontoret, Personnummeret i CPR-systemet; 2026-11"),
    Detector::pattern(Entity::DK_CPR, "[0-9]{6}[- ]?[0-9]{4}")
        .check(checks::dk_cpr_date)
        .score(0.35)
        .context(CPR)
        .source("CPR-kontoret, Personnumre uden kontrolciffer; 2026-11"),
    Detector::pattern(Entity::NO_BIRTH_NUMBER, "[0-9]{6} ?[0-9]{5}")
        .check(checks::no_birth_number)
        .score(0.7)
        .context(NORWEGIAN)
        .source("Skatteetaten, F\u{f8}dselsnummer; 2026-11"),
];

//! Australia.

use crate::{Detector, Entity, checks};

const ABN: &[&str] = &["abn", "australian business number", "business number"];
const ACN: &[&str] = &["acn", "australian company number", "company number", "arbn"];
const TFN: &[&str] = &["tfn", "tax file"];
const MEDICARE: &[&str] = &["medicare"];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::AU_ABN, "[0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}")
        .check(checks::au_abn)
        .score(0.8)
        .context(ABN)
        .source("Australian Business Register, Format of the ABN, abr.business.gov.au; 2026-11"),
    Detector::pattern(Entity::AU_ABN, "[0-9]{11}|[0-9]{2}-[0-9]{3}-[0-9]{3}-[0-9]{3}")
        .check(checks::au_abn)
        .score(0.45)
        .context(ABN)
        .source("Australian Business Register, Format of the ABN, abr.business.gov.au; 2026-11"),
    // Three groups of digits are a large number as well, or columns of a table, so that these need a word.
    Detector::pattern(Entity::AU_ACN, "[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}")
        .check(checks::au_acn)
        .score(0.4)
        .context(ACN)
        .source("ASIC, Australian Company Number digit check; 2026-11"),
    Detector::pattern(Entity::AU_TFN, "[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}")
        .check(checks::au_tfn)
        .score(0.4)
        .context(TFN)
        .source("ATO, TFN algorithm; python-stdnum 2.2 au.tfn; 2026-11"),
    Detector::pattern(Entity::AU_MEDICARE, "[2-6][0-9]{3} [0-9]{5} [0-9](?:[ /-]?[0-9])?")
        .check(checks::au_medicare)
        .score(0.65)
        .context(MEDICARE)
        .source("Services Australia, Medicare card number; microsoft/presidio au_medicare_recognizer; 2026-11"),
    Detector::pattern(Entity::AU_MEDICARE, "[2-6][0-9]{9,10}|[2-6][0-9]{3}-[0-9]{5}-[0-9](?:[ /-]?[0-9])?")
        .check(checks::au_medicare)
        .score(0.4)
        .context(MEDICARE)
        .source("Services Australia, Medicare card number; microsoft/presidio au_medicare_recognizer; 2026-11"),
    Detector::pattern(Entity::AU_PASSPORT, "(?i)[A-Z]{1,2}[0-9]{7}")
        .score(0.3)
        .context(&["australian passport", "australia passport"])
        .source("Australian Passport Office, passports.gov.au; 2026-11"),
];

//! Austria, Croatia, Czechia and Slovakia, Switzerland, Turkey.

use crate::{Detector, Entity, checks};

const AUSTRIAN: &[&str] =
    &["sozialversicherung", "versicherungsnummer", "svnr", "sv-nummer", "sv-nr", "e-card", "social security"];
const AHV: &[&str] = &["ahv", "avs", "sozialversicherung", "social security", "assurance sociale"];
const CZECH: &[&str] =
    &["rodn\u{e9} \u{10d}\u{ed}slo", "rodn\u{e9}", "rodne cislo", "birth number", "r.\u{10d}.", "r\u{10d}"];
const TURKISH: &[&str] =
    &["tc kimlik", "t.c. kimlik", "kimlik", "tckn", "tc no", "n\u{fc}fus", "nufus", "turkish id", "national id"];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::AT_INSURANCE_NUMBER, "[0-9]{4}[ /-][0-9]{6}")
        .check(checks::at_insurance_number)
        .score(0.55)
        .context(AUSTRIAN)
        .source("ASVG \u{a7} 31; Dachverband der Sozialversicherungstr\u{e4}ger; 2026-11"),
    Detector::pattern(Entity::AT_INSURANCE_NUMBER, "[0-9]{10}")
        .check(checks::at_insurance_number)
        .score(0.4)
        .context(AUSTRIAN)
        .source("ASVG \u{a7} 31; Dachverband der Sozialversicherungstr\u{e4}ger; 2026-11"),
    Detector::pattern(Entity::CH_AHV, r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}|756[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{2}")
        .check(checks::ch_ahv)
        .score(0.95)
        .context(AHV)
        .source("AHVG art. 50c; Zentrale Ausgleichsstelle, AHVN13; 2026-11"),
    Detector::pattern(Entity::CH_AHV, "756[0-9]{10}")
        .check(checks::ch_ahv)
        .score(0.6)
        .context(AHV)
        .source("AHVG art. 50c; Zentrale Ausgleichsstelle, AHVN13; 2026-11"),
    Detector::pattern(Entity::CZ_BIRTH_NUMBER, "[0-9]{6}/[0-9]{4}")
        .check(checks::cz_birth_number)
        .score(0.8)
        .context(CZECH)
        .source("Z\u{e1}kon 133/2000 Sb. \u{a7} 13; 2026-11"),
    Detector::pattern(Entity::CZ_BIRTH_NUMBER, "[0-9]{10}")
        .check(checks::cz_birth_number)
        .score(0.4)
        .context(CZECH)
        .source("Z\u{e1}kon 133/2000 Sb. \u{a7} 13; 2026-11"),
    Detector::pattern(Entity::HR_OIB, "[0-9]{11}")
        .check(checks::hr_oib)
        .score(0.35)
        .context(&["oib", "osobni identifikacijski"])
        .source("Zakon o osobnom identifikacijskom broju; ISO/IEC 7064 MOD 11,10; 2026-11"),
    // One in 110 eleven-digit numbers passes.
    Detector::pattern(Entity::TR_NATIONAL_ID, "[1-9][0-9]{10}")
        .check(checks::tr_national_id)
        .score(0.45)
        .context(TURKISH)
        .source("N\u{fc}fus ve Vatanda\u{15f}l\u{131}k \u{130}\u{15f}leri, tckimlik.nvi.gov.tr; 2026-11"),
];

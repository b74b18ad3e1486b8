//! Belgium, Ireland, the Netherlands.

use crate::{Detector, Entity, checks};

const BSN: &[&str] = &["bsn", "burgerservice", "sofi", "citizen service number", "dutch id"];
const BELGIAN: &[&str] = &[
    "rijksregister",
    "registre national",
    "num\u{e9}ro national",
    "numero national",
    "insz",
    "niss",
    "national register",
    "belgian id",
];
const PPS: &[&str] = &["pps", "ppsn", "personal public service", "uimhir", "irish tax"];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(
        Entity::NL_BSN,
        r"[0-9]{8,9}|[0-9]{4}[. ][0-9]{2}[. ][0-9]{3}|[0-9]{3}[. -][0-9]{3}[. -][0-9]{3}",
    )
    .check(checks::nl_bsn)
    .score(0.4)
    .context(BSN)
    .source("Rijksdienst voor Identiteitsgegevens, elfproef BSN; 2026-11"),
    Detector::pattern(Entity::NL_PASSPORT, "(?i)[A-NP-Z]{2}[A-NP-Z0-9]{6}[0-9]")
        .score(0.3)
        .context(&["paspoort", "identiteitskaart", "dutch passport", "documentnummer"])
        .source("Rijksdienst voor Identiteitsgegevens, documentnummer (no letter O); 2026-11"),
    Detector::pattern(Entity::BE_NATIONAL_NUMBER, r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}")
        .check(checks::be_national_number)
        .score(0.95)
        .context(BELGIAN)
        .source("Royal decree of 3 April 1984; ibz.rrn.fgov.be; 2026-11"),
    // One in 430 eleven-digit numbers passes.
    Detector::pattern(Entity::BE_NATIONAL_NUMBER, "[0-9]{11}|[0-9]{6}[ -][0-9]{3}[ -][0-9]{2}")
        .check(checks::be_national_number)
        .score(0.5)
        .context(BELGIAN)
        .source("Royal decree of 3 April 1984; ibz.rrn.fgov.be; 2026-11"),
    Detector::pattern(Entity::IE_PPS, "[0-9]{7}[A-W][A-IW]")
        .check(checks::ie_pps)
        .score(0.6)
        .context(PPS)
        .source("Revenue Commissioners, revenue.ie, PPS number; 2026-11"),
    Detector::pattern(Entity::IE_PPS, "(?i)[0-9]{7} ?[A-W][A-IW]?")
        .check(checks::ie_pps)
        .score(0.4)
        .context(PPS)
        .source("Revenue Commissioners, revenue.ie, PPS number; 2026-11"),
];

//! India.

use crate::{Detector, Entity, checks};

const AADHAAR: &[&str] = &["aadhaar", "aadhar", "adhaar", "uidai", "\u{906}\u{927}\u{93e}\u{930}", "enrolment id"];
const PAN: &[&str] = &["pan", "permanent account", "income tax", "\u{92a}\u{948}\u{928}"];
const GSTIN: &[&str] = &["gstin", "gst", "goods and services tax"];

pub(in super::super) const ALL: &[Detector] = &[
    // Numbers of invoices begin with a year, so that what begins like one needs a word.
    Detector::pattern(Entity::IN_AADHAAR, "(?:2[1-9]|[3-9][0-9])[0-9]{2}[-:][0-9]{4}[-:][0-9]{4}")
        .check(checks::in_aadhaar)
        .score(0.6)
        .context(AADHAAR)
        .source("UIDAI, Aadhaar numbering; Verhoeff; 2026-11"),
    // With blanks they may be columns of a table.
    Detector::pattern(Entity::IN_AADHAAR, "[2-9][0-9]{3} ?[0-9]{4} ?[0-9]{4}|20[0-9]{2}[-:][0-9]{4}[-:][0-9]{4}")
        .check(checks::in_aadhaar)
        .score(0.45)
        .context(AADHAAR)
        .source("UIDAI, Aadhaar numbering; Verhoeff; 2026-11"),
    // The fourth letter says whose it is: a person's, a company's, a trust's.
    Detector::pattern(Entity::IN_PAN, "[A-Z]{3}[ABCEFGHJKLPT][A-Z][0-9]{4}[A-Z]")
        .score(0.6)
        .context(PAN)
        .source("Income Tax Department, Rule 114, structure of PAN; 2026-11"),
    Detector::pattern(Entity::IN_PAN, "(?i)[A-Z]{5}[0-9]{4}[A-Z]")
        .score(0.2)
        .context(PAN)
        .source("Income Tax Department, Rule 114, structure of PAN; 2026-11"),
    Detector::pattern(Entity::IN_GSTIN, "(?i)[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]")
        .check(checks::in_gstin)
        .score(0.95)
        .context(GSTIN)
        .source("GSTN, Structure of GSTIN, gst.gov.in; 2026-11"),
    Detector::pattern(Entity::IN_GSTIN, "(?i)(?:0[1-9]|[12][0-9]|3[0-7])[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]")
        .score(0.6)
        .context(GSTIN)
        .source("GSTN, Structure of GSTIN, gst.gov.in; 2026-11"),
    Detector::pattern(Entity::IN_PASSPORT, "(?i)[A-Z][1-9][0-9] ?[0-9]{4}[1-9]")
        .check(checks::varied)
        .score(0.35)
        .context(&["passport", "\u{92a}\u{93e}\u{938}\u{92a}\u{94b}\u{930}\u{94d}\u{91f}"])
        .source(
            "Ministry of External Affairs, passportindia.gov.in; microsoft/presidio in_passport_recognizer; 2026-11",
        ),
    Detector::pattern(Entity::IN_VOTER_ID, "(?i)[A-Z]{3}/?[0-9]{7}")
        .score(0.3)
        .context(&["voter", "epic", "elector", "election", "\u{92e}\u{924}\u{926}\u{93e}\u{924}\u{93e}"])
        .source("Election Commission of India, EPIC; 2026-11"),
    Detector::pattern(Entity::IN_DRIVING_LICENCE, "(?i)[A-Z]{2}[ -]?[0-9]{2}[ -]?(?:19|20)[0-9]{2}[ -]?[0-9]{7}")
        .score(0.5)
        .context(&["driving licen", "driver licen", "dl no", "dl number", "licence no", "sarathi", "rto"])
        .source("Ministry of Road Transport and Highways, sarathi.parivahan.gov.in; 2026-11"),
];

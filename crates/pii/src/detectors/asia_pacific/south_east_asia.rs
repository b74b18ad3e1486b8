//! Philippines, Singapore, Thailand.

use crate::{Detector, Entity, checks};

const NRIC: &[&str] =
    &["nric", "fin", "ic number", "ic no", "identity card", "singpass", "work permit", "foreign identification"];
const UEN: &[&str] = &["uen", "unique entity", "acra", "gst reg", "company registration"];
const THAI: &[&str] = &[
    "\u{e1b}\u{e23}\u{e30}\u{e08}\u{e33}\u{e15}\u{e31}\u{e27}\u{e1b}\u{e23}\u{e30}\u{e0a}\u{e32}\u{e0a}\u{e19}",
    "\u{e1a}\u{e31}\u{e15}\u{e23}\u{e1b}\u{e23}\u{e30}\u{e0a}\u{e32}\u{e0a}\u{e19}",
    "\u{e40}\u{e25}\u{e02}\u{e1a}\u{e31}\u{e15}\u{e23}\u{e1b}\u{e23}\u{e30}\u{e0a}\u{e32}\u{e0a}\u{e19}",
    "\u{e2b}\u{e21}\u{e32}\u{e22}\u{e40}\u{e25}\u{e02}\u{e1a}\u{e31}\u{e15}\u{e23}\u{e1b}\u{e23}\u{e30}\u{e0a}\u{e32}\u{e0a}\u{e19}",
    "\u{e40}\u{e25}\u{e02}\u{e17}\u{e35}\u{e48}\u{e1a}\u{e31}\u{e15}\u{e23}\u{e1b}\u{e23}\u{e30}\u{e0a}\u{e32}\u{e0a}\u{e19}",
    "\u{e40}\u{e25}\u{e02}\u{e1b}\u{e23}\u{e30}\u{e08}\u{e33}\u{e15}\u{e31}\u{e27}",
    "thai id",
    "thai national",
    "tnin",
    "citizen id",
    "national id",
];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::SG_NRIC, "[STFGM][0-9]{7}[A-Z]")
        .check(checks::sg_nric)
        .score(0.9)
        .context(NRIC)
        .source("ICA, ica.gov.sg, NRIC and FIN; M series of 2022; 2026-11"),
    Detector::pattern(Entity::SG_NRIC, "(?i)[STFGM][0-9]{7}[A-Z]")
        .check(checks::sg_nric)
        .score(0.6)
        .context(NRIC)
        .source("ICA, ica.gov.sg, NRIC and FIN; M series of 2022; 2026-11"),
    // With a letter that is not the right one.
    Detector::pattern(Entity::SG_NRIC, "(?i)[STFGM][0-9]{7}[A-Z]")
        .check(checks::varied)
        .score(0.4)
        .context(NRIC)
        .source("ICA, ica.gov.sg, NRIC and FIN; M series of 2022; 2026-11"),
    Detector::pattern(Entity::SG_UEN, "[0-9]{8,9}[A-Z]")
        .check(checks::sg_uen)
        .score(0.5)
        .context(UEN)
        .source("ACRA, uen.gov.sg; python-stdnum 2.2 sg.uen; 2026-11"),
    Detector::pattern(Entity::SG_UEN, "[RST][0-9]{2}[A-Z]{2}[0-9]{4}[A-Z0-9]")
        .check(checks::sg_uen)
        .score(0.8)
        .context(UEN)
        .source("ACRA, uen.gov.sg; python-stdnum 2.2 sg.uen; 2026-11"),
    Detector::pattern(Entity::TH_NATIONAL_ID, "[1-9][ -][0-9]{4}[ -][0-9]{5}[ -][0-9]{2}[ -][0-9]")
        .check(checks::th_national_id)
        .score(0.9)
        .context(THAI)
        .source("Department of Provincial Administration of Thailand, dopa.go.th; 2026-11"),
    Detector::pattern(Entity::TH_NATIONAL_ID, "[1-9][0-9]{12}")
        .check(checks::th_national_id)
        .score(0.4)
        .context(THAI)
        .source("Department of Provincial Administration of Thailand, dopa.go.th; 2026-11"),
    Detector::pattern(Entity::PH_UMID, "[0-9]{4}-[0-9]{7}-[0-9]")
        .score(0.5)
        .context(&["umid", "unified multi", "crn", "common reference", "sss", "gsis", "philhealth", "pag-ibig"])
        .source("Social Security System, UMID; microsoft/presidio ph_umid_recognizer; 2026-11"),
    Detector::pattern(Entity::PH_UMID, "[0-9]{12}")
        .score(0.25)
        .context(&["umid", "unified multi", "common reference"])
        .source("Social Security System, UMID; microsoft/presidio ph_umid_recognizer; 2026-11"),
];

//! The United Kingdom.

use std::ops::Range;

use super::documents;
use crate::{Detector, Entity, Form, Trigger, checks};

const NHS: &[&str] = &["nhs", "national health service", "health service", "chi number", "h&c number", "patient"];
const TELEPHONE: &[&str] = &["phone", "telephone", "tel", "call", "mobile", "cell", "fax", "whatsapp", "sms", "dial"];
const NINO: &[&str] = &["nino", "national insurance", "ni number", "ni no", "insurance number"];
const SORT_CODE: &[&str] = &["sort code", "sortcode"];
const LICENCE: &[&str] =
    &["driving licen", "driver licen", "driver number", "driver's licen", "licence number", "dvla"];

pub(super) const ALL: &[Detector] = &[
    // Numbers of telephones in America are written alike, and one in eleven passes.
    Detector::pattern(Entity::UK_NHS, "[0-9]{3} [0-9]{3} [0-9]{4}|[0-9]{3}-[0-9]{3}-[0-9]{4}")
        .check(checks::uk_nhs)
        .score(0.5)
        .context(NHS)
        .against(TELEPHONE)
        .source("NHS Data Dictionary, NHS Number, datadictionary.nhs.uk; 2026-11"),
    Detector::pattern(Entity::UK_NHS, "[0-9]{10}")
        .check(checks::uk_nhs)
        .score(0.4)
        .context(NHS)
        .source("NHS Data Dictionary, NHS Number, datadictionary.nhs.uk; 2026-11"),
    Detector::pattern(Entity::UK_NINO, "[A-Z]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-D]")
        .check(checks::uk_nino)
        .score(0.8)
        .context(NINO)
        .source("HMRC, National Insurance Manual NIM39110; 2026-11"),
    Detector::pattern(Entity::UK_NINO, "(?i)[A-Z]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-D]")
        .check(checks::uk_nino)
        .score(0.5)
        .context(NINO)
        .source("HMRC, National Insurance Manual NIM39110; 2026-11"),
    Detector::pattern(Entity::UK_SORT_CODE, "[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{2} [0-9]{2} [0-9]{2}")
        .score(0.35)
        .context(SORT_CODE)
        .source("Pay.UK, Extended Industry Sort Code Directory; 2026-11"),
    Detector::new(Entity::UK_SORT_CODE, Form::Around(Trigger::Digits, sort_code))
        .score(0.35)
        .context(SORT_CODE)
        .source("Pay.UK, Extended Industry Sort Code Directory; 2026-11"),
    Detector::pattern(Entity::UK_BANK_ACCOUNT, "[0-9]{8}|[0-9]{4} [0-9]{4}")
        .score(0.25)
        .context(SORT_CODE)
        .source("Pay.UK, Validating account numbers (eight digits); 2026-11"),
    Detector::pattern(Entity::UK_PASSPORT, "[0-9]{9}")
        .score(0.3)
        .context(&["uk passport", "british passport", "hmpo", "hm passport", "united kingdom passport", "gbr"])
        .source("HM Passport Office, basic passport checks (nine digits), gov.uk; 2026-11"),
    Detector::pattern(Entity::UK_PASSPORT, "(?i)[A-Z]{2}[0-9]{7}")
        .score(0.2)
        .context(&["passport", "travel document", "hmpo"])
        .source("microsoft/presidio, uk_passport_recognizer (two letters, seven digits); 2026-11"),
    Detector::pattern(Entity::UK_DRIVING_LICENCE, "(?i)[A-Z9]{5}[0-9]{6}[A-Z9]{2}[A-Z0-9][A-Z]{2}")
        .check(checks::uk_driving_licence)
        .score(0.85)
        .context(LICENCE)
        .source("DVLA, INF45, the driver number explained; 2026-11"),
    // Northern Ireland.
    Detector::pattern(Entity::UK_DRIVING_LICENCE, "[0-9]{8}")
        .score(0.2)
        .context(&["uk driving licen", "northern ireland", "dva"])
        .source("DVA, nidirect.gov.uk (eight digits); 2026-11"),
];

fn sort_code(text: &str, at: usize) -> Option<Range<usize>> {
    documents::digits(text, at, 6..=6)
}

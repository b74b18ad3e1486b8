//! The United States.

use std::ops::Range;

use super::{
    documents,
    scan::{before, ends_word, run_on, starts_word},
};
use crate::{Detector, Entity, Form, Trigger, checks};

const SSN: &[&str] = &["ssn", "social security", "social sec", "soc sec", "ss number", "ss no", "ss#", "social"];
const SOCIAL_MEDIA: &[&str] = &["social media", "social network"];
const ITIN: &[&str] = &["itin", "individual taxpayer", "taxpayer", "tax payer", "tax id", "tin"];
const PASSPORT: &[&str] = &["passport", "travel document"];
const LICENCE: &[&str] = &[
    "driver licen",
    "driver lic",
    "drivers licen",
    "drivers lic",
    "driver's licen",
    "driver\u{2019}s licen",
    "driver's lic",
    "driving licen",
    "driving lic",
    "license number",
    "licence number",
    "license no",
    "licence no",
    "license #",
    "license is",
    "licence is",
    "learner's permit",
    "learners permit",
    "dmv",
    "dl#",
    "dl number",
    "dl no",
    "cdl",
];
const ACCOUNT: &[&str] = &[
    "account number",
    "account num",
    "account no",
    "account #",
    "accountnumber",
    "acct",
    "bank account",
    "bank acct",
    "banking account",
    "checking account",
    "savings account",
    "deposit account",
    "my account",
    "account is ",
    "to account",
    "from account",
    "direct deposit",
    "routing number",
    "routing no",
];
const ROUTING: &[&str] = &["routing", "aba", "rtn", "rtn/micr", "fedwire", "wire transfer", "ach", "transit number"];

pub(super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::US_SSN, r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
        .check(checks::us_ssn)
        .score(0.75)
        .context(SSN)
        .against(SOCIAL_MEDIA)
        .source("SSA, Social Security Number Randomization, ssa.gov/employer/randomization.html; 2026-11"),
    Detector::pattern(Entity::US_SSN, r"[0-9]{3} [0-9]{2} [0-9]{4}|[0-9]{3}\.[0-9]{2}\.[0-9]{4}")
        .check(checks::us_ssn)
        .score(0.5)
        .context(SSN)
        .against(SOCIAL_MEDIA)
        .source("SSA, Social Security Number Randomization, ssa.gov/employer/randomization.html; 2026-11"),
    Detector::pattern(Entity::US_SSN, "[0-9]{9}|[0-9]{5}-[0-9]{4}|[0-9]{3}-[0-9]{6}")
        .check(checks::us_ssn)
        .score(0.25)
        .context(SSN)
        .against(SOCIAL_MEDIA)
        .source("SSA, Social Security Number Randomization, ssa.gov/employer/randomization.html; 2026-11"),
    // Whoever tries a redaction out types one of these.
    Detector::new(Entity::US_SSN, Form::Around(Trigger::Digits, example_ssn))
        .score(0.25)
        .context(SSN)
        .source("SSA, ssa.gov/history/ssn/misused.html; 2026-11"),
    Detector::pattern(Entity::US_ITIN, "9[0-9]{2}-[0-9]{2}-[0-9]{4}|9[0-9]{2} [0-9]{2} [0-9]{4}")
        .check(checks::us_itin)
        .score(0.6)
        .context(ITIN)
        .source("IRS, IRM 3.21.263 (range of the group); 2026-11"),
    Detector::pattern(Entity::US_ITIN, "9[0-9]{4}[ -]?[0-9]{4}|9[0-9]{2}[ -]?[0-9]{6}")
        .check(checks::us_itin)
        .score(0.3)
        .context(ITIN)
        .source("IRS, IRM 3.21.263 (range of the group); 2026-11"),
    Detector::pattern(Entity::US_PASSPORT, "[0-9]{9}|(?i:[A-Z])[0-9]{8}")
        .score(0.2)
        .context(PASSPORT)
        .source("Department of State, travel.state.gov, Next Generation Passport; 2026-11"),
    // A letter first, as in most states; two or three of New Hampshire, North Dakota, Ohio, Idaho, West Virginia and
    // Washington; letters within or behind of Iowa, New Hampshire, Missouri, Vermont.
    Detector::pattern(
        Entity::US_DRIVING_LICENCE,
        concat!(
            "(?i)[A-Z][0-9]{6,14}|[A-Z][0-9]{18}|[A-Z]{2,3}[0-9]{5,8}[A-Z]?|[A-Z][0-9]{5,9}R|WDL[A-Z0-9]{9}|[A-Z][A-Z0-9*]{10}[0-9]",
            "|[0-9]{3}[A-Z]{2}[0-9]{4}|[0-9]{2}[A-Z]{3}[0-9]{5}|[0-9]{7,9}[A-Z]|[0-9]{8}[A-Z]{2}",
            "|[A-Z][0-9]{3}-[0-9]{4}-[0-9]{4}|[A-Z][0-9]{3}-[0-9]{3}-[0-9]{2}-[0-9]{3}-[0-9]|[A-Z][0-9]{2}-[0-9]{2}-[0-9]{4}",
            "|[A-Z][0-9]{4}[ -][0-9]{5}[ -][0-9]{5}|[A-Z][0-9]{3}(?:-[0-9]{3}){2}-[0-9]{3}",
            "|[A-Z][0-9]{3}-[0-9]{4}-[0-9]{4}-[0-9]{2}|[A-Z](?: [0-9]{3}){4}|[A-Z](?:-[0-9]{3}){4}",
        ),
    )
    .score(0.3)
    .context(LICENCE)
    .source("AAMVA and the states' forms as ntsi.com/drivers-license-format lists them; 2026-11"),
    Detector::new(Entity::US_DRIVING_LICENCE, Form::Around(Trigger::Digits, licence_digits))
        .score(0.15)
        .context(LICENCE)
        .source("AAMVA and the states' forms as ntsi.com/drivers-license-format lists them; 2026-11"),
    Detector::pattern(Entity::US_DRIVING_LICENCE, "[0-9]{3} [0-9]{3} [0-9]{3}|[0-9]{4}-[0-9]{2}-[0-9]{4}")
        .score(0.15)
        .context(LICENCE)
        .source("AAMVA and the states' forms as ntsi.com/drivers-license-format lists them; 2026-11"),
    Detector::pattern(Entity::US_ROUTING_NUMBER, "[0-9]{4}-[0-9]{4}-[0-9]")
        .check(checks::us_routing_number)
        .score(0.7)
        .context(ROUTING)
        .source("American Bankers Association, Routing Number Policy; Federal Reserve prefixes; 2026-11"),
    Detector::pattern(Entity::US_ROUTING_NUMBER, "[0-9]{9}")
        .check(checks::us_routing_number)
        .score(0.4)
        .context(ROUTING)
        .source("American Bankers Association, Routing Number Policy; Federal Reserve prefixes; 2026-11"),
    Detector::pattern(Entity::US_BANK_ACCOUNT, "[0-9]{8,17}")
        .score(0.2)
        .context(ACCOUNT)
        .source("Nacha Operating Rules, DFI account number: 17 places at most; 2026-11"),
];

fn licence_digits(text: &str, at: usize) -> Option<Range<usize>> {
    documents::digits(text, at, 7..=14)
}

/// A number of examples: it is nobody's where it stands alone, so that only a word lets it count.
fn example_ssn(text: &str, at: usize) -> Option<Range<usize>> {
    let end = run_on(text, at, 11, |byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'.' | b'-'));
    let is_form = |end: &usize| matches!(end - at, 9 | 11) && ends_word(text, *end);
    let end = [end.min(at + 11), at + 9].into_iter().filter(is_form).find(|end| {
        let shown = text.get(at..*end).unwrap_or_default();
        let parts: Vec<_> = shown.split([' ', '.', '-']).map(str::len).collect();
        matches!(parts[..], [9] | [3, 2, 4]) && checks::us_ssn_example(shown)
    })?;
    (starts_word(text, at) && !matches!(before(text, at), Some(b'-' | b'.'))).then_some(at..end)
}

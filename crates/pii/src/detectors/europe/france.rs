//! France.

use crate::{Detector, Entity, checks};

const NIR: &[&str] = &[
    "nir",
    "s\u{e9}curit\u{e9} sociale",
    "securite sociale",
    "num\u{e9}ro de s\u{e9}cu",
    "n\u{b0} s\u{e9}cu",
    "num\u{e9}ro insee",
    "carte vitale",
    "assurance maladie",
    "social security",
    "insee",
];
const ID_CARD: &[&str] =
    &["carte nationale d'identit", "carte d'identit", "carte d\u{2019}identit", "cni", "cnie", "french id"];
const PASSPORT: &[&str] = &["passeport", "passport"];
const LICENCE: &[&str] = &["permis de conduire", "permis n", "num\u{e9}ro de permis", "french driving licen"];
const TAX_ID: &[&str] = &[
    "num\u{e9}ro fiscal",
    "numero fiscal",
    "r\u{e9}f\u{e9}rence fiscale",
    "spi",
    "imp\u{f4}t",
    "avis d'imp",
    "tax id",
    "tin",
];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(
        Entity::FR_NIR,
        concat!(
            "(?i)[1-478][ .-][0-9]{2}[ .-]?[0-9]{2}[ .-]?(?:[0-9]{2}|2[AB])[ .-]?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{2}",
            "|[12][0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2}|2[AB])[0-9]{6} ?[0-9]{2}",
        ),
    )
    .check(checks::fr_nir)
    .score(0.9)
    .context(NIR)
    .source("Insee, D\u{e9}finition du NIR; D\u{e9}cret 82-103; 2026-11"),
    // Rarer kinds as bare digits: of a birthday that is not known in full, of those that are still being registered.
    Detector::pattern(Entity::FR_NIR, "(?i)[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8}")
        .check(checks::fr_nir)
        .score(0.45)
        .context(NIR)
        .source("Insee, D\u{e9}finition du NIR; D\u{e9}cret 82-103; 2026-11"),
    // Without its key, or with a wrong one.
    Detector::pattern(
        Entity::FR_NIR,
        "(?i)[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9]) ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3}(?: ?[0-9]{2})?",
    )
    .score(0.2)
    .context(NIR)
    .source("Insee, D\u{e9}finition du NIR; D\u{e9}cret 82-103; 2026-11"),
    Detector::pattern(Entity::FR_ID_CARD, "(?i)[0-9]{12}|[A-Z0-9]{9}")
        .check(has_digit)
        .score(0.2)
        .context(ID_CARD)
        .source("ANTS, carte nationale d'identit\u{e9}: 12 digits, 9 signs since 2021; 2026-11"),
    Detector::pattern(Entity::FR_PASSPORT, "(?i)[0-9]{2}[A-Z]{2}[0-9]{5}")
        .score(0.35)
        .context(PASSPORT)
        .source("ANTS, passeport: two digits, two letters, five digits; 2026-11"),
    Detector::pattern(Entity::FR_DRIVING_LICENCE, "(?i)[0-9]{12}|[0-9]{2}[A-Z]{2}[0-9]{5}")
        .score(0.3)
        .context(LICENCE)
        .source("ANTS, permis de conduire, field 5; 2026-11"),
    // One in 1,280 thirteen-digit numbers passes; those that begin with 1 are points in time more often.
    Detector::pattern(Entity::FR_TAX_ID, "[0-3][0-9] [0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}|[023][0-9]{12}")
        .check(checks::fr_spi)
        .score(0.5)
        .context(TAX_ID)
        .source("OECD, Tax Identification Numbers: France; python-stdnum 2.2 fr.nif; 2026-11"),
    Detector::pattern(Entity::FR_TAX_ID, "1[0-9]{12}")
        .check(checks::fr_spi)
        .score(0.45)
        .context(TAX_ID)
        .source("OECD, Tax Identification Numbers: France; python-stdnum 2.2 fr.nif; 2026-11"),
];

/// `NATIONALE` has nine letters, and stands next to many a card.
fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

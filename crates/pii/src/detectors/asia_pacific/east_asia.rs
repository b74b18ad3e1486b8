//! China, Japan, South Korea.

use crate::{Detector, Entity, checks};

const CHINESE: &[&str] = &[
    "\u{8eab}\u{4efd}\u{8bc1}",
    "\u{8eab}\u{5206}\u{8b49}",
    "\u{516c}\u{6c11}\u{8eab}\u{4efd}",
    "resident id",
    "chinese id",
    "id card",
    "shenfenzheng",
];
const MY_NUMBER: &[&str] = &[
    "\u{30de}\u{30a4}\u{30ca}\u{30f3}\u{30d0}\u{30fc}",
    "\u{500b}\u{4eba}\u{756a}\u{53f7}",
    "my number",
    "mynumber",
    "individual number",
    "kojin bango",
];
const RRN: &[&str] = &[
    "\u{c8fc}\u{bbfc}\u{b4f1}\u{b85d}",
    "\u{c8fc}\u{bbfc}\u{bc88}\u{d638}",
    "rrn",
    "resident registration",
    "korean id",
    "jumin",
];
const FRN: &[&str] = &[
    "\u{c678}\u{ad6d}\u{c778}\u{b4f1}\u{b85d}",
    "\u{c678}\u{ad6d}\u{c778}",
    "frn",
    "arc",
    "foreigner registration",
    "alien registration",
];
const KR_LICENCE: &[&str] = &[
    "\u{c6b4}\u{c804}\u{ba74}\u{d5c8}",
    "\u{ba74}\u{d5c8}\u{bc88}\u{d638}",
    "korean driver",
    "driver licen",
    "driver's licen",
    "driving licen",
];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::CN_RESIDENT_ID, "[1-8][0-9]{16}[0-9Xx]")
        .check(checks::cn_resident_id)
        .score(0.95)
        .context(CHINESE)
        .source("GB 11643-1999; provinces by GB/T 2260; 2026-11"),
    // From before October 1999: the year in two digits, nothing to check.
    Detector::pattern(Entity::CN_RESIDENT_ID, "[1-8][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}")
        .score(0.2)
        .context(CHINESE)
        .source("GB 11643-1989; 2026-11"),
    Detector::pattern(Entity::CN_PASSPORT, "(?i)[DEGPS][A-Z0-9]?[0-9]{7}|1[45][0-9]{7}")
        .score(0.3)
        .context(&["\u{62a4}\u{7167}", "\u{8b77}\u{7167}", "chinese passport", "china passport"])
        .source("National Immigration Administration, en.nia.gov.cn; 2026-11"),
    Detector::pattern(Entity::JP_MY_NUMBER, "[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}")
        .check(checks::jp_my_number)
        .score(0.4)
        .context(MY_NUMBER)
        .source("Ordinance 85/2014 of the Ministry of Internal Affairs, article 5; 2026-11"),
    Detector::pattern(Entity::JP_PASSPORT, "(?i)[A-Z]{2}[0-9]{7}")
        .score(0.3)
        .context(&[
            "\u{65c5}\u{5238}",
            "\u{30d1}\u{30b9}\u{30dd}\u{30fc}\u{30c8}",
            "japanese passport",
            "japan passport",
        ])
        .source("Ministry of Foreign Affairs of Japan, mofa.go.jp; 2026-11"),
    Detector::pattern(Entity::JP_DRIVING_LICENCE, "[0-9]{12}")
        .score(0.3)
        .context(&[
            "\u{904b}\u{8ee2}\u{514d}\u{8a31}",
            "\u{514d}\u{8a31}\u{8a3c}",
            "japanese driver",
            "japanese driving",
        ])
        .source("National Police Agency, twelve digits of the licence; 2026-11"),
    Detector::pattern(Entity::KR_RRN, "[0-9]{6}-[1-4][0-9]{6}")
        .check(checks::kr_rrn)
        .score(0.95)
        .context(RRN)
        .source("Resident Registration Act, enforcement rule; 2026-11"),
    // Since October 2020 the last six digits are random.
    Detector::pattern(Entity::KR_RRN, "[0-9]{6}-[1-4][0-9]{6}")
        .check(checks::kr_rrn_date)
        .score(0.6)
        .context(RRN)
        .source("Resident Registration Act, enforcement rule, October 2020; 2026-11"),
    // One in 700 thirteen-digit numbers passes.
    Detector::pattern(Entity::KR_RRN, "[0-9]{6}[1-4][0-9]{6}")
        .check(checks::kr_rrn)
        .score(0.55)
        .context(RRN)
        .source("Resident Registration Act, enforcement rule; 2026-11"),
    Detector::pattern(Entity::KR_RRN, "[0-9]{6}[1-4][0-9]{6}")
        .check(checks::kr_rrn_date)
        .score(0.3)
        .context(RRN)
        .source("Resident Registration Act, enforcement rule, October 2020; 2026-11"),
    Detector::pattern(Entity::KR_FRN, "[0-9]{6}-[5-8][0-9]{6}")
        .check(checks::kr_rrn_date)
        .score(0.6)
        .context(FRN)
        .source("Immigration Act, enforcement rule; microsoft/presidio kr_frn_recognizer; 2026-11"),
    Detector::pattern(Entity::KR_FRN, "[0-9]{6}-?[5-8][0-9]{6}")
        .check(checks::kr_frn)
        .score(0.55)
        .context(FRN)
        .source("Immigration Act, enforcement rule; microsoft/presidio kr_frn_recognizer; 2026-11"),
    Detector::pattern(Entity::KR_PASSPORT, "(?i)[MSROD][0-9]{3}[A-Z][0-9]{4}")
        .score(0.35)
        .context(&["passport", "\u{c5ec}\u{ad8c}"])
        .source("Ministry of Foreign Affairs of Korea, passport.go.kr (since December 2021); 2026-11"),
    Detector::pattern(Entity::KR_PASSPORT, "(?i)[MSROD][0-9]{8}")
        .score(0.3)
        .context(&["korean passport", "korea passport", "\u{c5ec}\u{ad8c}"])
        .source("Ministry of Foreign Affairs of Korea, passport.go.kr; 2026-11"),
    Detector::pattern(
        Entity::KR_DRIVING_LICENCE,
        "(?:1[1-9]|2[0-68])-[0-9]{2}-[0-9]{6}-[0-9]{2}|(?:1[1-9]|2[0-68]) [0-9]{2} [0-9]{6} [0-9]{2}",
    )
    .score(0.5)
    .context(KR_LICENCE)
    .source("Korean National Police Agency; microsoft/presidio kr_driver_license_recognizer; 2026-11"),
    Detector::pattern(Entity::KR_DRIVING_LICENCE, "(?:1[1-9]|2[0-68])[0-9]{10}")
        .score(0.3)
        .context(KR_LICENCE)
        .source("Korean National Police Agency; microsoft/presidio kr_driver_license_recognizer; 2026-11"),
];

//! Africa.

use crate::{Detector, Entity, checks};

pub(super) const ALL: &[Detector] = &[
    // One in 4,000 thirteen-digit numbers passes.
    Detector::pattern(Entity::ZA_ID, "[0-9]{13}|[0-9]{6} [0-9]{4} [0-9]{3}")
        .check(checks::za_id)
        .score(0.6)
        .context(&["south african id", "id number", "identity number", "rsa id", "sa id", "smart id", "id no"])
        .source("Identification Act 68 of 1997; Department of Home Affairs; Luhn; 2026-11"),
    Detector::pattern(Entity::NG_NIN, "[0-9]{11}|[0-9]{4}[ -][0-9]{3}[ -][0-9]{4}")
        .check(checks::ng_nin)
        .score(0.35)
        .context(&["nin", "national identification number", "national identity", "nimc"])
        .source("NIMC, nimc.gov.ng; microsoft/presidio ng_nin_recognizer; Verhoeff; 2026-11"),
];

//! Poland.

use crate::{Detector, Entity, checks};

pub(in super::super) const ALL: &[Detector] = &[
    // One in 180 eleven-digit numbers passes.
    Detector::pattern(Entity::PL_PESEL, "[0-9]{11}")
        .check(checks::pl_pesel)
        .score(0.5)
        .context(&["pesel", "numer ewidencyjny"])
        .source("Ustawa o ewidencji ludno\u{15b}ci art. 15; gov.pl, Czym jest numer PESEL; 2026-11"),
    // As somebody types it who errs by a digit.
    Detector::pattern(Entity::PL_PESEL, "[0-9]{2}(?:[02][1-9]|[13][0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{5}")
        .score(0.2)
        .context(&["pesel", "numer ewidencyjny"])
        .source("Ustawa o ewidencji ludno\u{15b}ci art. 15; gov.pl, Czym jest numer PESEL; 2026-11"),
    Detector::pattern(Entity::PL_NIP, "[0-9]{3}-[0-9]{3}-[0-9]{2}-[0-9]{2}|[0-9]{3}-[0-9]{2}-[0-9]{2}-[0-9]{3}")
        .check(checks::pl_nip)
        .score(0.7)
        .context(&["nip", "identyfikacji podatkowej", "vat"])
        .source("Ustawa o zasadach ewidencji i identyfikacji podatnik\u{f3}w; 2026-11"),
    Detector::pattern(Entity::PL_NIP, "[0-9]{10}|PL ?[0-9]{10}")
        .check(checks::pl_nip)
        .score(0.35)
        .context(&["nip", "identyfikacji podatkowej", "vat"])
        .source("Ustawa o zasadach ewidencji i identyfikacji podatnik\u{f3}w; 2026-11"),
    Detector::pattern(Entity::PL_REGON, "[0-9]{9}")
        .check(checks::pl_regon)
        .score(0.35)
        .context(&["regon"])
        .source("GUS, Rejestr REGON; 2026-11"),
    Detector::pattern(Entity::PL_ID_CARD, "(?i)[A-Z]{3} ?[0-9]{6}")
        .check(checks::pl_id_card)
        .score(0.45)
        .context(&["dow\u{f3}d", "dowod osobist", "dowodu", "dowodem", "polish id", "id card", "identity card"])
        .source(
            "ICAO Doc 9303 weights; python-stdnum 2.2 has none, checked against gov.pl's sample ABA300000; 2026-11",
        ),
];

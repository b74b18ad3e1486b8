//! Spain and Portugal.

use crate::{Detector, Entity, checks};

const NIF: &[&str] =
    &["nif", "dni", "documento nacional", "identificaci\u{f3}n fiscal", "c.i.f", "cif", "d.n.i", "n.i.f"];
const NIE: &[&str] = &["nie", "extranjero", "identidad de extranjero", "residencia", "n.i.e"];
const PT_NIF: &[&str] =
    &["nif", "contribuinte", "finan\u{e7}as", "n\u{fa}mero de identifica\u{e7}\u{e3}o fiscal", "nipc"];

pub(in super::super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::ES_NIF, r"[0-9]{7,8}[ -]?[A-Z]|[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}[ -]?[A-Z]")
        .check(checks::es_nif)
        .score(0.6)
        .context(NIF)
        .source("Ministerio del Interior, C\u{e1}lculo del d\u{ed}gito de control del NIF/NIE; 2026-11"),
    Detector::pattern(Entity::ES_NIF, r"(?i)[0-9]{7,8}[ -]?[A-Z]|[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}[ -]?[A-Z]")
        .check(checks::es_nif)
        .score(0.4)
        .context(NIF)
        .source("Ministerio del Interior, C\u{e1}lculo del d\u{ed}gito de control del NIF/NIE; 2026-11"),
    // Children, residents abroad, foreigners without a NIE; then companies.
    Detector::pattern(Entity::ES_NIF, "[KLM][ -]?[0-9]{7}[ -]?[A-Z]")
        .check(checks::es_nif_special)
        .score(0.7)
        .context(NIF)
        .source("Orden EHA/451/2008; Real Decreto 1065/2007, articles 19 to 23; 2026-11"),
    Detector::pattern(Entity::ES_NIF, "[ABCDEFGHJNPQRSUVW][ -]?[0-9]{7}[ -]?[0-9A-J]")
        .check(checks::es_cif)
        .score(0.45)
        .context(NIF)
        .source("Orden EHA/451/2008; 2026-11"),
    Detector::pattern(Entity::ES_NIE, "(?i)[XYZ][ -]?[0-9]{7,8}[ -]?[A-Z]")
        .check(checks::es_nie)
        .score(0.85)
        .context(NIE)
        .source("Ministerio del Interior, C\u{e1}lculo del d\u{ed}gito de control del NIF/NIE; 2026-11"),
    Detector::pattern(Entity::ES_PASSPORT, "(?i)[A-Z]{2,3}[0-9]{6}")
        .score(0.3)
        .context(&["pasaporte", "spanish passport", "passport"])
        .source("microsoft/presidio, es_passport_recognizer; ICAO Doc 9303 samples; 2026-11"),
    Detector::pattern(Entity::PT_NIF, "[0-9]{3} ?[0-9]{3} ?[0-9]{3}")
        .check(checks::pt_nif)
        .score(0.35)
        .context(PT_NIF)
        .source("Decreto-Lei 14/2013; Autoridade Tribut\u{e1}ria, NIF; 2026-11"),
];

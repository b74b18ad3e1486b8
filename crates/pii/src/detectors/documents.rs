//! Passports and driving licences of any country, by the word for them. What has the form of one country's is that
//! country's, with a higher score.

use crate::{Detector, Entity};

const PASSPORT: &[&str] = &[
    "passport",
    "reisepass",
    "passeport",
    "pasaporte",
    "passaporto",
    "passaporte",
    "paspoort",
    "paszport",
    "passnummer",
    "passin numero",
    "pasport",
    "pasaport",
    "\u{43f}\u{430}\u{441}\u{43f}\u{43e}\u{440}\u{442}",
    "\u{62a4}\u{7167}",
    "\u{8b77}\u{7167}",
    "\u{65c5}\u{5238}",
    "\u{30d1}\u{30b9}\u{30dd}\u{30fc}\u{30c8}",
    "\u{c5ec}\u{ad8c}",
    "\u{62c}\u{648}\u{627}\u{632}",
    "travel document",
];
const LICENCE: &[&str] = &[
    "driving licen",
    "driver licen",
    "driver's licen",
    "drivers licen",
    "f\u{fc}hrerschein",
    "fuehrerschein",
    "permis de conduire",
    "carnet de conducir",
    "permiso de conducir",
    "licencia de conducir",
    "carta de condu",
    "carteira de habilita",
    "cnh",
    "patente",
    "rijbewijs",
    "k\u{f6}rkort",
    "f\u{f8}rerkort",
    "k\u{f8}rekort",
    "ajokort",
    "prawo jazdy",
    "prawa jazdy",
    "\u{9a7e}\u{9a76}\u{8bc1}",
    "\u{904b}\u{8ee2}\u{514d}\u{8a31}",
    "\u{c6b4}\u{c804}\u{ba74}\u{d5c8}",
];

pub(super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::PASSPORT, "(?i)[A-Z]{0,3}[0-9]{6,9}|[A-Z0-9]{2}[A-Z]{0,2}[0-9]{5,7}[A-Z]{0,2}")
        .score(0.1)
        .context(PASSPORT)
        .source("ICAO Doc 9303-4: nine signs at most; 2026-11"),
    Detector::pattern(Entity::DRIVING_LICENCE, "(?i)[A-Z]{0,3}[0-9]{6,12}[A-Z]{0,2}|[0-9]{2}/[0-9]{5}/[0-9]{2}")
        .score(0.1)
        .context(LICENCE)
        .source("Directive 2006/126/EC, annex I, field 5; 2026-11"),
];

//! Kinds of streets, in lower case.

/// After the name, as in English; sure by themselves.
#[rustfmt::skip]
pub(super) const AFTER: &[&str] = &[
    "street", "avenue", "boulevard", "road", "lane", "drive", "court", "terrace", "highway", "parkway", "crescent",
    "mews",
    "turnpike", "expressway", "freeway", "esplanade", "st", "ave", "av", "blvd", "rd", "ln", "dr", "ct", "hwy", "pkwy",
    "cres", "tpke",
    "terr",
];

/// After the name; common words as well.
#[rustfmt::skip]
pub(super) const AFTER_WEAK: &[&str] = &[
    "way", "place", "pl", "square", "sq", "circle", "cir", "trail", "trl", "close", "grove", "gardens", "hill", "row",
    "walk", "alley",
    "plaza", "loop", "pike", "quay", "wharf", "parade", "promenade", "green", "rise", "view", "vale", "heights",
    "crossing", "cove",
    "ridge", "run", "path", "point", "bend", "creek", "landing", "meadow", "park", "ter", "broadway", "yard", "gate",
    "drove", "croft",
    "circuit",
];

/// Before the name and after the number, as in French.
#[rustfmt::skip]
pub(super) const AFTER_NUMBER: &[&str] = &[
    "rue", "avenue", "av", "boulevard", "bd", "blvd", "place", "chemin", "allée", "allee", "allées", "impasse", "quai",
    "route", "cours",
    "square", "passage", "faubourg", "ruelle", "sentier", "villa", "esplanade", "promenade", "résidence",
];

/// Before the name, with the number last, as in Spanish, Italian, Portuguese, Polish, Russian.
#[rustfmt::skip]
pub(super) const BEFORE: &[&str] = &[
    "calle", "avenida", "avda", "paseo", "carrera", "camino", "ronda", "travesía", "glorieta", "rua", "travessa",
    "alameda", "estrada",
    "viale", "piazza", "piazzale", "corso", "vicolo", "largo", "strada", "ulica", "ul", "aleja", "al", "улица", "ул",
    "проспект", "пр",
    "rue", "avenue", "boulevard", "chaussée", "str", "bulevardul", "calea", "bulevar", "ulice", "třída",
];

/// The same; common words as well.
pub(super) const BEFORE_WEAK: &[&str] =
    &["via", "plaza", "praça", "place", "plac", "al", "str", "largo", "pr", "av", "c"];

/// What a compound ends with, as in German, Dutch, Swedish; sure by themselves.
#[rustfmt::skip]
pub(super) const ENDINGS: &[&str] = &[
    "straße", "strasse", "str", "gasse", "allee", "chaussee", "platz", "promenade", "straat", "gracht", "plein",
    "gatan", "vägen",
    "gränd", "gade", "vej", "veien", "katu", "gässchen",
];

/// The same; ends of common words as well.
#[rustfmt::skip]
pub(super) const ENDINGS_WEAK: &[&str] = &[
    "weg", "ring", "damm", "ufer", "hof", "markt", "steig", "graben", "wall", "berg", "stieg", "pfad", "zeile", "steg",
    "tor", "laan",
    "kade", "singel", "dijk", "steeg", "pad", "gata", "gate", "tie", "kuja", "tee", "winkel", "kamp", "garten",
];

/// Words by themselves after a name, with the number last: `Lange Straße 5`, `Petőfi utca 12`, `Atatürk Caddesi 5`.
#[rustfmt::skip]
pub(super) const BETWEEN: &[&str] = &[
    "straße", "strasse", "str", "platz", "allee", "weg", "ring", "gasse", "damm", "ufer", "chaussee", "utca", "út",
    "tér", "caddesi", "cad",
    "sokak", "sokağı", "bulvarı", "straat", "laan", "plein", "gade", "vej", "gata", "vägen",
];

/// What is in lower case within names.
#[rustfmt::skip]
pub(super) const PARTICLES: &[&str] = &[
    "de", "du", "des", "la", "le", "les", "l", "d", "del", "della", "delle", "dei", "degli", "di", "da", "do", "dos",
    "das", "dello", "dell",
    "los", "las", "el", "en", "et", "y", "e", "sur", "sous", "aux", "au", "von", "der", "den", "dem", "am", "an", "im",
    "zum", "zur", "of",
    "the", "van", "het", "op", "ter", "ten",
];

pub(super) const DIRECTIONS: &[&str] = &[
    "n",
    "s",
    "e",
    "w",
    "ne",
    "nw",
    "se",
    "sw",
    "north",
    "south",
    "east",
    "west",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// Before the number of a flat, an office or a floor.
#[rustfmt::skip]
pub(super) const UNITS: &[&str] = &[
    "apt", "apartment", "suite", "ste", "unit", "floor", "fl", "flat", "room", "rm", "bldg", "building", "appt", "bât",
    "bureau", "piso",
    "int", "interno", "scala", "whg", "wohnung", "level",
];

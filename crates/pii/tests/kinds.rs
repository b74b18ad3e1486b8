//! The table of kinds in `docs/pii-redaction.md` says what the detectors do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use std::collections::BTreeSet;

use llm_layers_pii::{Detector, Detectors, Entity, detectors};

const GUIDE: &str = include_str!("../../../docs/pii-redaction.md");

/// The cells of each row: name, what it is, how it is found, whether it is by default.
fn table() -> impl Iterator<Item = Vec<&'static str>> {
    let (_, kinds) = GUIDE.split_once("## Kinds\n").unwrap();
    let (kinds, _) = kinds.split_once("\n## ").unwrap();
    kinds
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").map(|cell| cell.trim_end_matches('`')).collect())
}

fn rows_of(entity: &Entity) -> impl Iterator<Item = &'static Detector> {
    detectors::all().filter(move |row| row.entity() == entity)
}

fn default_of(entity: &Entity) -> &'static str {
    let needs_cue: BTreeSet<_> = rows_of(entity).filter(|row| row.is_on()).map(Detector::needs_context).collect();
    match needs_cue.iter().collect::<Vec<_>>()[..] {
        [] => "no",
        [Some(false)] => "yes",
        [Some(true)] => "with a cue",
        _ => "yes / with a cue",
    }
}

#[test]
fn the_guide_names_each_kind_with_its_default() {
    for entity in Entity::KNOWN {
        let rows: Vec<_> = table().filter(|cells| cells[0] == entity.as_str()).collect();
        let [cells] = &rows[..] else { panic!("{entity} is in {} rows of docs/pii-redaction.md", rows.len()) };
        assert_eq!(cells.len(), 4, "{entity}");
        assert_eq!(cells[1], entity.about().trim_end_matches('.'), "{entity}");
        assert!(!cells[2].is_empty(), "{entity}");
        assert_eq!(cells[3], default_of(entity), "{entity}");
    }
}

#[test]
fn the_guide_names_nothing_else() {
    for cells in table() {
        assert!(Entity::KNOWN.iter().any(|entity| entity.as_str() == cells[0]), "{}", cells[0]);
    }
}

#[test]
fn each_kind_has_a_detector_and_each_detector_a_kind_and_a_source() {
    for entity in Entity::KNOWN {
        assert!(rows_of(entity).next().is_some(), "nothing finds {entity}");
    }
    for row in detectors::all() {
        assert!(Entity::KNOWN.contains(row.entity()), "{}", row.entity());
        assert!(!row.reference().is_empty(), "no source: {row:?}");
    }
}

#[test]
fn a_cue_gives_a_document_away() {
    for (entity, cue, value) in [
        (Entity::AU_PASSPORT, "my Australian passport", "N1234567"),
        (Entity::CA_PASSPORT, "un passeport canadien:", "GA302922"),
        (Entity::NL_PASSPORT, "paspoort", "NWX8FC7H2"),
        (Entity::JP_DRIVING_LICENCE, "her Japanese driving licence", "301912345670"),
    ] {
        let detectors = Detectors::builder().only([entity.clone()]).build().unwrap();
        let text = format!("{cue} {value}");
        let found = detectors.find(&text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!((&found[0].entity, &text[found[0].range.clone()]), (&entity, value));
        assert_eq!(detectors.find(&format!("the thing {value}")), [], "{value} without a cue");
    }
}

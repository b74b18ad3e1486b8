//! The tables.
#![allow(clippy::print_stdout, reason = "a program that prints tables")]

use std::{cmp::Ordering, collections::BTreeMap};

use serde_json::{Value, json};

use crate::{
    Tallies,
    score::{Fault, Found, POOLED, Tally, score},
    templates::{Case, How, LOOK_ALIKES, ODD},
};

pub(crate) fn mix(name: &str, cases: &[Case]) {
    let count = |how: How| cases.iter().filter(|case| case.how == how).count();
    println!("\n## {name}: {} texts\n", cases.len());
    if count(How::Published) == 0 {
        println!(
            "{} with look-alikes alone ({LOOK_ALIKES} %), {} with a value by itself, {} spelt oddly (aimed at {ODD} % of the others).\n",
            count(How::LookAlike),
            count(How::Bare),
            cases.iter().filter(|case| case.is_odd).count(),
        );
    }
}

pub(crate) fn pooled(tallies: &Tallies) -> Tally {
    let mut sum = Tally::default();
    POOLED.iter().filter_map(|entity| tallies.get(*entity)).for_each(|tally| sum.add(*tally));
    sum
}

pub(crate) fn tallies(all: &Tallies, plain: &Tallies) {
    println!(
        "| entity | values | recall | precision | F1 | F2 | exact | taken for others | bare | F2, usual spellings |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (entity, tally) in all {
        row(entity, tally, plain.get(entity).copied().unwrap_or_default().f(2.0));
    }
    row(&format!("pooled: {}", POOLED.join(", ")), &pooled(all), pooled(plain).f(2.0));
}

fn row(name: &str, tally: &Tally, plain: f64) {
    let bare = if tally.bare.1 == 0 { "-".to_owned() } else { format!("{}/{}", tally.bare.0, tally.bare.1) };
    println!(
        "| {name} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {} | {bare} | {plain:.3} |",
        tally.found + tally.missed,
        tally.recall(),
        tally.precision(),
        tally.f(1.0),
        tally.f(2.0),
        tally.exactness(),
        tally.mistaken,
    );
}

pub(crate) fn json(tallies: &Tallies) -> Value {
    let one = |tally: &Tally| {
        json!({
            "found": tally.found, "missed": tally.missed, "false": tally.false_alarms, "recall": tally.recall(),
            "precision": tally.precision(), "f1": tally.f(1.0), "f2": tally.f(2.0), "exact": tally.exactness(),
        })
    };
    let mut rows: BTreeMap<&str, Value> = tallies.iter().map(|(entity, tally)| (entity.as_str(), one(tally))).collect();
    rows.insert("pooled", one(&pooled(tallies)));
    json!(rows)
}

/// What is wrong in a case about an entity, or `all`.
pub(crate) fn faults(case: &Case, faults: &[Fault<'_>], show: &str) {
    for fault in faults {
        let (word, entity, range) = match fault {
            Fault::Missed(truth) => ("missed", &truth.entity, &truth.range),
            Fault::FalseAlarm(found) => ("false", &found.entity, &found.range),
        };
        if show == "all" || show == entity {
            let member = if case.member.is_empty() { String::new() } else { format!(" member {}", case.member) };
            println!("<!-- {word} {entity} {:?}{member} in {:?} -->", &case.text[range.clone()], case.text);
        }
    }
}

/// Ours beside theirs, by F2 of the sentences that are spelt as usual; theirs is the best of three thresholds.
pub(crate) fn versus(name: &str, ours: &Tallies, cases: &[Case], theirs: &BTreeMap<&'static str, Vec<Vec<Found>>>) {
    let scored: Vec<(&str, Tallies)> = theirs
        .iter()
        .map(|(threshold, found)| {
            let mut tallies = Tallies::new();
            for (case, found) in cases.iter().zip(found).filter(|(case, _)| !case.is_odd) {
                score(case, found, &mut tallies);
            }
            (*threshold, tallies)
        })
        .collect();
    println!("\n### {name}, usual spellings: F2 (recall / precision) beside Presidio's, by its score threshold\n");
    println!("Of its findings that overlap, those stay that its anonymizer would keep.\n");
    println!("| entity | ours | Presidio, 0 (its default) | 0.35 | 0.5 | better |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let known =
        |entity: &str| scored.iter().any(|(_, tallies)| tallies.get(entity).is_some_and(|tally| tally.found > 0));
    let cell = |tally: &Tally| format!("{:.3} ({:.3} / {:.3})", tally.f(2.0), tally.recall(), tally.precision());
    let line = |entity: &str, ours: Tally, theirs: Vec<Tally>| {
        let best = theirs.iter().map(|tally| tally.f(2.0)).fold(0.0, f64::max);
        let cells: Vec<String> = theirs.iter().map(cell).collect();
        let better = match ours.f(2.0).total_cmp(&best) {
            Ordering::Greater => "ours",
            Ordering::Equal => "equal",
            Ordering::Less => "**Presidio**",
        };
        println!("| {entity} | {} | {} | {better} |", cell(&ours), cells.join(" | "));
    };
    for (entity, tally) in ours.iter().filter(|(entity, tally)| tally.found + tally.missed > 0 && known(entity)) {
        line(entity, *tally, scored.iter().map(|(_, all)| all.get(entity).copied().unwrap_or_default()).collect());
    }
    line("pooled", pooled(ours), scored.iter().map(|(_, all)| pooled(all)).collect());
}

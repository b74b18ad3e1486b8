//! How much of what is personal the detectors see, and what they take for it that is none.
//!
//! `cargo xtask bench pii [--seed N] [--each N] [--json FILE] [--show ENTITY] [--corpus FOLDER] [--presidio]`
//!
//! Three measures: sentences made up by templates and a seed (a set to develop by, and one that nobody has looked at),
//! the tests that Presidio publishes for its own recognizers, and code, JSON and YAML without anything personal.
//! A value counts as found where something of the same entity covers at least half of the longer of both. All entities
//! are looked for at once, also those that are off by default; Presidio's tests each for its own entity, as it does; and
//! in code, JSON and YAML what is on by default.
//!
//! A value that could be many things (nine digits) counts where a word tells what it is, and neither as missed nor as
//! false where none does: the column `bare` says how many of those, and of all others by themselves, are seen. Whatever
//! `--show ENTITY` (or `all`, or `alarms`) prints is of the development set, of Presidio's tests, and of the code; of the
//! set that nobody looks at there are scores alone.
//!
//! For other programs: `--export FOLDER` writes the texts, `--theirs FOLDER` scores what others found in them, `--values`
//! prints values alone, for another implementation of the schemes to judge.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program that measures"
)]

mod alarms;
mod corpus;
mod dice;
mod exchange;
mod look_alikes;
mod score;
mod spelling;
mod table;
mod templates;
mod values;

use std::{collections::BTreeMap, path::PathBuf};

use llm_layers_pii::{Detectors, Entity, Text};

use score::{Found, Tally};
use templates::{Case, Set, Templates};

type Error = Box<dyn std::error::Error + Send + Sync>;
type Tallies = BTreeMap<String, Tally>;

/// What is asked for.
#[derive(Default)]
struct Arguments {
    seed: u64,
    each: usize,
    json: Option<PathBuf>,
    show: Option<String>,
    corpus: Option<PathBuf>,
    export: Option<PathBuf>,
    theirs: Option<PathBuf>,
    self_check: bool,
}

fn main() -> Result<(), Error> {
    let arguments = arguments()?;
    // All entities, also those that are off unless asked for, such as domains and names.
    let detectors = Detectors::builder().only(Entity::KNOWN.iter().cloned()).build()?;
    let dev = Templates::read(Set::Dev);
    let held_out = Templates::read(Set::HeldOut);
    let sets = [
        ("development", dev.fill(arguments.seed, arguments.each)),
        ("held-out", held_out.fill(arguments.seed, arguments.each)),
        ("presidio-tests", exchange::published()?),
    ];
    if let Some(folder) = &arguments.export {
        return exchange::export(folder, &sets);
    }
    if arguments.self_check {
        return exchange::values(arguments.seed);
    }
    println!(
        "Seed {}, {} sentences an entity; templates: {} and {}.",
        arguments.seed,
        arguments.each,
        dev.len(),
        held_out.len()
    );
    let mut report = serde_json::Map::new();
    for (name, cases) in &sets {
        table::mix(name, cases);
        let (tallies, plain) =
            run(&detectors, cases, (*name != "held-out").then_some(arguments.show.as_deref()).flatten());
        table::tallies(&tallies, &plain);
        report.insert((*name).to_owned(), table::json(&tallies));
        if let Some(folder) = &arguments.theirs {
            table::versus(name, &plain, cases, &exchange::theirs(folder, name, cases)?);
        }
    }
    let alarms = alarms::count(&Detectors::default(), &arguments)?;
    report.insert("false alarms".to_owned(), alarms);
    if let Some(file) = arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&report)?)?;
    }
    Ok(())
}

/// The tallies of all cases, and of those that are spelt as usual.
fn run(detectors: &Detectors, cases: &[Case], show: Option<&str>) -> (Tallies, Tallies) {
    let (mut all, mut plain) = (Tallies::new(), Tallies::new());
    let mut alone = BTreeMap::<&str, Detectors>::new();
    for case in cases {
        let text = Text { text: &case.text, member: &case.member };
        let detectors = match case.about.as_str() {
            "" => detectors,
            entity => alone.entry(entity).or_insert_with(|| {
                let same = Entity::KNOWN.iter().filter(|known| score::same_kind(known.as_str(), entity));
                Detectors::builder().only(same.cloned()).build().expect("the tables compile")
            }),
        };
        let found: Vec<Found> = detectors
            .find(text)
            .into_iter()
            .map(|finding| Found { entity: finding.entity.as_str().to_owned(), range: finding.range })
            .collect();
        let faults = score::score(case, &found, &mut all);
        if let Some(show) = show {
            table::faults(case, &faults, show);
        }
        if !case.is_odd {
            score::score(case, &found, &mut plain);
        }
    }
    (all, plain)
}

fn arguments() -> Result<Arguments, Error> {
    let mut read = Arguments { seed: 1, each: 100, ..Arguments::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--seed" => read.seed = value()?.parse()?,
            "--each" => read.each = value()?.parse()?,
            "--json" => read.json = Some(value()?.into()),
            "--show" => read.show = Some(value()?),
            "--corpus" => read.corpus = Some(value()?.into()),
            "--export" => read.export = Some(value()?.into()),
            "--theirs" => read.theirs = Some(value()?.into()),
            "--values" => read.self_check = true,
            _ => return Err(format!("unknown argument: {argument}").into()),
        }
    }
    Ok(read)
}

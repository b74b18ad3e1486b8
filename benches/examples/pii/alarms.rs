//! False alarms in what holds nothing personal.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

use std::{collections::BTreeMap, path::Path};

use llm_layers_pii::{Detectors, Text};
use serde_json::{Value, json};

use crate::{Arguments, Error, corpus};

/// What is there by purpose, such as addresses in examples of tests: a value a line.
const TRUE: &str = include_str!("../../data/pii/true_hits.txt");

/// What was found in one kind of text.
#[derive(Default)]
struct Alarms {
    bytes: usize,
    by_entity: BTreeMap<String, usize>,
    known: usize,
}

/// Counts what the detectors that are on by default find.
pub(crate) fn count(detectors: &Detectors, arguments: &Arguments) -> Result<Value, Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    println!("\n## False alarms, detectors that are on by default\n");
    println!("| text | MB | false alarms | a MB | of them | true |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let (mut report, mut sum) = (serde_json::Map::new(), (0_usize, 0_usize));
    for corpus in corpus::all(root, arguments.seed, arguments.corpus.as_deref()) {
        let mut alarms = Alarms::default();
        for (name, text) in &corpus.files {
            alarms.bytes += text.len();
            let mut look = |text: Text<'_>| alarms.look(detectors, text, name, arguments.show.as_deref());
            match corpus.by_member.then(|| serde_json::from_str(text)) {
                Some(Ok(value)) => members(&value, "", &mut look),
                Some(Err(_)) => {}
                None => look(text.as_str().into()),
            }
        }
        let count: usize = alarms.by_entity.values().sum();
        println!(
            "| {} | {:.2} | {count} | {:.1} | {} | {} |",
            corpus.name,
            megabytes(alarms.bytes),
            count as f64 / megabytes(alarms.bytes).max(1e-9),
            alarms.by_entity.iter().map(|(entity, count)| format!("{entity} {count}")).collect::<Vec<_>>().join(", "),
            alarms.known,
        );
        let row = json!({ "megabytes": megabytes(alarms.bytes), "alarms": count, "true": alarms.known });
        report.insert(corpus.name.to_owned(), row);
        sum = (sum.0 + count, sum.1 + alarms.bytes);
    }
    println!("| all | {:.2} | {} | {:.1} | | |", megabytes(sum.1), sum.0, sum.0 as f64 / megabytes(sum.1));
    Ok(Value::Object(report))
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

impl Alarms {
    fn look(&mut self, detectors: &Detectors, text: Text<'_>, name: &str, show: Option<&str>) {
        for finding in detectors.find(text) {
            let value = &text.text[finding.range.clone()];
            if TRUE.lines().any(|line| line == value) {
                self.known += 1;
                continue;
            }
            let entity = finding.entity.as_str();
            *self.by_entity.entry(entity.to_owned()).or_default() += 1;
            if show.is_some_and(|show| show == entity || show == "alarms") {
                let line = text.text[..finding.range.start].matches('\n').count() + 1;
                let member = text.member;
                println!("<!-- {entity} {:.2} {name}:{line}: {member}{value:?} -->", finding.score);
            }
        }
    }
}

/// Each string and each long number of a JSON value, with its name, as the layer sees them.
fn members(value: &Value, name: &str, look: &mut impl FnMut(Text<'_>)) {
    match value {
        Value::String(text) => look(Text { text, member: name }),
        Value::Number(number) => {
            let text = number.to_string();
            if text.len() > 8 {
                look(Text { text: &text, member: name });
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, name, look)),
        Value::Object(object) => object.iter().for_each(|(name, value)| members(value, name, look)),
        Value::Null | Value::Bool(_) => {}
    }
}

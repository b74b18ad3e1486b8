//! Files that come from elsewhere or go there: Presidio's published tests, and the sentences that Presidio is run on.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

use crate::{
    Error,
    dice::Dice,
    score::Found,
    templates::{Case, How, Truth},
    values,
};

/// One row a line: `{"entity", "text", "spans": [[from, to]], "weak", "file"}`, in characters. What Presidio itself is
/// not sure of (below 0.4) is weak: it may be found, and need not.
const PUBLISHED: &str = include_str!("../../data/pii/presidio.jsonl");

/// The tests that Presidio publishes for the entities that both know.
pub(crate) fn published() -> Result<Vec<Case>, Error> {
    let mut cases = Vec::new();
    for line in PUBLISHED.lines() {
        let row: Value = serde_json::from_str(line)?;
        let text = row["text"].as_str().ok_or("a row without text")?.to_owned();
        let entity = row["entity"].as_str().ok_or("a row without an entity")?;
        let mut truths = Vec::new();
        for span in row["spans"].as_array().into_iter().flatten() {
            let range = bytes(&text, span[0].as_u64(), span[1].as_u64()).ok_or(format!("a span outside: {line}"))?;
            truths.push(Truth { entity: entity.to_owned(), range, is_optional: row["weak"] == true });
        }
        let about = entity.to_owned();
        cases.push(Case { text, member: String::new(), truths, about, how: How::Published, is_odd: false });
    }
    Ok(cases)
}

fn bytes(text: &str, from: Option<u64>, to: Option<u64>) -> Option<std::ops::Range<usize>> {
    let place = |characters: Option<u64>| {
        let characters = usize::try_from(characters?).ok()?;
        text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(characters)
    };
    Some(place(from)?..place(to)?)
}

/// Writes the texts of each set, one a line, with nothing that tells what is in them.
pub(crate) fn export(folder: &Path, sets: &[(&str, Vec<Case>)]) -> Result<(), Error> {
    fs::create_dir_all(folder)?;
    for (name, cases) in sets {
        let lines: Vec<String> = cases
            .iter()
            .map(|case| json!({ "text": case.text, "member": case.member, "about": case.about }).to_string())
            .collect();
        fs::write(folder.join(format!("{name}.jsonl")), lines.join("\n"))?;
    }
    Ok(())
}

/// What others found, by the threshold: a line for each case, `[[entity, from, to, score], …]`, in characters.
pub(crate) fn theirs(
    folder: &Path,
    name: &str,
    cases: &[Case],
) -> Result<BTreeMap<&'static str, Vec<Vec<Found>>>, Error> {
    let text = fs::read_to_string(folder.join(format!("{name}.found.jsonl")))?;
    let mut by_threshold = BTreeMap::new();
    for (label, threshold) in [("0", 0.0), ("0.35", 0.35), ("0.5", 0.5)] {
        let mut all = Vec::new();
        for (line, case) in text.lines().zip(cases) {
            let rows: Vec<Row> = serde_json::from_str(line)?;
            let rows: Vec<_> = rows.into_iter().filter(|row| row.3 >= threshold).collect();
            let kept = rows.iter().enumerate().filter(|(n, row)| !loses(*n, row, &rows));
            all.push(
                kept.filter_map(|(_, (entity, from, to, _))| {
                    Some(Found { entity: entity.clone(), range: bytes(&case.text, Some(*from), Some(*to))? })
                })
                .collect(),
            );
        }
        if all.len() != cases.len() {
            return Err(format!("{name}: {} lines for {} sentences; run --export anew", all.len(), cases.len()).into());
        }
        by_threshold.insert(label, all);
    }
    Ok(by_threshold)
}

/// Entity, first character, the one behind the last, score.
type Row = (String, u64, u64, f64);

/// Of what overlaps one stays, as Presidio's anonymizer has it: what lies within another goes, and of those at the same
/// place all but the best.
fn loses(n: usize, row: &Row, rows: &[Row]) -> bool {
    rows.iter().enumerate().any(|(m, other)| {
        if (row.1, row.2) == (other.1, other.2) {
            other.3 > row.3 || other.3 == row.3 && m < n
        } else {
            other.1 <= row.1 && row.2 <= other.2
        }
    })
}

/// Prints values alone, a line each, so that another implementation can judge them.
pub(crate) fn values(seed: u64) -> Result<(), Error> {
    for entity in crate::Templates::read(crate::Set::Dev).entities() {
        for n in 0..200 {
            let value = values::of(entity, "", &mut Dice::new(seed, n));
            println!("{}", json!([entity, value.text]));
        }
    }
    Ok(())
}

//! The required cases of the JSON Schema Test Suite, through the cache and the bounds.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

use super::Schemas;

/// The suite's documents that cases refer to, by their URIs.
const REMOTES: &str = include_str!("../../tests/suite/remotes.json");

/// By the names of the suite's files.
type Files = BTreeMap<String, Vec<Group>>;

struct Group {
    description: String,
    schema: Value,
    tests: Vec<Value>,
}

fn files(text: &str) -> Files {
    let files: BTreeMap<String, Vec<Value>> = serde_json::from_str(text).unwrap();
    let group = |mut group: Value| Group {
        description: group["description"].as_str().unwrap().to_owned(),
        schema: group["schema"].take(),
        tests: group["tests"].as_array().unwrap().clone(),
    };
    files.into_iter().map(|(name, groups)| (name, groups.into_iter().map(group).collect())).collect()
}

/// Runs all cases, and tells how many there are.
fn run(text: &str, draft: &str) -> usize {
    // Here a format is no more than a remark, as the specification has it by default.
    let mut schemas = Schemas::default().formats(false);
    let remotes: BTreeMap<String, Value> = serde_json::from_str(REMOTES).unwrap();
    for (uri, document) in remotes {
        schemas = schemas.document(uri, document);
    }
    let (mut cases, mut wrong) = (0, String::new());
    for (file, groups) in files(text) {
        for mut group in groups {
            if let Some(members) = group.schema.as_object_mut() {
                members.entry("$schema").or_insert_with(|| draft.into());
            }
            let schema = match schemas.get(&serde_json::to_vec(&group.schema).unwrap()) {
                Ok(schema) => schema,
                Err(error) => {
                    cases += group.tests.len();
                    _ = writeln!(wrong, "{file}: {}: {error}", group.description);
                    continue;
                }
            };
            for test in group.tests {
                cases += 1;
                let is_valid = schema.is_valid(&test["data"]);
                let mismatches = schema.mismatches(&test["data"]);
                if is_valid != test["valid"] || is_valid != mismatches.is_empty() {
                    _ = writeln!(
                        wrong,
                        "{file}: {}: {}: {is_valid}, {mismatches:?}",
                        group.description, test["description"]
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    cases
}

#[test]
fn draft_2020_12() {
    let text = include_str!("../../tests/suite/draft2020-12.json");
    assert_eq!(run(text, "https://json-schema.org/draft/2020-12/schema"), 1257);
}

#[test]
fn draft_7() {
    let text = include_str!("../../tests/suite/draft7.json");
    assert_eq!(run(text, "http://json-schema.org/draft-07/schema#"), 913);
}

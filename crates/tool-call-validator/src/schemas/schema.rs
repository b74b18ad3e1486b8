use std::{collections::HashMap, fmt, sync::Arc};

use jsonschema::{Draft, ReferencingError, Registry, Retrieve, Uri, ValidationError, Validator};
use serde_json::Value;

use super::{Graph, Mismatch, SchemaError, Settings, bounds, pattern, strict, unchecked, words};
use crate::Reason;

/// A compiled schema.
pub(crate) struct Schema {
    document: Value,
    validator: Validator,
    graph: Graph,
    /// Whether its keywords mean what the specification says: not so with a schema of schemas of somebody's own.
    is_plain: bool,
    /// How deep values may be nested, if it is less than what is ever read.
    max_depth: Option<usize>,
    weight: usize,
}

/// How many mismatches are told at most.
const MAX_MISMATCHES: usize = 16;

/// How deep sub-schemas may be nested for values within values: each takes some hundred bytes of the stack.
const MAX_NESTED: usize = 1024;
/// How deep values are nested at most, by serde_json.
const MAX_DEPTH: usize = 128;

/// The address of a schema that names none.
const BASE: &str = "json-schema:///";

/// All documents that there are: nothing is fetched.
struct Documents(Arc<HashMap<String, Value>>);

impl Schema {
    pub(super) fn compile(text: &[u8], settings: &Settings) -> Result<Self, SchemaError> {
        let mut document: Value =
            serde_json::from_slice(text).map_err(|error| SchemaError::whole(format!("it is no JSON: {error}")))?;
        let mut counts = bounds::Counts::of(&document)?;
        let is_known = |uri: &str| {
            Draft::from_schema_uri(uri) != Draft::Unknown || settings.documents.contains_key(uri.trim_end_matches('#'))
        };
        // A draft that nobody knows is read as the newest one.
        if let Some(members) = document.as_object_mut()
            && !members.get("$schema").and_then(Value::as_str).is_some_and(is_known)
        {
            members.remove("$schema");
        }
        // Nor is an address that cannot be read one.
        let resource = Draft::default().detect(&document).create_resource_ref(&document);
        if resource.id().is_some_and(|id| jsonschema::uri::from_str(id).is_err())
            && let Some(members) = document.as_object_mut()
        {
            members.remove("$id");
        }
        unchecked::leave_out(&mut document, &mut |pattern| counts.take(pattern));
        let weight = text.len() + counts.weight();
        let is_plain = Draft::default().detect(&document) != Draft::Unknown;
        let (graph, reach, validator) = match Self::build(&document, settings) {
            Err(error) => {
                let is_checked = |pattern: &str| pattern::is_linear(pattern) || !pattern::is_expression(pattern);
                if !unchecked::leave_out(&mut document, &mut { is_checked }) {
                    return Err(error);
                }
                Self::build(&document, settings)?
            }
            Ok(built) => built,
        };
        let max_depth = Some(MAX_NESTED / reach).filter(|depth| *depth < MAX_DEPTH);
        Ok(Self { document, validator, graph, is_plain, max_depth, weight })
    }

    fn build(document: &Value, settings: &Settings) -> Result<(Graph, usize, Validator), SchemaError> {
        let graph = Self::read(document, settings)?;
        let reach = graph.check_reach()?;
        let validator = jsonschema::options()
            .with_retriever(Documents(Arc::clone(&settings.documents)))
            .should_validate_formats(settings.formats)
            .with_pattern_options(pattern::linear())
            .build(document)
            .map_err(|error| words::unusable(&error, document))?;
        Ok((graph, reach, validator))
    }

    fn read(document: &Value, settings: &Settings) -> Result<Graph, SchemaError> {
        let unusable = |error: ReferencingError| words::reference(&error, document);
        let draft = match Draft::default().detect(document) {
            Draft::Unknown => Draft::default(),
            draft => draft,
        };
        let resource = draft.create_resource_ref(document);
        let base = jsonschema::uri::from_str(resource.id().unwrap_or(BASE)).map_err(unusable)?;
        let registry = Registry::new()
            .retriever(Documents(Arc::clone(&settings.documents)))
            .draft(draft)
            .add(base.as_str(), resource)
            .and_then(|registry| registry.prepare())
            .map_err(unusable)?;
        Graph::new(&registry, &base, draft)
    }

    pub(crate) fn is_valid(&self, value: &Value) -> bool {
        !self.is_too_deep(value) && self.validator.is_valid(value)
    }

    /// What does not fit, the first sixteen.
    pub(crate) fn mismatches(&self, value: &Value) -> Vec<Mismatch> {
        let mismatches: Vec<_> = self.errors(value).take(MAX_MISMATCHES).map(|error| words::mismatch(&error)).collect();
        if mismatches.is_empty() && !self.is_valid(value) {
            let message = "does not fit the schema".to_owned();
            return vec![Mismatch { reason: Reason::Schema, path: String::new(), message }];
        }
        mismatches
    }

    /// The complaints themselves, for repairs; none where it would take too much to find them all. They hold values:
    /// never to be shown.
    pub(crate) fn errors<'a>(&'a self, value: &'a Value) -> impl Iterator<Item = ValidationError<'a>> {
        let is_explained = !self.is_too_deep(value) && self.graph.is_explained(value);
        is_explained.then(|| self.validator.iter_errors(value)).into_iter().flatten()
    }

    fn is_too_deep(&self, value: &Value) -> bool {
        self.max_depth.is_some_and(|max| !is_within(value, max))
    }

    /// Whether it keeps the rules of OpenAI's strict mode.
    pub(crate) fn check_strict(&self) -> Result<(), SchemaError> {
        strict::check(&self.document)
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    pub(super) const fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(super) const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// What stands at a place of the document: a JSON pointer as complaints have it in `schema_path`, whose last step is
    /// the keyword, so that the place without that step is the sub-schema.
    pub(crate) fn resolve(&self, schema_path: &str) -> Option<&Value> {
        self.document.pointer(schema_path)
    }

    /// What it takes in memory, about.
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }
}

/// Whether a value is nested so deep at most.
fn is_within(value: &Value, depth: usize) -> bool {
    let Some(below) = depth.checked_sub(1) else { return false };
    match value {
        Value::Array(items) => items.iter().all(|item| is_within(item, below)),
        Value::Object(members) => members.values().all(|value| is_within(value, below)),
        _ => true,
    }
}

impl Retrieve for Documents {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        self.0.get(uri.as_str()).cloned().ok_or_else(|| "nothing is fetched".into())
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

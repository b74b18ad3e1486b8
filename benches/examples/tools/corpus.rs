//! Forty tools and valid calls of them, out of `data/tools/tools.json`.

use std::{collections::BTreeSet, path::Path};

use jsonschema::Validator;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    Error,
    json::{Json, Step},
};

pub(crate) struct Tool {
    pub(crate) name: String,
    /// Of its arguments, as the client sends it.
    pub(crate) schema: String,
    document: Value,
    validator: Validator,
    pub(crate) calls: Vec<Json>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    parameters: Box<RawValue>,
    calls: Vec<Box<RawValue>>,
}

pub(crate) fn read() -> Result<Vec<Tool>, Error> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tools/tools.json");
    let rows: Vec<Row> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    rows.into_iter().map(Tool::new).collect()
}

impl Tool {
    fn new(row: Row) -> Result<Self, Error> {
        let document: Value = serde_json::from_str(row.parameters.get())?;
        let validator =
            jsonschema::options().should_validate_formats(true).build(&document).map_err(|error| error.to_string())?;
        let calls: Option<Vec<Json>> = row.calls.iter().map(|call| Json::read(call.get())).collect();
        let calls = calls.ok_or("calls are JSON")?;
        let tool = Self { schema: serde_json::to_string(&document)?, name: row.name, document, validator, calls };
        match tool.calls.iter().find(|call| !tool.is_valid(call)) {
            Some(call) => Err(format!("{}: {} is no valid call", tool.name, call.compact()).into()),
            None => Ok(tool),
        }
    }

    pub(crate) fn is_valid(&self, arguments: &Json) -> bool {
        matches!(arguments, Json::Object(_)) && self.validator.is_valid(&arguments.value())
    }

    /// Whether a model's text is a valid call as it stands.
    pub(crate) fn is_right(&self, text: &str) -> bool {
        Json::read(text).is_some_and(|json| self.is_valid(&json))
    }

    pub(crate) fn root(&self) -> Place<'_> {
        Place { document: &self.document, schemas: vec![&self.document] }
    }

    /// What the schema says of a place.
    pub(crate) fn place(&self, path: &[Step]) -> Place<'_> {
        path.iter().fold(self.root(), |place, step| place.step(step))
    }
}

/// The subschemas that may have a say at a place: several where the schema offers alternatives.
///
/// It knows the keywords that the corpus uses, no more.
pub(crate) struct Place<'a> {
    document: &'a Value,
    schemas: Vec<&'a Value>,
}

impl<'a> Place<'a> {
    /// With references followed and alternatives spread.
    fn spread(&self) -> Vec<&'a Value> {
        let mut spread = Vec::new();
        let mut open = self.schemas.clone();
        while let Some(schema) = open.pop() {
            let target = schema["$ref"].as_str().and_then(|target| self.document.pointer(target.strip_prefix('#')?));
            let alternatives = ["anyOf", "oneOf"].iter().filter_map(|word| schema[*word].as_array()).flatten();
            let before = open.len();
            open.extend(target);
            open.extend(alternatives);
            if open.len() == before {
                spread.push(schema);
            }
        }
        spread
    }

    fn step(&self, step: &Step) -> Self {
        let schemas = self.spread().into_iter().filter_map(|schema| match step {
            Step::Member(name) => {
                let pattern = schema["patternProperties"].as_object().and_then(|all| all.values().next());
                let rest = schema["additionalProperties"].as_object().map(|_| &schema["additionalProperties"]);
                schema["properties"].get(name).or(pattern).or(rest)
            }
            Step::Item(at) => schema["prefixItems"].get(at).or_else(|| schema.get("items")),
        });
        Self { document: self.document, schemas: schemas.collect() }
    }

    /// The types that it takes, as far as the types tell.
    pub(crate) fn types(&self) -> BTreeSet<&'a str> {
        const ALL: [&str; 6] = ["array", "boolean", "null", "number", "object", "string"];
        let (mut types, schemas) = (BTreeSet::new(), self.spread());
        // A place that no schema knows of.
        if schemas.is_empty() {
            types.extend(ALL);
        }
        for schema in schemas {
            let of = |value: &Value| match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            match (&schema["type"], self.listed_of(schema)) {
                (Value::String(one), _) => _ = types.insert(one.as_str()),
                (Value::Array(several), _) => types.extend(several.iter().filter_map(Value::as_str)),
                (_, Some(listed)) => types.extend(listed.into_iter().map(of)),
                _ => types.extend(ALL),
            }
        }
        if types.remove("integer") {
            types.insert("number");
        }
        types
    }

    fn listed_of(&self, schema: &'a Value) -> Option<Vec<&'a Value>> {
        let constant = schema.get("const").map(|one| vec![one]);
        constant.or_else(|| Some(schema["enum"].as_array()?.iter().collect()))
    }

    /// The values that are listed, if nothing else is taken.
    pub(crate) fn listed(&self) -> Option<Vec<&'a Value>> {
        let lists: Option<Vec<_>> = self.spread().into_iter().map(|schema| self.listed_of(schema)).collect();
        Some(lists?.concat())
    }

    /// The one subschema, where there are no alternatives.
    pub(crate) fn only(&self) -> Option<&'a Value> {
        match self.spread().as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Whether it takes no member that it does not declare.
    pub(crate) fn is_closed(&self) -> bool {
        self.only().is_some_and(|schema| schema["additionalProperties"] == false)
    }

    /// The declared members, where there are no alternatives.
    pub(crate) fn declared(&self) -> Vec<&'a str> {
        let all = self.only().and_then(|schema| schema["properties"].as_object());
        all.into_iter().flat_map(|all| all.keys().map(String::as_str)).collect()
    }

    pub(crate) fn has_patterns(&self) -> bool {
        self.only().is_none_or(|schema| schema.get("patternProperties").is_some())
    }

    pub(crate) fn is_required(&self, name: &str) -> bool {
        self.only()
            .and_then(|schema| schema["required"].as_array())
            .is_some_and(|all| all.iter().any(|one| one == name))
    }

    /// What a member is if it is left out.
    pub(crate) fn default_of(&self, name: &str) -> Option<&'a Value> {
        self.only()?["properties"][name].get("default")
    }
}

//! The rules of OpenAI's strict mode, as its guide to structured outputs had them in February 2026
//! (<https://platform.openai.com/docs/guides/structured-outputs>).

use serde_json::{Map, Value};

use super::{SchemaError, words};

const MAX_PROPERTIES: usize = 5_000;
/// Of objects within objects.
const MAX_LEVELS: usize = 10;
/// Characters of all names of properties and definitions, and values of `enum` and `const`.
const MAX_NAMES: usize = 120_000;
const MAX_OPTIONS: usize = 1_000;
/// Characters of the values of one `enum` that has more than [`LONG_ENUM`].
const MAX_LONG_ENUM: usize = 15_000;
const LONG_ENUM: usize = 250;

/// Keywords that strict mode does not know.
const UNKNOWN: [&str; 7] = ["allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else"];

#[derive(Default)]
struct Totals {
    properties: usize,
    names: usize,
    options: usize,
}

/// A sub-schema, where it stands, and in how many objects.
struct Place<'a> {
    schema: &'a Value,
    path: String,
    levels: usize,
}

pub(super) fn check(document: &Value) -> Result<(), SchemaError> {
    if document.get("type").and_then(Value::as_str) != Some("object") || document.get("anyOf").is_some() {
        return Err(SchemaError::whole("strict mode wants `type: object` at the root, and no `anyOf` there"));
    }
    let mut totals = Totals::default();
    let mut waiting = vec![Place { schema: document, path: String::new(), levels: 0 }];
    while let Some(place) = waiting.pop() {
        place.check(&mut totals, &mut waiting)?;
    }
    let bounds = [
        (totals.properties, MAX_PROPERTIES, "properties"),
        (totals.names, MAX_NAMES, "characters in names, `enum` and `const`"),
        (totals.options, MAX_OPTIONS, "values in `enum`"),
    ];
    match bounds.into_iter().find(|(count, max, _)| count > max) {
        Some((_, max, what)) => Err(SchemaError::whole(format!("strict mode takes at most {max} {what}"))),
        None => Ok(()),
    }
}

impl<'a> Place<'a> {
    fn check(self, totals: &mut Totals, waiting: &mut Vec<Self>) -> Result<(), SchemaError> {
        let Some(members) = self.schema.as_object() else { return Ok(()) };
        if let Some(name) = UNKNOWN.into_iter().find(|name| members.contains_key(*name)) {
            return Err(self.error(format!("strict mode has no `{name}`")));
        }
        let is_object = is_object(members);
        if is_object {
            self.object(members, totals)?;
        }
        self.options(members, totals)?;
        let levels = self.levels + usize::from(is_object);
        if levels > MAX_LEVELS {
            return Err(self.error(format!("strict mode takes at most {MAX_LEVELS} levels of objects")));
        }
        for (name, value) in members {
            // What is defined at the root is at a level of its own.
            let levels = if matches!(name.as_str(), "$defs" | "definitions") { 0 } else { levels };
            let mut place = |schema, step: &str| {
                let path = format!("{}/{name}{step}", self.path);
                waiting.push(Place { schema, path, levels });
            };
            match (name.as_str(), value) {
                ("properties" | "$defs" | "definitions", Value::Object(schemas)) => {
                    totals.names += schemas.keys().map(|name| name.chars().count()).sum::<usize>();
                    schemas.iter().for_each(|(name, schema)| place(schema, &format!("/{}", words::escaped(name))));
                }
                ("anyOf" | "prefixItems", Value::Array(schemas)) => {
                    schemas.iter().enumerate().for_each(|(index, schema)| place(schema, &format!("/{index}")));
                }
                ("items", schema) => place(schema, ""),
                _ => {}
            }
        }
        Ok(())
    }

    fn object(&self, members: &Map<String, Value>, totals: &mut Totals) -> Result<(), SchemaError> {
        if members.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Err(self.error("strict mode wants `additionalProperties: false` in every object"));
        }
        let names = || members.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        totals.properties += names().count();
        let required = members.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let required: std::collections::HashSet<&str> = required.iter().filter_map(Value::as_str).collect();
        match names().find(|name| !required.contains(name.as_str())) {
            Some(name) => {
                let message = "strict mode wants every property in `required`; one that may be absent is nullable";
                Err(SchemaError {
                    path: format!("{}/properties/{}", self.path, words::escaped(name)),
                    message: message.into(),
                })
            }
            None => Ok(()),
        }
    }

    fn options(&self, members: &Map<String, Value>, totals: &mut Totals) -> Result<(), SchemaError> {
        let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
        totals.names += members.get("const").map_or(0, length);
        let Some(options) = members.get("enum").and_then(Value::as_array) else { return Ok(()) };
        let characters = options.iter().map(length).sum::<usize>();
        totals.names += characters;
        totals.options += options.len();
        if options.len() > LONG_ENUM && characters > MAX_LONG_ENUM {
            let message = format!(
                "strict mode takes at most {MAX_LONG_ENUM} characters in an `enum` of more than {LONG_ENUM} values"
            );
            return Err(self.error(message));
        }
        Ok(())
    }

    fn error(&self, message: impl Into<String>) -> SchemaError {
        SchemaError { path: self.path.clone(), message: message.into() }
    }
}

fn is_object(members: &Map<String, Value>) -> bool {
    match members.get("type") {
        Some(Value::String(name)) => name == "object",
        Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
        _ => members.contains_key("properties"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(properties: Value) -> Value {
        let required: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    }

    #[test]
    fn what_keeps_the_rules() {
        let tree = json!({
            "type": "object", "additionalProperties": false, "required": ["children", "name"],
            "properties": {
                "name": {"type": ["string", "null"], "pattern": "^a"},
                "children": {"type": "array", "items": {"$ref": "#"}},
            },
        });
        let defined = json!({
            "type": "object", "additionalProperties": false, "required": ["at"],
            "properties": {"at": {"anyOf": [{"$ref": "#/$defs/p"}, {"type": "null"}]}},
            "$defs": {"p": object(json!({"x": {"type": "number", "minimum": 0}, "k": {"enum": ["a", "b"]}}))},
        });
        let options: Vec<_> = (0..1_000).map(|number| number.to_string()).collect();
        let long = object(json!({"k": {"enum": options}}));
        for schema in [object(json!({})), tree, defined, long] {
            assert_eq!(check(&schema), Ok(()), "{schema}");
        }
    }

    #[test]
    fn what_does_not_and_where() {
        let deep = (0..11).fold(json!({"type": "string"}), |inner, _| object(json!({"a": inner})));
        let options: Vec<_> = (0..1_001).map(|number| number.to_string()).collect();
        let words: Vec<_> = (0..251).map(|number| format!("{number:060}")).collect();
        let names = |count: usize, length: usize| -> Value {
            (0..count).map(|number| (format!("{number:0length$}"), json!({}))).collect::<Map<_, _>>().into()
        };
        let cases = [
            (json!(true), "", "`type: object` at the root"),
            (json!({"type": "array"}), "", "`type: object` at the root"),
            (json!({"type": "object", "anyOf": [], "additionalProperties": false}), "", "no `anyOf`"),
            (json!({"type": "object"}), "", "additionalProperties"),
            (json!({"type": "object", "additionalProperties": {}}), "", "additionalProperties"),
            (
                json!({"type": "object", "additionalProperties": false, "properties": {"a/b": {}}}),
                "/properties/a~1b",
                "in `required`",
            ),
            (object(json!({"a": {"properties": {}}})), "/properties/a", "additionalProperties"),
            (
                object(json!({"a": {"items": {"type": ["object", "null"]}}})),
                "/properties/a/items",
                "additionalProperties",
            ),
            (object(json!({"a": {"anyOf": [{}, {"not": {}}]}})), "/properties/a/anyOf/1", "no `not`"),
            (object(json!({"a": {"allOf": []}})), "/properties/a", "no `allOf`"),
            (object(json!({"a": {"if": {}}})), "/properties/a", "no `if`"),
            (deep, &"/properties/a".repeat(10), "10 levels"),
            (object(json!({"a": {"enum": options}})), "", "1000 values"),
            (object(json!({"a": {"enum": words}})), "/properties/a", "15000 characters"),
            (object(names(5_001, 4)), "", "5000 properties"),
            (object(names(1_201, 100)), "", "120000 characters"),
        ];
        for (schema, path, message) in cases {
            let error = check(&schema).unwrap_err();
            assert_eq!(error.path, path, "{error}");
            assert!(error.message.contains(message), "{error}");
        }
    }
}

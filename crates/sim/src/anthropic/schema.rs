//! What structured outputs and strict tools accept of JSON Schema.

use serde_json::Value;

use super::error::invalid;
use crate::reply::Reply;

const REFUSED: [&str; 22] = [
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "prefixItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "not",
    "oneOf",
];
const MAX_DEPTH: usize = 64;

pub(super) fn check(place: &str, schema: &Value) -> Result<(), Reply> {
    if !schema.is_object() {
        return Err(invalid(&format!("{place}: Field required")));
    }
    walk(place, schema, 0)
}

fn walk(place: &str, schema: &Value, depth: usize) -> Result<(), Reply> {
    if depth > MAX_DEPTH {
        return Err(invalid(&format!("{place}: Schema is too deeply nested")));
    }
    let Some(members) = schema.as_object() else {
        return Ok(());
    };
    let kind = members.get("type").and_then(Value::as_str).unwrap_or("unknown");
    let refused = REFUSED.iter().chain(&["if", "then", "else"]).find(|word| members.contains_key(**word));
    if let Some(word) = refused {
        return Err(invalid(&format!("{place}: For '{kind}' type, property '{word}' is not supported")));
    }
    if members.get("minItems").and_then(Value::as_u64).is_some_and(|least| least > 1) {
        return Err(invalid(&format!(
            "{place}: For 'array' type, 'minItems' values other than 0 or 1 are not supported"
        )));
    }
    if kind == "object" && members.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Err(invalid(&format!(
            "{place}: For 'object' type, 'additionalProperties' must be explicitly set to false"
        )));
    }
    let reference = members.get("$ref").and_then(Value::as_str);
    if reference.is_some_and(|target| !target.starts_with("#/")) {
        return Err(invalid(&format!("{place}: External or recursive references are not supported")));
    }
    let maps = ["properties", "$defs", "definitions"].iter().filter_map(|name| members.get(*name)?.as_object());
    for inner in maps.flat_map(serde_json::Map::values) {
        walk(place, inner, depth + 1)?;
    }
    let lists = ["anyOf", "allOf"].iter().filter_map(|name| members.get(*name)?.as_array());
    for inner in lists.flatten().chain(members.get("items")) {
        walk(place, inner, depth + 1)?;
    }
    Ok(())
}

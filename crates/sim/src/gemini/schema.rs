//! What Google's own form of schemas asks for beyond its fields, and its translation into JSON Schema.

use serde_json::{Map, Value};

use super::error::{field, invalid};
use crate::reply::Reply;

/// `place` is in the spelling of Google's messages.
pub(super) fn check(place: &str, schema: &Value) -> Result<(), Reply> {
    let Some(members) = schema.as_object() else {
        return Ok(());
    };
    let beside = |name: &&String| !["anyOf", "title", "description", "nullable", "defs"].contains(&name.as_str());
    if members.contains_key("anyOf") && members.keys().any(|name| beside(&name)) {
        return Err(invalid(&format!(
            "Unable to submit request because `{place}` schema specified other fields alongside any_of. When using \
             any_of, it must be the only field set."
        )));
    }
    match members.get("type").and_then(Value::as_str) {
        Some("ARRAY") if members.get("items").and_then(Value::as_object).is_none_or(Map::is_empty) => {
            return Err(field(&format!("{place}.items"), "missing field."));
        }
        Some("OBJECT") if members.get("properties").and_then(Value::as_object).is_some_and(Map::is_empty) => {
            return Err(field(&format!("{place}.properties"), "should be non-empty for OBJECT type"));
        }
        None if ["properties", "items", "enum"].iter().any(|name| members.contains_key(*name)) => {
            return Err(field(&format!("{place}.type"), "must be specified."));
        }
        _ => {}
    }
    for (at, value) in list(members, "enum").enumerate() {
        if value == "" {
            return Err(field(&format!("{place}.enum[{at}]"), "cannot be empty"));
        }
    }
    let properties = members.get("properties").and_then(Value::as_object);
    for name in list(members, "required").filter_map(Value::as_str) {
        if properties.is_some_and(|properties| !properties.contains_key(name)) {
            return Err(field(&format!("{place}.required"), &format!("property is not defined: {name}")));
        }
    }
    let formats = ["enum", "date-time", "int32", "int64", "float", "double"];
    if let Some(format) = members.get("format").and_then(Value::as_str)
        && !format.is_empty()
        && !formats.contains(&format)
    {
        let of = members.get("type").and_then(Value::as_str).unwrap_or("STRING");
        let known = "only 'enum' and 'date-time' are supported for STRING type";
        return Err(field(&format!("{place}.format"), &format!("`{format}` for {of}: {known}")));
    }
    for (name, inner) in properties.into_iter().flatten() {
        check(&format!("{place}.properties[{name}]"), inner)?;
    }
    if let Some(items) = members.get("items") {
        check(&format!("{place}.items"), items)?;
    }
    for (at, inner) in list(members, "anyOf").enumerate() {
        check(&format!("{place}.any_of[{at}]"), inner)?;
    }
    Ok(())
}

fn list<'a>(members: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    members.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Types in small letters, limits as numbers: what the maker of answers reads.
pub(super) fn to_json_schema(schema: &Value) -> Value {
    let Some(members) = schema.as_object() else {
        return schema.clone();
    };
    let translated = members.iter().map(|(name, value)| {
        let value = match (name.as_str(), value) {
            ("type", Value::String(kind)) => Value::from(kind.to_ascii_lowercase()),
            ("items", value) => to_json_schema(value),
            ("anyOf", Value::Array(branches)) => branches.iter().map(to_json_schema).collect(),
            ("properties", Value::Object(properties)) => {
                let each = properties.iter().map(|(name, value)| (name.clone(), to_json_schema(value)));
                Value::Object(each.collect())
            }
            // 64-bit integers are strings in the JSON of protocol buffers.
            ("minItems" | "maxItems" | "minLength" | "maxLength", Value::String(number)) => {
                number.parse::<u64>().map_or(Value::Null, Value::from)
            }
            (_, value) => value.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(translated.collect())
}

//! A small instance of a JSON Schema: required members only, values that fit their type.

use serde_json::{Map, Value, json};

/// References and nesting deeper than this give `null`.
const MAX_DEPTH: usize = 24;
/// A schema can ask for exponentially many values; this is where it ends.
const MAX_VALUES: usize = 10_000;
const MAX_ITEMS: u64 = 100;
const MAX_LENGTH: u64 = 10_000;

/// An instance, valid for schemas that keep to the usual keywords (`pattern`, `not` and `if` are not solved).
pub(super) fn instance(schema: &Value) -> Value {
    Maker { root: schema, left: MAX_VALUES }.make(schema, 0)
}

struct Maker<'a> {
    root: &'a Value,
    left: usize,
}

impl<'a> Maker<'a> {
    fn make(&mut self, schema: &'a Value, depth: usize) -> Value {
        if depth > MAX_DEPTH || self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        if let Some(target) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
            return self.root.pointer(target).map_or(Value::Null, |target| self.make(target, depth + 1));
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        for list in ["enum", "examples"] {
            if let Some(value) = schema[list].as_array().and_then(|list| list.first()) {
                return value.clone();
            }
        }
        if let Some(value) = schema.get("default") {
            return value.clone();
        }
        for list in ["anyOf", "oneOf"] {
            if let Some(first) = schema[list].as_array().and_then(|list| list.first()) {
                return self.make(first, depth + 1);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return self.all_of(schema, parts, depth);
        }
        self.by_type(schema, depth)
    }

    /// Objects are laid over each other; otherwise the first part decides.
    fn all_of(&mut self, schema: &'a Value, parts: &'a [Value], depth: usize) -> Value {
        let mut members = self.members(schema, depth);
        let mut other = None;
        for part in parts {
            match self.make(part, depth + 1) {
                Value::Object(part) => members.extend(part),
                value => other = other.or(Some(value)),
            }
        }
        if members.is_empty() { other.unwrap_or_else(|| json!({})) } else { Value::Object(members) }
    }

    fn by_type(&mut self, schema: &'a Value, depth: usize) -> Value {
        let kind = match &schema["type"] {
            Value::String(kind) => kind.as_str(),
            Value::Array(kinds) => {
                kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
            }
            _ if schema["properties"].is_object() => "object",
            _ if schema["items"].is_object() => "array",
            _ => "string",
        };
        match kind {
            "object" => Value::Object(self.members(schema, depth)),
            "array" => self.items(schema, depth),
            "integer" => integer(schema),
            "number" => number(schema),
            "boolean" => json!(true),
            "null" => Value::Null,
            _ => json!(string(schema)),
        }
    }

    fn members(&mut self, schema: &'a Value, depth: usize) -> Map<String, Value> {
        let mut members = Map::new();
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let value = match schema["properties"].get(name) {
                Some(schema) => self.make(schema, depth + 1),
                None => json!("text"),
            };
            members.insert(name.to_owned(), value);
        }
        members
    }

    fn items(&mut self, schema: &'a Value, depth: usize) -> Value {
        let count = schema["minItems"].as_u64().unwrap_or(0).min(MAX_ITEMS);
        let mut items = Vec::new();
        for at in 0..usize::try_from(count).unwrap_or(0) {
            let item = schema["prefixItems"].get(at).or_else(|| schema.get("items"));
            items.push(item.map_or_else(|| json!("text"), |item| self.make(item, depth + 1)));
        }
        Value::Array(items)
    }
}

fn integer(schema: &Value) -> Value {
    let low =
        schema["minimum"].as_i64().or_else(|| schema["exclusiveMinimum"].as_i64().map(|low| low.saturating_add(1)));
    let high =
        schema["maximum"].as_i64().or_else(|| schema["exclusiveMaximum"].as_i64().map(|high| high.saturating_sub(1)));
    let mut value = within(1, low, high);
    if let Some(step) = schema["multipleOf"].as_i64().filter(|step| *step > 0) {
        // The next multiple upwards, or the one below where that passes the end.
        let up = value.saturating_add(step - 1).div_euclid(step).saturating_mul(step);
        value = if high.is_some_and(|high| up > high) { up.saturating_sub(step) } else { up };
    }
    json!(value)
}

fn number(schema: &Value) -> Value {
    let low = schema["minimum"].as_f64().or_else(|| schema["exclusiveMinimum"].as_f64().map(|low| low + 0.5));
    let high = schema["maximum"].as_f64().or_else(|| schema["exclusiveMaximum"].as_f64().map(|high| high - 0.5));
    json!(within(1.5, low, high))
}

fn within<T: PartialOrd>(value: T, low: Option<T>, high: Option<T>) -> T {
    match (low, high) {
        (Some(low), _) if value < low => low,
        (_, Some(high)) if value > high => high,
        _ => value,
    }
}

fn string(schema: &Value) -> String {
    let mut text = match schema["format"].as_str() {
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("date") => "2026-01-01",
        Some("time") => "12:00:00Z",
        Some("duration") => "PT1S",
        Some("email") => "user@example.com",
        Some("uri" | "url") => "https://example.com/",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("hostname") => "example.com",
        _ => "text",
    }
    .to_owned();
    let least = schema["minLength"].as_u64().unwrap_or(0).min(MAX_LENGTH);
    while (text.len() as u64) < least {
        text.push('x');
    }
    if let Some(most) = schema["maxLength"].as_u64() {
        text.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_the_required_members() {
        let schema = json!({
            "type": "object",
            "properties": {
                "city": {"type": "string"}, "unit": {"enum": ["c", "f"]}, "days": {"type": "integer", "minimum": 3},
                "at": {"$ref": "#/$defs/at"}, "tags": {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
                "skipped": {"type": "number"}, "maybe": {"type": ["null", "number"]},
            },
            "required": ["city", "unit", "days", "at", "tags", "maybe"],
            "$defs": {"at": {"type": "string", "format": "date"}},
        });
        let expected = json!({
            "city": "text", "unit": "c", "days": 3, "at": "2026-01-01", "tags": [true, true], "maybe": 1.5,
        });
        assert_eq!(instance(&schema), expected);
    }

    #[test]
    fn hostile_schemas_end() {
        let endless = json!({"$ref": "#"});
        assert_eq!(instance(&endless), Value::Null);
        let twice = json!({"type": "object", "required": ["a", "b"],
            "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}});
        assert!(instance(&twice).is_object());
        let long = json!({"type": "array", "minItems": u64::MAX, "items": {"type": "string", "minLength": u64::MAX}});
        assert_eq!(instance(&long).as_array().map(Vec::len), Some(100));
        assert_eq!(instance(&json!(true)), json!("text"));
        let far = json!({"type": "integer", "minimum": i64::MAX, "multipleOf": 7});
        assert!(instance(&far).is_i64());
    }
}

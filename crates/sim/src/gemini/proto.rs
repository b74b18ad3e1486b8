//! Requests as Google's servers read them: JSON of protocol buffers, where an unknown name is an error, both
//! spellings of a known one are the same, and `null` is the same as nothing.

use serde_json::{Map, Value};

use super::Surface;
use super::error::Violation;

/// A message and the fields it has.
#[derive(Debug)]
pub(super) struct Message(pub(super) &'static [(&'static str, Kind)]);

/// What a field holds.
#[derive(Debug)]
pub(super) enum Kind {
    Text,
    Bytes,
    Number,
    Int32,
    Bool,
    /// The name of the type, and its values.
    Enum(&'static str, &'static [&'static str]),
    /// A JSON object without a schema.
    Struct,
    /// Whatever JSON there is.
    Any,
    One(&'static Message),
    Many(&'static Kind),
    Map(&'static Message),
}

/// Google lists all that is wrong; this many are enough.
const MAX_VIOLATIONS: usize = 64;

/// The request with every name in camel case, without its nulls; or all that is wrong with it.
pub(super) fn read(message: &Message, value: &Value, surface: Surface) -> Result<Value, Vec<Violation>> {
    let mut reader = Reader { surface, violations: Vec::new() };
    let read = reader.message(message, value, "");
    if reader.violations.is_empty() { Ok(read) } else { Err(reader.violations) }
}

struct Reader {
    surface: Surface,
    violations: Vec<Violation>,
}

impl Reader {
    fn wrong(&mut self, field: &str, description: String) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(Violation { field: field.to_owned(), description });
        }
    }

    fn unknown(&mut self, name: &str, place: &str, reason: &str) {
        let at = if place.is_empty() { String::new() } else { format!(" at '{place}'") };
        self.wrong(place, format!("Invalid JSON payload received. Unknown name \"{name}\"{at}: {reason}"));
    }

    fn message(&mut self, message: &Message, value: &Value, place: &str) -> Value {
        let Some(members) = value.as_object() else {
            self.wrong(place, format!("Invalid value at '{place}' (Map), {value}"));
            return Value::Null;
        };
        let mut read = Map::new();
        for (name, value) in members {
            let field = message.0.iter().find(|(field, _)| field == name || snake(field) == *name);
            let Some((field, kind)) = field.filter(|(field, _)| self.surface.knows(field)) else {
                self.unknown(name, place, "Cannot find field.");
                continue;
            };
            if value.is_null() {
                continue;
            }
            let inner = if place.is_empty() { snake(field) } else { format!("{place}.{}", snake(field)) };
            if value.is_array() && !matches!(kind, Kind::Many(_) | Kind::Any) {
                self.unknown(name, place, "Proto field is not repeating, cannot start list.");
                continue;
            }
            read.insert((*field).to_owned(), self.field(kind, value, &inner));
        }
        Value::Object(read)
    }

    fn field(&mut self, kind: &Kind, value: &Value, place: &str) -> Value {
        let (fits, name) = match kind {
            Kind::Any => return value.clone(),
            Kind::One(message) => return self.message(message, value, place),
            Kind::Many(kind) => return self.many(kind, value, place),
            Kind::Map(message) => return self.map(message, value, place),
            Kind::Enum(name, values) => {
                let known =
                    value.as_str().and_then(|text| values.iter().find(|known| known.eq_ignore_ascii_case(text)));
                if let Some(known) = known {
                    return Value::from(*known);
                }
                let package = "type.googleapis.com/google.ai.generativelanguage.v1beta";
                self.wrong(place, format!("Invalid value at '{place}' ({package}.{name}), {value}"));
                return Value::Null;
            }
            Kind::Text => (value.is_string(), "TYPE_STRING"),
            Kind::Bytes => {
                if value.as_str().is_some_and(|text| !is_base64(text)) {
                    let text = format!("Invalid value at '{place}' (TYPE_BYTES), Base64 decoding failed");
                    self.wrong(place, text);
                    return Value::Null;
                }
                (value.is_string(), "TYPE_BYTES")
            }
            Kind::Number => (value.is_number(), "TYPE_FLOAT"),
            Kind::Int32 => (value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()), "TYPE_INT32"),
            Kind::Bool => (value.is_boolean(), "TYPE_BOOL"),
            Kind::Struct => (value.is_object(), "Map"),
        };
        if !fits {
            self.wrong(place, format!("Invalid value at '{place}' ({name}), {value}"));
        }
        value.clone()
    }

    /// A single value stands for a list of one, as it does with Google.
    fn many(&mut self, kind: &Kind, value: &Value, place: &str) -> Value {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let read = items.iter().enumerate().map(|(at, item)| self.field(kind, item, &format!("{place}[{at}]")));
        Value::Array(read.collect())
    }

    fn map(&mut self, message: &Message, value: &Value, place: &str) -> Value {
        let Some(members) = value.as_object() else {
            self.wrong(place, format!("Invalid value at '{place}' (Map), {value}"));
            return Value::Null;
        };
        let entries = members.iter().enumerate();
        let read = entries
            .map(|(at, (name, value))| (name.clone(), self.message(message, value, &format!("{place}[{at}].value"))));
        Value::Object(read.collect())
    }
}

/// Both alphabets are read, with padding and without.
fn is_base64(text: &str) -> bool {
    let text = text.trim_end_matches('=');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    text.len() % 4 != 1 && text.bytes().all(legal)
}

/// `generationConfig` in the spelling that Google's messages have: `generation_config`.
pub(super) fn snake(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 4);
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gemini::fields::REQUEST;

    fn wrong(value: &Value) -> Vec<String> {
        let violations = read(&REQUEST, value, Surface::Developer).unwrap_err();
        violations.into_iter().map(|violation| violation.description).collect()
    }

    #[test]
    fn both_spellings_are_one() {
        let snake = json!({"generation_config": {"max_output_tokens": 3, "seed": null}});
        let camel = json!({"generationConfig": {"maxOutputTokens": 3}});
        assert_eq!(read(&REQUEST, &snake, Surface::Developer).unwrap(), camel);
        let one = json!({"contents": {"parts": {"text": "x"}}});
        let list = json!({"contents": [{"parts": [{"text": "x"}]}]});
        assert_eq!(read(&REQUEST, &one, Surface::Developer).unwrap(), list);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        assert_eq!(wrong(&json!({"x": 1})), ["Invalid JSON payload received. Unknown name \"x\": Cannot find field."]);
        let schema = json!({"type": "object", "properties": {"a": {"type": ["string", "null"], "const": 1}}});
        let body = json!({"tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}]});
        let place = "at 'tools[0].function_declarations[0].parameters.properties[0].value'";
        let mut seen = wrong(&body);
        seen.sort();
        let prefix = "Invalid JSON payload received. Unknown name";
        assert_eq!(
            seen,
            [
                format!("{prefix} \"const\" {place}: Cannot find field."),
                format!("{prefix} \"type\" {place}: Proto field is not repeating, cannot start list."),
            ]
        );
        let body = json!({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "?"}}]}]});
        assert_eq!(
            wrong(&body),
            ["Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed"]
        );
        assert!(wrong(&json!({"generationConfig": {"seed": 3_000_000_000_u64}}))[0].contains("TYPE_INT32"));
        assert!(wrong(&json!({"toolConfig": {"functionCallingConfig": {"mode": "SOME"}}}))[0].contains("Mode"));
    }

    #[test]
    fn fields_belong_to_surfaces() {
        let vertex = json!({"tools": [{"enterpriseWebSearch": {}}]});
        assert!(read(&REQUEST, &vertex, Surface::Vertex).is_ok());
        assert_eq!(wrong(&vertex).len(), 1);
        assert!(read(&REQUEST, &json!({"store": true}), Surface::Vertex).is_err());
    }
}

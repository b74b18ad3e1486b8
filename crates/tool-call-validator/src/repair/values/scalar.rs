//! Values of the wrong type or spelling.

use jsonschema::{JsonType, JsonTypeSet, error::ValidationErrorKind as Kind};
use serde_json::{Map, Value, value::RawValue};

use super::{Node, Repair, complaint, syntax, tree};

/// What may be done at a place, as far as the alternatives around it let one reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// Strings may become other values: no alternative takes strings.
    pub(super) from_string: bool,
    /// Other values may become strings: no alternative takes anything else.
    pub(super) to_string: bool,
}

impl Allowed {
    pub(super) const ALL: Self = Self { from_string: true, to_string: true };
}

/// What was meant by a value that is complained of. `None` if it cannot be told, or the complaint is of something else.
pub(super) fn meant(node: &Node, kind: &Kind, allowed: Allowed) -> Option<(Node, Repair)> {
    let Node::Scalar(spelled) = node else { return None };
    if let Some(listed) = complaint::listed(kind) {
        if let Some(text) = tree::string(node) {
            return in_list(&text, listed).map(|option| (option, Repair::EnumSpelling)).or_else(|| {
                let takes_others = allowed.from_string && !listed.iter().any(Value::is_string);
                takes_others.then(|| from_string(&text, JsonTypeSet::all()))?.map(|node| (node, Repair::StringToValue))
            });
        }
        let is_listed = listed.iter().any(|option| option == spelled.as_str());
        return (allowed.to_string && is_listed && complaint::takes_only_strings(kind, ""))
            .then(|| to_string(spelled))?;
    }
    let Kind::Type { kind: expected } = kind else { return None };
    let types = complaint::types(expected);
    match tree::string(node) {
        Some(text) if allowed.from_string => from_string(&text, types).map(|node| (node, Repair::StringToValue)),
        None if allowed.to_string && types.contains(JsonType::String) && complaint::takes_only_strings(kind, "") => {
            to_string(spelled)
        }
        _ => None,
    }
}

/// The one listed string that differs in case and surrounding white space only.
fn in_list(text: &str, listed: &[Value]) -> Option<Node> {
    let plain = |text: &str| text.trim().to_lowercase();
    let text = plain(text);
    let mut meant = listed.iter().filter_map(Value::as_str).filter(|option| plain(option) == text);
    let option = meant.next()?;
    meant.next().is_none().then(|| Node::Scalar(tree::quoted(option)))
}

/// The value that a string spells, if it spells one of these types exactly.
fn from_string(text: &str, types: JsonTypeSet) -> Option<Node> {
    let is_integer_only = types.contains(JsonType::Integer) && !types.contains(JsonType::Number);
    let is_of_type = match text.bytes().next()? {
        b'{' => types.contains(JsonType::Object),
        b'[' => types.contains(JsonType::Array),
        b't' | b'f' => types.contains(JsonType::Boolean),
        b'n' => types.contains(JsonType::Null),
        b'-' | b'0'..=b'9' => types.contains(JsonType::Number) || (is_integer_only && is_integral(text)),
        _ => false,
    };
    // White space around it is not a part of any value's spelling.
    if !is_of_type || serde_json::from_str::<&RawValue>(text).ok()?.get() != text {
        return None;
    }
    if text.starts_with(['{', '[']) {
        let reading = syntax::read(text)?;
        return (reading.repairs.is_empty() && reading.unclosed.is_empty()).then_some(reading.node);
    }
    // `5.0` and `5e3` are integers to JSON Schema, but not to every client that reads integers.
    let text = match text.split_once('.') {
        Some((whole, zeros)) if is_integer_only && zeros.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    Some(Node::Scalar(text.to_owned()))
}

fn is_integral(number: &str) -> bool {
    !number.contains(['e', 'E'])
        && (!number.contains('.') || number.parse::<f64>().is_ok_and(|number| number.fract() == 0.0))
}

/// The string that has a number's or a boolean's spelling.
fn to_string(spelled: &str) -> Option<(Node, Repair)> {
    let is_plain = match spelled {
        "true" | "false" => true,
        // `1e3` for a string is anybody's guess.
        _ => spelled.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && !spelled.contains(['e', 'E']),
    };
    is_plain.then(|| (Node::Scalar(tree::quoted(spelled)), Repair::ValueToString))
}

/// Whether a schema may take a value, mended or not, as far as its `type` and its list of values tell.
pub(super) fn may_take(schema: &Map<String, Value>, node: &Node) -> bool {
    let is_typed = match schema.get("type") {
        Some(Value::String(name)) => may_be(name, node),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(|name| may_be(name, node)),
        _ => true,
    };
    let listed = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice);
    let listed = listed.or_else(|| schema.get("const").map(std::slice::from_ref));
    let is_listed = listed.is_none_or(|listed| {
        let text = tree::text(node);
        listed.iter().any(|option| option.as_str().map_or_else(|| option.to_string(), str::to_lowercase) == text)
    });
    // Words may say anything: `"fahrenheit"` is one of `"c"` and `"f"`.
    let is_listed = is_listed || tree::string(node).is_some();
    is_typed && is_listed
}

/// Whether a value is of this type, or may have been meant to say what one of this type says: in words, or as one part of it.
fn may_be(name: &str, node: &Node) -> bool {
    match node {
        Node::Object(_) => name == "object",
        Node::Array(_) => name == "array",
        Node::Scalar(spelled) => match spelled.as_str() {
            "true" | "false" => !matches!(name, "integer" | "number" | "null"),
            text if text.starts_with('"') || text == "null" => true,
            _ => !matches!(name, "boolean" | "null"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(types: &[JsonType]) -> JsonTypeSet {
        types.iter().fold(JsonTypeSet::empty(), |set, kind| set.insert(*kind))
    }

    #[test]
    fn a_string_is_what_it_spells_exactly() {
        use JsonType::{Array, Boolean, Integer, Null, Number, Object};
        for (text, types, node) in [
            ("5", &[Integer][..], Some("5")),
            ("-5", &[Integer, Null], Some("-5")),
            ("5.0", &[Integer], Some("5")),
            ("5.0", &[Integer, Number], Some("5.0")),
            ("5.50", &[Number], Some("5.50")),
            ("123456789012345678901234567890", &[Integer], Some("123456789012345678901234567890")),
            ("true", &[Boolean], Some("true")),
            ("null", &[Null, Integer], Some("null")),
            ("5.5", &[Integer], None),
            ("05", &[Integer], None),
            ("5e3", &[Integer], None),
            (" 5", &[Integer], None),
            ("5 ", &[Integer], None),
            ("+5", &[Integer], None),
            ("five", &[Integer], None),
            ("", &[Integer, Null], None),
            ("True", &[Boolean], None),
            ("1", &[Boolean], None),
            ("null", &[Integer], None),
            ("5", &[Array, Object], None),
            ("[1", &[Array], None),
            ("[1] ", &[Array], None),
        ] {
            assert_eq!(from_string(text, set(types)), node.map(|text| Node::Scalar(text.into())), "{text}");
        }
    }

    #[test]
    fn a_number_is_a_string_by_its_spelling() {
        for (spelled, text) in [
            ("5", Some("\"5\"")),
            ("-1.50", Some("\"-1.50\"")),
            ("true", Some("\"true\"")),
            ("1e3", None),
            ("null", None),
        ] {
            let node = to_string(spelled).map(|(node, _)| tree::text(&node));
            assert_eq!(node.as_deref(), text, "{spelled}");
        }
    }

    #[test]
    fn what_a_schema_may_take() {
        let takes = |schema: &str, value: &str| {
            let schema: Map<String, Value> = serde_json::from_str(schema).unwrap();
            may_take(&schema, &tree::from_value(&serde_json::from_str(value).unwrap()))
        };
        for (schema, value, may) in [
            (r#"{"type":"integer"}"#, "5", true),
            (r#"{"type":"integer"}"#, r#""5""#, true),
            (r#"{"type":"integer"}"#, r#""five""#, true),
            (r#"{"type":"integer"}"#, "true", false),
            (r#"{"type":"array"}"#, "5", true),
            (r#"{"type":"integer"}"#, "[5]", false),
            (r#"{"type":"string"}"#, "5", true),
            (r#"{"type":["boolean","null"]}"#, r#""true""#, true),
            (r#"{"type":["boolean","null"]}"#, r#""yes""#, true),
            (r#"{"type":["boolean","null"]}"#, "5", false),
            (r#"{"type":"object"}"#, r#""x""#, true),
            (r#"{"type":"string"}"#, "{}", false),
            (r#"{"enum":["a","B"]}"#, r#""b""#, true),
            (r#"{"enum":["a","B"]}"#, r#""c""#, true),
            (r#"{"enum":["a","B"]}"#, "5", false),
            (r#"{"const":3}"#, "3", true),
            ("{}", "3", true),
        ] {
            assert_eq!(takes(schema, value), may, "{schema} {value}");
        }
    }

    #[test]
    fn a_listed_string_is_found_by_case_and_white_space() {
        let listed = [Value::from("Celsius"), "on".into(), "ON".into(), 5.into()];
        for (text, option) in
            [("celsius", Some("\"Celsius\"")), (" CELSIUS\n", Some("\"Celsius\"")), ("On", None), ("5", None)]
        {
            assert_eq!(in_list(text, &listed).map(|node| tree::text(&node)).as_deref(), option, "{text}");
        }
    }
}

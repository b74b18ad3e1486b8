//! JSON Schemas as Claude takes them, wherever it is served.
//!
//! A tool's schema is sent as it is, if its root says that it is an object. Where the answer is bound to a schema
//! (structured outputs, strict tools) only a part of JSON Schema is known: the rest is taken out and told to the
//! model in the description, and checked by nobody but our own validator, which has the original. What would mean
//! something else without that part is refused: see `check`.

mod check;

use std::{borrow::Cow, fmt};

use llm_layers_core::Failure;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::{Error as _, SerializeMap},
};
use serde_json::value::RawValue;

use crate::names::Wrap;

/// What bounds values, and is not known; told to the model in words.
const BOUNDS: [&str; 13] = [
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "minContains",
];

/// What is not known, and cannot be told in a few words.
const REFUSED: [&str; 13] = [
    "contains",
    "maxContains",
    "prefixItems",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "if",
    "then",
    "else",
    "not",
];

/// The schema of a tool's input, and how the input is wrapped if the schema describes no object.
pub(crate) fn of_tool<'a>(raw: &'a RawValue, strict: bool, path: &str) -> Result<(Cow<'a, RawValue>, Wrap), Failure> {
    let root: Root<'a> = serde_json::from_str(raw.get()).map_err(|_| invalid(path))?;
    let combined = root.any_of.is_some() || root.one_of.is_some() || root.all_of.is_some();
    let wrap = match root.kind.map(RawValue::get) {
        _ if combined => Wrap::Value,
        None => Wrap::Plain,
        Some(kind) if kind.contains("\"object\"") => Wrap::Plain,
        Some(_) => Wrap::Value,
    };
    let is_object = root.kind.is_some_and(|kind| kind.get() == "\"object\"");
    let schema = if strict { Cow::Owned(bound(raw, path, true)?) } else { Cow::Borrowed(raw) };
    let schema = match wrap {
        Wrap::Value => {
            // References to the root itself would mean another one now; those to definitions follow them.
            if raw.get().contains("\"#\"") {
                return Err(refused(path, "its root must be an object if it refers to itself"));
            }
            let Root { defs, definitions, .. } = serde_json::from_str(schema.get()).map_err(|_| invalid(path))?;
            let properties = Value { value: &schema };
            let (kind, required, closed) = ("object", ["value"], false);
            let wrapped = Wrapped { kind, properties, required, closed, defs, definitions };
            Cow::Owned(serde_json::value::to_raw_value(&wrapped).unwrap_or_default())
        }
        Wrap::Plain | Wrap::Text if is_object || strict => schema,
        Wrap::Plain | Wrap::Text => Cow::Owned(typed(&schema).ok_or_else(|| invalid(path))?),
    };
    Ok((schema, wrap))
}

#[derive(Deserialize)]
struct Root<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow, rename = "anyOf")]
    any_of: Option<&'a RawValue>,
    #[serde(borrow, rename = "oneOf")]
    one_of: Option<&'a RawValue>,
    #[serde(borrow, rename = "allOf")]
    all_of: Option<&'a RawValue>,
    #[serde(borrow, rename = "$defs")]
    defs: Option<&'a RawValue>,
    #[serde(borrow)]
    definitions: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Wrapped<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    properties: Value<'a>,
    required: [&'static str; 1],
    #[serde(rename = "additionalProperties")]
    closed: bool,
    #[serde(rename = "$defs", skip_serializing_if = "Option::is_none")]
    defs: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definitions: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Value<'a> {
    value: &'a RawValue,
}

/// The same schema with an object for its type.
fn typed(raw: &RawValue) -> Option<Box<RawValue>> {
    let mut object = llm_layers_wire::json::Object::parse(raw.get().to_owned()).ok()?;
    object.set("type", "object");
    RawValue::from_string(String::from_utf8(object.to_bytes().to_vec()).ok()?).ok()
}

/// What Anthropic knows of a schema that an answer is bound to. The order of its members stays, so that a cached
/// prompt stays valid.
pub(crate) fn filtered(raw: &RawValue, path: &str) -> Result<Box<RawValue>, Failure> {
    bound(raw, path, false)
}

fn bound(raw: &RawValue, path: &str, is_tool: bool) -> Result<Box<RawValue>, Failure> {
    let schema: Schema<'_> = serde_json::from_str(raw.get()).map_err(|_| invalid(path))?;
    let Schema::Members(members) = schema else { return Err(invalid(path)) };
    check::check(&members, path, is_tool)?;
    serde_json::value::to_raw_value(&Schema::Members(members)).map_err(|_| invalid(path))
}

fn invalid(path: &str) -> Failure {
    let message = format!("`{path}` is invalid: it is no JSON Schema.");
    Failure::bad_request(message).with_param(path).with_code("invalid_value")
}

fn refused(path: &str, why: &str) -> Failure {
    let message = format!("`{path}` is not supported by this provider: {why}.");
    Failure::bad_request(message).with_param(path).with_code("unsupported_value")
}

/// A schema, read as deep as schemas go; values within it (`enum`, `default`) stay as they were spelled.
enum Schema<'a> {
    Bool(bool),
    Members(Vec<Member<'a>>),
    /// Of older drafts: a tuple's items. What it holds is not read, as it is refused.
    List,
}

struct Member<'a> {
    name: String,
    value: Part<'a>,
}

enum Part<'a> {
    Raw(&'a RawValue),
    Schema(Schema<'a>),
    Map(Vec<(String, Schema<'a>)>),
    List(Vec<Schema<'a>>),
}

impl Member<'_> {
    fn raw(&self) -> Option<&RawValue> {
        match self.value {
            Part::Raw(raw) => Some(raw),
            _ => None,
        }
    }

    /// Whether Anthropic knows it.
    fn is_known(&self) -> bool {
        let name = self.name.as_str();
        match name {
            "minItems" => self.raw().is_some_and(|raw| matches!(raw.get(), "0" | "1")),
            "additionalProperties" => false,
            _ => !BOUNDS.contains(&name) && !REFUSED.contains(&name),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Schema<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Schema<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON Schema")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Schema::Bool(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Schema::List)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let value = match name.as_str() {
                        "properties" | "$defs" | "definitions" => Part::Map(map.next_value::<Named<'de>>()?.0),
                        "items" => Part::Schema(map.next_value()?),
                        "anyOf" | "oneOf" | "allOf" => Part::List(map.next_value()?),
                        _ => Part::Raw(map.next_value()?),
                    };
                    members.push(Member { name, value });
                }
                Ok(Schema::Members(members))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl Serialize for Schema<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = match self {
            Self::Bool(value) => return serializer.serialize_bool(*value),
            Self::Members(members) => members,
            Self::List => return Err(S::Error::custom("a list is no schema")),
        };
        let find = |name: &str| members.iter().find(|member| member.name == name);
        let notes = notes(members);
        let kind = find("type").and_then(Member::raw);
        let contradicted =
            kind.zip(find("enum").and_then(Member::raw)).is_some_and(|(kind, values)| contradicts(kind, values));
        // What is described elsewhere is closed there: here it would be closed to everything.
        let is_object = find("properties").is_some()
            || (kind.is_some_and(|kind| kind.get().contains("\"object\"")) && !check::is_described(members));

        let mut map = serializer.serialize_map(None)?;
        for Member { name, value } in members.iter().filter(|member| member.is_known()) {
            match (name.as_str(), value) {
                ("type", _) if contradicted => {}
                ("description", Part::Raw(raw)) if !notes.is_empty() => {
                    let said: String = serde_json::from_str(raw.get()).unwrap_or_default();
                    map.serialize_entry(name, &format!("{said} {notes}"))?;
                }
                ("oneOf", _) if find("anyOf").is_some() => {}
                ("oneOf", Part::List(list)) => map.serialize_entry("anyOf", list)?,
                (_, Part::Raw(raw)) => map.serialize_entry(name, raw)?,
                (_, Part::Schema(schema)) => map.serialize_entry(name, schema)?,
                (_, Part::List(list)) => map.serialize_entry(name, list)?,
                (_, Part::Map(named)) => map.serialize_entry(name, &InOrder(named))?,
            }
        }
        if is_object {
            map.serialize_entry("additionalProperties", &false)?;
        }
        if !notes.is_empty() && find("description").is_none() {
            map.serialize_entry("description", &notes)?;
        }
        map.end()
    }
}

/// What is taken out, in words.
fn notes(members: &[Member<'_>]) -> String {
    // Longer ones tell a model little, and would be paid for.
    const MAX: usize = 200;
    let taken = members.iter().filter(|member| !member.is_known() && member.name != "additionalProperties");
    let told =
        taken.filter_map(|member| Some((&member.name, member.raw()?.get()))).filter(|(_, value)| value.len() <= MAX);
    let told: Vec<String> = told.map(|(name, value)| format!("{name}: {value}")).collect();
    if told.is_empty() { String::new() } else { format!("({})", told.join(", ")) }
}

/// Whether a value of `enum` is not of the declared type; Anthropic refuses that, others do not mind.
fn contradicts(kind: &RawValue, values: &RawValue) -> bool {
    let values: Vec<&RawValue> = serde_json::from_str(values.get()).unwrap_or_default();
    values.iter().any(|value| {
        let fits: &[&str] = match value.get().as_bytes().first() {
            Some(b'"') => &["\"string\""],
            Some(b't' | b'f') => &["\"boolean\""],
            Some(b'n') => &["\"null\""],
            Some(b'{') => &["\"object\""],
            Some(b'[') => &["\"array\""],
            _ => &["\"number\"", "\"integer\""],
        };
        !fits.iter().any(|fit| kind.get().contains(fit))
    })
}

struct InOrder<'s, 'a>(&'s [(String, Schema<'a>)]);

impl Serialize for InOrder<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, schema)| (name, schema)))
    }
}

/// Schemas by name, in order.
struct Named<'a>(Vec<(String, Schema<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Named<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of JSON Schemas")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut named = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    named.push(entry);
                }
                Ok(Named(named))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

//! Shapes as a service model has them, and the check of a value against one.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::error::{serialization, validation};
use crate::reply::Reply;

pub(super) enum Shape {
    /// Characters from `least` to `most`, all of them of the class.
    Text {
        least: usize,
        most: usize,
        class: Class,
    },
    Enum(&'static [&'static str]),
    /// A whole number of at least this.
    Whole(u64),
    /// A number from 0 to 1.
    Unit,
    Bool,
    /// Base64 of at least one byte.
    Blob,
    /// Any JSON.
    Document,
    List {
        least: usize,
        most: usize,
        of: &'static Self,
    },
    Map {
        most: usize,
    },
    Structure(&'static [Member]),
    /// A structure of which exactly one member is there; the name is that of the type.
    Union(&'static str, &'static [Member]),
}

pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) shape: &'static Shape,
}

/// The characters of a text; the pattern is what the refusal quotes.
#[derive(Clone, Copy)]
pub(super) enum Class {
    Any,
    Name,
    Id,
}

impl Class {
    fn pattern(self) -> &'static str {
        match self {
            Self::Any => "[\\s\\S]*",
            Self::Name => "[a-zA-Z0-9_-]+",
            Self::Id => "[a-zA-Z0-9_.:-]+",
        }
    }

    fn holds(self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::Name => c.is_ascii_alphanumeric() || c == '_' || c == '-',
            Self::Id => c.is_ascii_alphanumeric() || "_.:-".contains(c),
        }
    }
}

impl Shape {
    pub(super) fn check(&self, value: &Value) -> Result<(), Reply> {
        self.walk(value, &mut Place::default())
    }

    fn walk(&self, value: &Value, place: &mut Place) -> Result<(), Reply> {
        match self {
            Self::Document => Ok(()),
            Self::Text { least, most, class } => {
                let text = value.as_str().ok_or_else(|| convert(value, "String"))?;
                length(text.chars().count(), *least, *most).map_err(|rule| place.constraint(value, &rule))?;
                if text.chars().all(|c| class.holds(c)) {
                    return Ok(());
                }
                let rule = format!("Member must satisfy regular expression pattern: {}", class.pattern());
                Err(place.constraint(value, &rule))
            }
            Self::Enum(known) => {
                let text = value.as_str().ok_or_else(|| convert(value, "String"))?;
                if known.contains(&text) {
                    return Ok(());
                }
                let rule = format!("Member must satisfy enum value set: [{}]", known.join(", "));
                Err(place.constraint(value, &rule))
            }
            Self::Whole(least) => {
                let number = value.as_i64().ok_or_else(|| convert(value, "Integer"))?;
                if u64::try_from(number).is_ok_and(|number| number >= *least) {
                    return Ok(());
                }
                Err(place.constraint(value, &format!("Member must have value greater than or equal to {least}")))
            }
            Self::Unit => {
                let number = value.as_f64().ok_or_else(|| convert(value, "Float"))?;
                if (0.0..=1.0).contains(&number) {
                    return Ok(());
                }
                let (side, limit) = if number > 1.0 { ("less", 1) } else { ("greater", 0) };
                Err(place.constraint(value, &format!("Member must have value {side} than or equal to {limit}")))
            }
            Self::Bool => value.as_bool().map(drop).ok_or_else(|| convert(value, "Boolean")),
            Self::Blob => {
                let text = value.as_str().ok_or_else(|| convert(value, "Blob"))?;
                let bytes = STANDARD.decode(text).map_err(|_| serialization("Invalid Base64 encoding"))?;
                length(bytes.len(), 1, usize::MAX).map_err(|rule| place.constraint(value, &rule))
            }
            Self::List { least, most, of } => {
                let items = value.as_array().ok_or_else(|| convert(value, "List"))?;
                length(items.len(), *least, *most).map_err(|rule| place.constraint(value, &rule))?;
                for (at, item) in items.iter().enumerate() {
                    place.within(Step::Item(at), |place| of.walk(item, place))?;
                }
                Ok(())
            }
            Self::Map { most } => {
                let members = value.as_object().ok_or_else(|| convert(value, "Map"))?;
                length(members.len(), 1, *most).map_err(|rule| place.constraint(value, &rule))?;
                if members.values().all(Value::is_string) { Ok(()) } else { Err(convert(value, "String")) }
            }
            Self::Structure(known) => {
                let members = value.as_object().ok_or_else(|| convert(value, "Structure"))?;
                structure(known, members, place)
            }
            Self::Union(name, known) => {
                let members = value.as_object().ok_or_else(|| convert(value, "Structure"))?;
                if members.values().filter(|value| !value.is_null()).count() != 1 {
                    let names: Vec<&str> = known.iter().map(|member| member.name).collect();
                    let (place, names) = (place.path(), names.join(", "));
                    return Err(validation(&format!(
                        "The {name} object at {place} must set one, and only one, of the following keys: {names}."
                    )));
                }
                structure(known, members, place)
            }
        }
    }
}

fn structure(known: &'static [Member], members: &Map<String, Value>, place: &mut Place) -> Result<(), Reply> {
    for (name, value) in members {
        let Some(member) = known.iter().find(|member| member.name == name) else {
            return Err(validation(&format!(
                "Malformed input request: #{}: extraneous key [{name}] is not permitted, please reformat your input \
                 and try again.",
                place.pointer()
            )));
        };
        // A member that is null is one that is absent.
        if !value.is_null() {
            place.within(Step::Member(member.name), |place| member.shape.walk(value, place))?;
        }
    }
    let missing = |member: &&Member| member.required && members.get(member.name).is_none_or(Value::is_null);
    match known.iter().find(missing) {
        Some(member) => place
            .within(Step::Member(member.name), |place| Err(place.constraint(&Value::Null, "Member must not be null"))),
        None => Ok(()),
    }
}

fn length(length: usize, least: usize, most: usize) -> Result<(), String> {
    if length < least {
        return Err(format!("Member must have length greater than or equal to {least}"));
    }
    if length > most {
        return Err(format!("Member must have length less than or equal to {most}"));
    }
    Ok(())
}

fn convert(value: &Value, wanted: &str) -> Reply {
    let given = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    };
    serialization(&format!("{given} can not be converted to {wanted}"))
}

#[derive(Clone, Copy)]
enum Step {
    Member(&'static str),
    Item(usize),
}

/// Where in the request a value stands; written in three ways, after who complains.
#[derive(Default)]
struct Place(Vec<Step>);

impl Place {
    fn within<T>(&mut self, step: Step, check: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(step);
        let checked = check(self);
        self.0.pop();
        checked
    }

    fn constraint(&self, value: &Value, rule: &str) -> Reply {
        let given = match value {
            Value::Null => "null".to_owned(),
            Value::String(text) => format!("'{text}'"),
            other => format!("'{other}'"),
        };
        let place = self.write(".", |at| format!("{}.member", at + 1));
        validation(&format!(
            "1 validation error detected: Value {given} at '{place}' failed to satisfy constraint: {rule}"
        ))
    }

    fn path(&self) -> String {
        self.write(".", |at| at.to_string())
    }

    fn pointer(&self) -> String {
        let path = self.write("/", |at| at.to_string());
        if path.is_empty() { path } else { format!("/{path}") }
    }

    fn write(&self, separator: &str, item: impl Fn(usize) -> String) -> String {
        self.0.iter().fold(String::new(), |mut out, step| {
            let between = if out.is_empty() { "" } else { separator };
            // Writing to a string cannot fail.
            let _ = match step {
                Step::Member(name) => write!(out, "{between}{name}"),
                Step::Item(at) => write!(out, "{between}{}", item(*at)),
            };
            out
        })
    }
}

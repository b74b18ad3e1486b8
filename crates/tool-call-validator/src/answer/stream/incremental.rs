//! Structured output, checked while it comes.

use std::{collections::HashSet, fmt::Write, mem, sync::Arc};

use serde_json::Value;

use crate::{
    Fault, Reason,
    schemas::{Complaint, Schema, step},
};

/// How deep JSON may be nested, as serde_json reads it.
const MAX_DEPTH: usize = 127;
/// The longest string or number that is looked into, in bytes. Of longer ones only the syntax is checked.
const MAX_TOKEN: usize = 8 * 1024;
/// How many names of members are remembered, in bytes. Beyond, missing and repeated members are left for the end.
const MAX_NAMES: usize = 1024 * 1024;
/// The longest path that is told, in bytes.
const MAX_PATH: usize = 512;

/// Reads a text that is to be JSON as it comes, and finds what is certainly wrong with it: its syntax, and what the schema
/// says about types, listed values and members. What it lets pass is judged at the end, when it is whole.
#[derive(Debug)]
pub(crate) struct Incremental {
    /// `None` for any object.
    schema: Option<Arc<Schema>>,
    expected: Expected,
    open: Vec<Container>,
    /// What applies to the value that comes next.
    place: Vec<u32>,
    /// A string or a number that is being read.
    token: String,
    is_cut: bool,
    names_left: usize,
    /// It has been found to be wrong.
    fault: Option<Fault>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Value,
    /// Behind `[`.
    ValueOrEnd,
    Name,
    /// Behind `{`.
    NameOrEnd,
    Colon,
    /// A comma, or the end of what is open; nothing at all behind the whole.
    Next,
    /// More of a string.
    Text {
        is_name: bool,
        escape: Escape,
    },
    /// More of a number or a word.
    Literal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    /// Behind `\`.
    Begun,
    /// So many hexadecimal digits are missing.
    Hex(u8),
}

/// An object or array that is open.
#[derive(Debug)]
struct Container {
    is_object: bool,
    place: Vec<u32>,
    /// The names of an object's members so far; `None` where there were too many.
    names: Option<HashSet<Box<str>>>,
    /// The member that is being read, if it is known by now.
    name: Option<Box<str>>,
    /// The item that is being read.
    index: usize,
}

impl Incremental {
    /// A reader of a text that is to be valid by this schema, or any object.
    pub(crate) fn new(schema: Option<Arc<Schema>>) -> Self {
        let place = schema.as_ref().map(|schema| schema.root()).unwrap_or_default();
        Self {
            schema,
            expected: Expected::Value,
            open: Vec::new(),
            place,
            token: String::new(),
            is_cut: false,
            names_left: MAX_NAMES,
            fault: None,
        }
    }

    /// Reads on.
    ///
    /// # Errors
    /// It is certainly wrong. The fault is of the first choice, which is the caller's to tell; it is told again for
    /// whatever comes then.
    pub(crate) fn push(&mut self, text: &str) -> Result<(), Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        text.chars().try_for_each(|char| self.char(char)).map_err(|(reason, message)| {
            let fault = Fault { choice: 0, tool: None, reason, path: self.path(), message };
            self.fault = Some(fault.clone());
            fault
        })
    }

    fn char(&mut self, char: char) -> Result<(), Complaint> {
        match self.expected {
            Expected::Text { is_name, escape } => return self.text(char, is_name, escape),
            Expected::Literal if !matches!(char, ',' | ']' | '}' | ' ' | '\t' | '\n' | '\r') => {
                self.keep(char);
                return Ok(());
            }
            Expected::Literal => self.literal()?,
            _ => {}
        }
        match (self.expected, char) {
            (_, ' ' | '\t' | '\n' | '\r') => Ok(()),
            (Expected::Value | Expected::ValueOrEnd, '{' | '[') => self.container(char == '{'),
            (Expected::Value | Expected::ValueOrEnd, '"') => {
                self.check_kind("string")?;
                self.begin(char, Expected::Text { is_name: false, escape: Escape::None });
                Ok(())
            }
            (Expected::Value | Expected::ValueOrEnd, '-' | '0'..='9' | 't' | 'f' | 'n') => {
                self.check_kind(match char {
                    't' | 'f' => "boolean",
                    'n' => "null",
                    _ => "number",
                })?;
                self.begin(char, Expected::Literal);
                Ok(())
            }
            (Expected::ValueOrEnd | Expected::Next, ']') => self.close(false),
            (Expected::NameOrEnd | Expected::Next, '}') => self.close(true),
            (Expected::Name | Expected::NameOrEnd, '"') => {
                self.begin(char, Expected::Text { is_name: true, escape: Escape::None });
                Ok(())
            }
            (Expected::Colon, ':') => {
                self.expected = Expected::Value;
                Ok(())
            }
            (Expected::Next, ',') => self.comma(),
            _ => Err(no_json()),
        }
    }

    fn begin(&mut self, char: char, expected: Expected) {
        self.token.clear();
        self.token.push(char);
        self.is_cut = false;
        self.expected = expected;
    }

    fn keep(&mut self, char: char) {
        self.is_cut |= self.token.len() >= MAX_TOKEN;
        if !self.is_cut {
            self.token.push(char);
        }
    }

    fn container(&mut self, is_object: bool) -> Result<(), Complaint> {
        self.check_kind(if is_object { "object" } else { "array" })?;
        if self.open.len() >= MAX_DEPTH {
            return Err((Reason::NotJson, "is nested too deeply".to_owned()));
        }
        let place = mem::take(&mut self.place);
        if !is_object {
            self.place = self.schema.as_ref().map(|schema| schema.item(&place, 0)).unwrap_or_default();
        }
        let names = Some(HashSet::new());
        self.open.push(Container { is_object, place, names, name: None, index: 0 });
        self.expected = if is_object { Expected::NameOrEnd } else { Expected::ValueOrEnd };
        Ok(())
    }

    fn close(&mut self, is_object: bool) -> Result<(), Complaint> {
        let Some(container) = self.open.pop_if(|container| container.is_object == is_object) else {
            return Err(no_json());
        };
        self.expected = Expected::Next;
        let missing = match (&self.schema, &container.names) {
            (Some(schema), Some(names)) if is_object => schema.missing(&container.place, |name| names.contains(name)),
            _ => None,
        };
        if let Some(name) = missing.map(Box::from) {
            // The path of the fault leads to what is missing.
            self.open.push(Container { name: Some(name), ..container });
            return Err((Reason::Required, "is required".to_owned()));
        }
        Ok(())
    }

    fn comma(&mut self) -> Result<(), Complaint> {
        let Some(container) = self.open.last_mut() else { return Err(no_json()) };
        if container.is_object {
            container.name = None;
            self.expected = Expected::Name;
        } else {
            container.index += 1;
            self.place =
                self.schema.as_ref().map(|schema| schema.item(&container.place, container.index)).unwrap_or_default();
            self.expected = Expected::Value;
        }
        Ok(())
    }

    fn text(&mut self, char: char, is_name: bool, escape: Escape) -> Result<(), Complaint> {
        self.keep(char);
        let escape = match (escape, char) {
            (Escape::None, '"') => return if is_name { self.name() } else { self.scalar() },
            (Escape::None, '\\') => Escape::Begun,
            (Escape::None, '\0'..='\x1f') => return Err(no_json()),
            (Escape::None, _) => Escape::None,
            (Escape::Begun, 'u') => Escape::Hex(4),
            (Escape::Begun, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => Escape::None,
            (Escape::Hex(1), char) if char.is_ascii_hexdigit() => Escape::None,
            (Escape::Hex(left), char) if char.is_ascii_hexdigit() => Escape::Hex(left - 1),
            _ => return Err(no_json()),
        };
        self.expected = Expected::Text { is_name, escape };
        Ok(())
    }

    fn name(&mut self) -> Result<(), Complaint> {
        self.expected = Expected::Colon;
        self.place.clear();
        let Some(container) = self.open.last_mut() else { return Err(no_json()) };
        if self.is_cut {
            container.names = None;
            return Ok(());
        }
        let name: String = serde_json::from_str(&self.token).map_err(|_| no_json())?;
        if let Some(schema) = &self.schema {
            schema.check_name(&container.place, &name)?;
            self.place = schema.member(&container.place, &name);
        }
        container.name = Some(name.as_str().into());
        match self.names_left.checked_sub(name.len() + 1) {
            Some(left) => self.names_left = left,
            None => container.names = None,
        }
        match container.names.as_mut().map(|names| names.insert(name.into())) {
            Some(false) => Err((Reason::NotJson, "is there twice".to_owned())),
            _ => Ok(()),
        }
    }

    fn literal(&mut self) -> Result<(), Complaint> {
        self.expected = Expected::Next;
        self.scalar()
    }

    fn scalar(&mut self) -> Result<(), Complaint> {
        self.expected = Expected::Next;
        if self.is_cut {
            return Ok(());
        }
        let value: Value = serde_json::from_str(&self.token).map_err(|_| no_json())?;
        match &self.schema {
            Some(schema) => schema.check_scalar(&self.place, &value),
            None => Ok(()),
        }
    }

    fn check_kind(&self, kind: &str) -> Result<(), Complaint> {
        match &self.schema {
            Some(schema) => schema.check_kind(&self.place, kind),
            None if self.open.is_empty() && kind != "object" => {
                Err((Reason::NotAnObject, "must be an object".to_owned()))
            }
            None => Ok(()),
        }
    }

    /// Where it is being read, as a JSON pointer.
    fn path(&self) -> String {
        let mut path = String::new();
        for container in &self.open {
            let _ = match &container.name {
                Some(name) => write!(path, "/{}", step(name)),
                None if container.is_object => break,
                None => write!(path, "/{}", container.index),
            };
            if path.len() > MAX_PATH {
                break;
            }
        }
        path
    }
}

fn no_json() -> Complaint {
    (Reason::NotJson, "is no JSON".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::Schemas;

    fn schema() -> Arc<Schema> {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["name"],
            "allOf": [{"$ref": "#/$defs/counted"}],
            "properties": {
                "name": {"type": "string", "enum": ["a", "b\u{e9}"]},
                "count": {"type": ["integer", "null"]},
                "ratio": {"type": "number"},
                "one": {"const": 1},
                "pairs": {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "boolean"}},
                "tree": {"$ref": "#/$defs/tree"},
                "any": {"anyOf": [{"type": "string"}, {"type": "number"}]},
                "free": {},
                "gone": false,
                "patterned": {"patternProperties": {"^x": {}}, "additionalProperties": false},
            },
            "$defs": {
                "counted": {"properties": {"count": {"enum": [1, 2, 2.5, null]}}},
                "tree": {
                    "type": "object", "additionalProperties": false,
                    "properties": {"children": {"items": {"$ref": "#/$defs/tree"}}},
                },
            },
        });
        Schemas::default().get(schema.to_string().as_bytes()).unwrap()
    }

    /// Reads a text in pieces of this length.
    fn read(schema: Option<Arc<Schema>>, text: &str, length: usize) -> Result<(), Fault> {
        let mut reader = Incremental::new(schema);
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(length) {
            reader.push(&piece.iter().collect::<String>())?;
        }
        Ok(())
    }

    #[test]
    fn what_is_right_so_far_passes() {
        let texts = [
            "",
            " \n{",
            r#"{"name":"a"}"#,
            r#" { "name" : "b\u00e9" , "count" : 1.0 , "ratio" : -1.5e3, "one": 1.0 } "#,
            r#"{"name":"a","count":null,"pairs":["x",true,false],"tree":{"children":[{},{"children":[]}]}}"#,
            r#"{"any":true,"free":[{"x":[[]]},"\"\\\/\b\f\n\r\t\ud83d\ude00"],"patterned":{"y":1},"name":"a"}"#,
            r#"{"name":"#,
            r#"{"count":"#,
        ];
        for text in texts {
            for length in [1, 2, 3, 1000] {
                assert_eq!(read(Some(schema()), text, length), Ok(()), "{text}");
            }
        }
        assert_eq!(read(None, r#"{"a":[1,"x"],"b":{"a":null}}"#, 1), Ok(()));
    }

    #[test]
    fn what_is_certainly_wrong_is_told_at_once() {
        let deep = "[".repeat(200);
        let cases = [
            ("x", "", Reason::NotJson),
            ("`", "", Reason::NotJson),
            ("[", "", Reason::Type),
            ("\"", "", Reason::Type),
            ("{,", "", Reason::NotJson),
            (r#"{"nam""#, "", Reason::AdditionalProperties),
            (r#"{"name":"c""#, "/name", Reason::Enum),
            (r#"{"name":1"#, "/name", Reason::Type),
            (r#"{"name":"a","name""#, "/name", Reason::NotJson),
            (r#"{"name":"a"]"#, "/name", Reason::NotJson),
            (r#"{"name":"a",}"#, "", Reason::NotJson),
            (r#"{"name":"a"}x"#, "", Reason::NotJson),
            (r#"{"name":"a"}{"#, "", Reason::NotJson),
            (r#"{"name":"\x"#, "/name", Reason::NotJson),
            (r#"{"name":"\u00g"#, "/name", Reason::NotJson),
            ("{\"name\":\"\n", "/name", Reason::NotJson),
            (r#"{"free":"\ud800""#, "/free", Reason::NotJson),
            (r#"{"free":nul "#, "/free", Reason::NotJson),
            (r#"{"free":01 "#, "/free", Reason::NotJson),
            (r#"{"free":[1,]"#, "/free/1", Reason::NotJson),
            (r#"{"count":3}"#, "/count", Reason::Enum),
            (r#"{"count":2.5}"#, "/count", Reason::Type),
            (r#"{"one":2}"#, "/one", Reason::Enum),
            (r#"{"one":{"#, "/one", Reason::Enum),
            (r#"{"pairs":["x",true,1"#, "/pairs/2", Reason::Type),
            (r#"{"tree":{"children":[{"x/~y""#, "/tree/children/0", Reason::AdditionalProperties),
            (r#"{"tree":{"children":[{},1"#, "/tree/children/1", Reason::Type),
            (r#"{"gone":1"#, "/gone", Reason::AdditionalProperties),
            ("{}", "/name", Reason::Required),
            (r#"{"count":1}"#, "/name", Reason::Required),
        ];
        for (text, path, reason) in cases {
            for length in [1, 2, 1000] {
                let fault = read(Some(schema()), text, length).expect_err(text);
                assert_eq!((fault.path.as_str(), fault.reason), (path, reason), "{text}: {fault}");
            }
            // Not before.
            let before: String = text.chars().take(text.chars().count() - 1).collect();
            assert_eq!(read(Some(schema()), &before, 1), Ok(()), "{before}");
        }
        assert_eq!(read(Some(schema()), &format!(r#"{{"free":{deep}"#), 7).unwrap_err().reason, Reason::NotJson);
        assert_eq!(read(None, "[", 1).unwrap_err().reason, Reason::NotAnObject);
        assert_eq!(read(None, r#"{"a":1,"a"#, 1), Ok(()));
        assert_eq!(read(None, r#"{"a":1,"a":"#, 1).unwrap_err().path, "/a");
    }

    #[test]
    fn no_value_is_told_and_a_fault_stays() {
        let mut reader = Incremental::new(Some(schema()));
        let fault = reader.push(r#"{"name":"secret""#).unwrap_err();
        assert!(!fault.to_string().contains("secret"), "{fault}");
        assert_eq!(reader.push("}"), Err(fault));
    }

    #[test]
    fn long_tokens_are_not_kept() {
        let mut reader = Incremental::new(Some(schema()));
        reader.push(r#"{"name":""#).unwrap();
        for _ in 0..100 {
            reader.push(&"x".repeat(1000)).unwrap();
        }
        assert!(reader.token.len() <= MAX_TOKEN + 4);
        reader.push(r#"","count":1}"#).unwrap();
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-1e9_f64..1e9).prop_map(Value::from),
            "\\PC{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-c\"\\\\]{0,2}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn all_json_passes_and_what_fits_passes_its_schema(value in json_value(), length in 1_usize..9, is_pretty: bool) {
            let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let anything = Schemas::default().get(b"true").unwrap();
            prop_assert_eq!(read(Some(anything), &text, length), Ok(()));
            let this = json!({"const": value}).to_string();
            let this = Schemas::default().get(this.as_bytes()).unwrap();
            prop_assert_eq!(read(Some(this), &text, length), Ok(()));
        }

        #[test]
        fn what_it_refuses_is_no_json(text in "[\\[\\]{}:,\"a1tru e.\\\\-]{0,12}") {
            let anything = Schemas::default().get(b"true").unwrap();
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            let read = read(Some(anything), &text, 1);
            prop_assert!(!is_json || read.is_ok() || read.unwrap_err().message == "is there twice", "{}", text);
        }
    }
}

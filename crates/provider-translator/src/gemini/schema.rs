//! JSON Schemas as Gemini takes them in `parametersJsonSchema` and `responseJsonSchema`.
//!
//! Nearly all of JSON Schema may be sent. What may not: a `$schema`, members beside a `$ref` that do not begin with
//! `$`, references to anything but definitions, `const`. All else stays as it was spelled and in its order, which is
//! the order in which the model writes.
//!
//! Source: `google.genai.types.FunctionDeclaration.parameters_json_schema` and `GenerateContentConfig
//! .response_json_schema` of google-genai 3.4.0, which list the keywords (November 2026).

use std::{borrow::Cow, fmt};

use llm_layers_core::Failure;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Nobody writes deeper ones.
const DEEPEST: usize = 64;
/// References that are written out may multiply.
const LONGEST: usize = 1 << 20;
/// Bytes that may be read on the way: each level reads all that is below it, and each reference much of the whole.
const MOST_READ: usize = 64 << 20;

/// The schema as Gemini takes it.
///
/// # Errors
/// It is no JSON Schema, or deeper or longer than any that is meant: 400.
pub(super) fn clean(raw: &RawValue, path: &str) -> Result<Box<RawValue>, Failure> {
    let refused = |why: &str| {
        let message = format!("`{path}` is invalid: {why}.");
        Failure::bad_request(message).with_param(path).with_code("invalid_value")
    };
    let members: Members<'_> = serde_json::from_str(raw.get()).map_err(|_| refused("it is no JSON Schema"))?;
    let limit = raw.get().len().saturating_mul(2).max(LONGEST);
    let out = String::with_capacity(raw.get().len());
    let mut writer = Writer { root: &members, limit, left: MOST_READ, out, open: Vec::new() };
    writer.members(&members, 0).map_err(|TooMuch| refused("it is too deep, or refers to itself too often"))?;
    RawValue::from_string(writer.out).map_err(|_| refused("it is no JSON Schema"))
}

/// An object's members, in order, and no deeper.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, raw)| *raw)
    }

    fn of(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }
}

struct TooMuch;

struct Writer<'r, 'a> {
    root: &'r Members<'a>,
    limit: usize,
    /// Bytes that may still be read.
    left: usize,
    out: String,
    /// The references that are being written out.
    open: Vec<String>,
}

impl<'a> Writer<'_, 'a> {
    /// An object's members; nothing if it is none.
    fn read(&mut self, raw: &'a RawValue) -> Result<Option<Members<'a>>, TooMuch> {
        self.left = self.left.checked_sub(raw.get().len()).ok_or(TooMuch)?;
        Ok(Members::of(raw))
    }

    fn schema(&mut self, raw: &'a RawValue, depth: usize) -> Result<(), TooMuch> {
        match self.read(raw)? {
            Some(members) => self.members(&members, depth),
            // `true` and `false` are schemas too.
            None => self.raw(raw.get()),
        }
    }

    fn members(&mut self, members: &Members<'a>, depth: usize) -> Result<(), TooMuch> {
        if depth > DEEPEST {
            return Err(TooMuch);
        }
        if let Some(merged) = self.only_one_of_all(members)? {
            return self.members(&merged, depth + 1);
        }
        let reference = members.get("$ref").and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        if let Some(reference) = &reference
            && !is_definition(reference)
        {
            return self.inline(reference, depth);
        }
        self.raw("{")?;
        let mut first = true;
        for (name, raw) in &members.0 {
            let skipped = match name.as_ref() {
                "$schema" | "strict" => true,
                "const" => members.get("enum").is_some() || !is_choice(raw),
                "definitions" => members.get("$defs").is_some(),
                name => reference.is_some() && !name.starts_with('$'),
            };
            if skipped {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.raw(",")?;
            }
            self.member(members, name, raw, depth)?;
        }
        self.raw("}")
    }

    fn member(&mut self, members: &Members<'a>, name: &str, raw: &'a RawValue, depth: usize) -> Result<(), TooMuch> {
        match name {
            "const" => self.raw(&format!("\"enum\":[{}]", raw.get())),
            "$ref" => self.raw(&format!("\"$ref\":{}", raw.get().replacen("#/definitions/", "#/$defs/", 1))),
            // Definitions of old drafts are known by their new name alone.
            "$defs" | "definitions" => {
                self.raw("\"$defs\":{")?;
                let both = [members.get("$defs"), members.get("definitions")];
                let named: Vec<_> = both.into_iter().flatten().filter_map(Members::of).flat_map(|map| map.0).collect();
                self.named(&named, depth)
            }
            "properties" | "patternProperties" => match Members::of(raw) {
                Some(Members(named)) => {
                    self.raw(&format!("\"{name}\":{{"))?;
                    self.named(&named, depth)
                }
                None => self.raw(&format!("\"{name}\":{}", raw.get())),
            },
            "items" | "additionalProperties" | "not" | "if" | "then" | "else" | "contains" | "propertyNames" => {
                self.raw(&format!("\"{name}\":"))?;
                self.schema(raw, depth + 1)
            }
            "anyOf" | "oneOf" | "allOf" | "prefixItems" => {
                let list: Vec<&'a RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
                self.raw(&format!("\"{name}\":["))?;
                for (at, raw) in list.into_iter().enumerate() {
                    self.raw(if at > 0 { "," } else { "" })?;
                    self.schema(raw, depth + 1)?;
                }
                self.raw("]")
            }
            _ => {
                self.name(name)?;
                self.raw(raw.get())
            }
        }
    }

    /// Schemas by name, up to the brace that ends them.
    fn named(&mut self, named: &[(Cow<'_, str>, &'a RawValue)], depth: usize) -> Result<(), TooMuch> {
        for (at, (name, raw)) in named.iter().enumerate() {
            self.raw(if at > 0 { "," } else { "" })?;
            self.name(name)?;
            self.schema(raw, depth + 1)?;
        }
        self.raw("}")
    }

    /// Writes out what a reference refers to. One that goes in circles is any value: that bounds nothing, and what
    /// comes is checked by whoever has the original.
    fn inline(&mut self, reference: &str, depth: usize) -> Result<(), TooMuch> {
        let found = if self.open.iter().any(|open| open == reference) { None } else { self.find(reference)? };
        let Some(raw) = found else { return self.raw("{}") };
        self.open.push(reference.to_owned());
        let written = self.schema(raw, depth + 1);
        self.open.pop();
        written
    }

    fn find(&mut self, reference: &str) -> Result<Option<&'a RawValue>, TooMuch> {
        let Some(path) = reference.strip_prefix("#/") else { return Ok(None) };
        let mut steps = path.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
        let mut found = steps.next().and_then(|step| self.root.get(&step));
        for step in steps {
            let Some(raw) = found else { break };
            found = match self.read(raw)? {
                Some(members) => members.get(&step),
                None => item(raw, &step),
            };
        }
        Ok(found)
    }

    /// `allOf` of one schema, as generators write it to put a description beside a reference: that schema.
    fn only_one_of_all(&mut self, members: &Members<'a>) -> Result<Option<Members<'a>>, TooMuch> {
        let all = members.get("allOf").and_then(|raw| serde_json::from_str::<Vec<&'a RawValue>>(raw.get()).ok());
        let Some(&[only]) = all.as_deref() else { return Ok(None) };
        let Some(mut merged) = self.read(only)? else { return Ok(None) };
        self.left = self.left.checked_sub(merged.0.len().saturating_mul(members.0.len())).ok_or(TooMuch)?;
        for (name, raw) in &members.0 {
            if name != "allOf" && merged.get(name).is_none() {
                merged.0.push((name.clone(), raw));
            }
        }
        Ok(Some(merged))
    }

    fn name(&mut self, name: &str) -> Result<(), TooMuch> {
        // A string: writing it cannot fail.
        self.raw(&serde_json::to_string(name).unwrap_or_default())?;
        self.raw(":")
    }

    fn raw(&mut self, text: &str) -> Result<(), TooMuch> {
        if self.out.len().saturating_add(text.len()) > self.limit {
            return Err(TooMuch);
        }
        self.out.push_str(text);
        Ok(())
    }
}

fn is_definition(reference: &str) -> bool {
    let name = reference.strip_prefix("#/$defs/").or_else(|| reference.strip_prefix("#/definitions/"));
    name.is_some_and(|name| !name.contains('/'))
}

/// Values that may be enumerated are strings and numbers. Others are told by their type.
fn is_choice(raw: &RawValue) -> bool {
    raw.get().starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit())
}

fn item<'a>(raw: &'a RawValue, step: &str) -> Option<&'a RawValue> {
    serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok()?.get(step.parse::<usize>().ok()?).copied()
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, &'de RawValue>()? {
                    members.push((Cow::Owned(name), raw));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(schema: &str) -> String {
        let raw: &RawValue = serde_json::from_str(schema).expect("JSON");
        clean(raw, "p").map_or_else(|failure| format!("{:?}", failure.error().code), |raw| raw.get().to_owned())
    }

    #[test]
    fn what_gemini_refuses_is_said_otherwise() {
        for (schema, expected) in [
            (
                r#"{"$schema":"x","type":"object","strict":true,"properties":{}}"#,
                r#"{"type":"object","properties":{}}"#,
            ),
            // A property may be called as a keyword is.
            (
                r#"{"properties":{"strict":{"const":"a"},"$schema":true}}"#,
                r#"{"properties":{"strict":{"enum":["a"]},"$schema":true}}"#,
            ),
            (r#"{"const":1.50}"#, r#"{"enum":[1.50]}"#),
            (r#"{"const":true,"type":"boolean"}"#, r#"{"type":"boolean"}"#),
            (r##"{"$ref":"#/$defs/a","description":"d","$comment":"c"}"##, r##"{"$ref":"#/$defs/a","$comment":"c"}"##),
            (
                r##"{"items":{"$ref":"#/definitions/a"},"definitions":{"a":{"const":"x"}}}"##,
                r##"{"items":{"$ref":"#/$defs/a"},"$defs":{"a":{"enum":["x"]}}}"##,
            ),
            (r##"{"definitions":{"a":{}},"$defs":{"b":{}}}"##, r##"{"$defs":{"b":{},"a":{}}}"##),
            (
                r##"{"properties":{"a":{"type":"string","const":"q"},"b":{"$ref":"#/properties/a"}}}"##,
                r##"{"properties":{"a":{"type":"string","enum":["q"]},"b":{"type":"string","enum":["q"]}}}"##,
            ),
            (
                r##"{"properties":{"a":{"title":"t","allOf":[{"$ref":"#/$defs/x"}],"default":1}}}"##,
                r##"{"properties":{"a":{"$ref":"#/$defs/x"}}}"##,
            ),
            (r##"{"anyOf":[{"$ref":"#/anyOf/1"},{"type":"null"}]}"##, r#"{"anyOf":[{"type":"null"},{"type":"null"}]}"#),
        ] {
            assert_eq!(cleaned(schema), expected, "{schema}");
        }
    }

    #[test]
    fn all_else_keeps_its_spelling_and_its_order() {
        let schema = r#"{"type":["object","null"],"properties":{"z":{"minimum":1.0e2,"default":{"const":1}},"a":{"enum":["",2]}},"required":["z"],"additionalProperties":false}"#;
        assert_eq!(cleaned(schema), schema);
    }

    #[test]
    fn circles_end() {
        let schema =
            r##"{"properties":{"a":{"items":{"$ref":"#"}},"b":{"$ref":"#/properties/b"},"c":{"$ref":"#/nowhere/1"}}}"##;
        assert_eq!(cleaned(schema), r##"{"properties":{"a":{"items":{}},"b":{},"c":{}}}"##);
    }

    #[test]
    fn bombs_are_refused() {
        let doubled = |n: usize| {
            format!(r##""p{n}":{{"anyOf":[{{"$ref":"#/properties/p{0}"}},{{"$ref":"#/properties/p{0}"}}]}}"##, n + 1)
        };
        let bomb = format!(r#"{{"properties":{{{},"p40":{{}}}}}}"#, (0..40).map(doubled).collect::<Vec<_>>().join(","));
        assert_eq!(cleaned(&bomb), r#"Some("invalid_value")"#);
        let deep = format!("{}{{}}{}", r#"{"items":"#.repeat(100), "}".repeat(100));
        assert_eq!(cleaned(&deep), r#"Some("invalid_value")"#);
        assert_eq!(cleaned("[]"), r#"Some("invalid_value")"#);
    }
}

//! What an answer cannot be bound to: refused, since what is left of it would mean something else.

use std::collections::{HashMap, HashSet};

use llm_layers_core::Failure;

use super::{Member, Part, Schema, refused};
use crate::place::Place;

/// Where a reference points to: a definition at the schema's root.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// Looks at a schema. A tool's root may say nothing but that it is an object: such a tool has no arguments.
pub(super) fn check(members: &[Member<'_>], path: &str, is_tool: bool) -> Result<(), Failure> {
    let place = Place::new(path);
    for Member { name, value } in members {
        part(name, value, &place)?;
    }
    if find(members, "additionalProperties").is_some() || !is_tool {
        object(members, &place)?;
    }
    if is_recursive(members) {
        return Err(refused(path, "its definitions refer to themselves"));
    }
    Ok(())
}

fn find<'m, 'a>(members: &'m [Member<'a>], name: &str) -> Option<&'m Part<'a>> {
    members.iter().find(|member| member.name == name).map(|member| &member.value)
}

fn schema(schema: &Schema<'_>, place: &Place<'_>) -> Result<(), Failure> {
    let Schema::Members(members) = schema else { return Ok(()) };
    for Member { name, value } in members {
        part(name, value, place)?;
    }
    object(members, place)
}

fn part(name: &str, value: &Part<'_>, place: &Place<'_>) -> Result<(), Failure> {
    let place = place.member(name);
    match value {
        Part::Raw(raw) if name == "$ref" && !raw.get().starts_with("\"#/") => {
            Err(refused(&place.to_string(), "it refers to itself or to another document"))
        }
        Part::Raw(_) => Ok(()),
        Part::Schema(Schema::List) => Err(refused(&place.to_string(), "it has a schema for each item of a tuple")),
        Part::Schema(within) => schema(within, &place),
        Part::Map(map) => map.iter().try_for_each(|(name, within)| schema(within, &place.member(name))),
        Part::List(list) => list.iter().enumerate().try_for_each(|(at, within)| schema(within, &place.item(at))),
    }
}

/// An object is bound to its properties, and to no others. One that has others only could hold nothing.
fn object(members: &[Member<'_>], place: &Place<'_>) -> Result<(), Failure> {
    let others = match find(members, "additionalProperties") {
        Some(Part::Raw(raw)) => Some(raw.get()),
        _ => None,
    };
    let is_any = |others: &str| others == "true" || is_empty(others);
    if others.is_some_and(|others| others.starts_with('{') && !is_empty(others)) {
        let place = place.member("additionalProperties");
        return Err(refused(&place.to_string(), "an object's properties must be named"));
    }
    let is_object = match find(members, "type") {
        Some(Part::Raw(kind)) => kind.get().contains("\"object\""),
        _ => false,
    };
    let is_bare = match find(members, "properties") {
        Some(Part::Map(named)) => named.is_empty() && (others.is_some() || has_patterns(members)),
        _ => (is_object || others.is_some()) && !is_described(members),
    };
    if is_bare && (others.is_none_or(is_any) || has_patterns(members)) {
        return Err(refused(&place.to_string(), "an object's properties must be named"));
    }
    Ok(())
}

fn has_patterns(members: &[Member<'_>]) -> bool {
    find(members, "patternProperties").is_some()
}

/// Whether what it is stands elsewhere.
pub(super) fn is_described(members: &[Member<'_>]) -> bool {
    ["$ref", "anyOf", "oneOf", "allOf", "enum", "const"].iter().any(|name| find(members, name).is_some())
}

fn is_empty(json: &str) -> bool {
    let inner = json.strip_prefix('{').and_then(|json| json.strip_suffix('}'));
    inner.is_some_and(|inner| inner.trim().is_empty())
}

/// Whether one of the definitions leads back to itself: taken away one by one are those that refer to no other that
/// is left.
fn is_recursive(members: &[Member<'_>]) -> bool {
    let mut left: HashMap<String, HashSet<String>> = HashMap::new();
    for kind in DEFINITIONS {
        let Some(Part::Map(named)) = find(members, kind) else { continue };
        for (name, definition) in named {
            let mut to = HashSet::new();
            references(definition, &mut to);
            left.entry(format!("#/{kind}/{}", escaped(name))).or_default().extend(to);
        }
    }
    let mut from: HashMap<String, Vec<String>> = HashMap::new();
    for (name, to) in &mut left {
        to.iter().for_each(|target| from.entry(target.clone()).or_default().push(name.clone()));
    }
    // References to what is no definition lead nowhere.
    let known: HashSet<String> = left.keys().cloned().collect();
    left.values_mut().for_each(|to| to.retain(|target| known.contains(target)));
    let mut free: Vec<String> = left.iter().filter(|(_, to)| to.is_empty()).map(|(name, _)| name.clone()).collect();
    while let Some(name) = free.pop() {
        left.remove(&name);
        for referrer in from.remove(&name).unwrap_or_default() {
            if let Some(to) = left.get_mut(&referrer)
                && to.remove(&name)
                && to.is_empty()
            {
                free.push(referrer);
            }
        }
    }
    !left.is_empty()
}

/// The definitions that a schema refers to, or to parts of.
fn references(schema: &Schema<'_>, out: &mut HashSet<String>) {
    let Schema::Members(members) = schema else { return };
    for Member { name, value } in members {
        match value {
            Part::Raw(raw) if name == "$ref" => {
                let target: String = serde_json::from_str(raw.get()).unwrap_or_default();
                out.insert(target.splitn(4, '/').take(3).collect::<Vec<_>>().join("/"));
            }
            Part::Raw(_) => {}
            Part::Schema(schema) => references(schema, out),
            Part::Map(map) => map.iter().for_each(|(_, schema)| references(schema, out)),
            Part::List(list) => list.iter().for_each(|schema| references(schema, out)),
        }
    }
}

/// A name as a step of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::super::{filtered, of_tool};

    const PATH: &str = "s";

    fn refusal(schema: &str) -> Option<(String, String)> {
        let raw = RawValue::from_string(schema.to_owned()).expect("JSON");
        let error = filtered(&raw, PATH).err()?.error().clone();
        assert_eq!(error.code.as_deref(), Some("unsupported_value"), "{schema}");
        Some((error.param.expect("a place"), error.message.to_string()))
    }

    #[test]
    fn maps_are_refused_where_they_stand() {
        for (schema, place) in [
            (
                r#"{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"integer"}}}}"#,
                "s.properties.m.additionalProperties",
            ),
            (
                r#"{"type":"object","properties":{"a":{}},"additionalProperties":{"type":"string"}}"#,
                "s.additionalProperties",
            ),
            (r#"{"type":"object","additionalProperties":true}"#, "s"),
            (r#"{"additionalProperties":true}"#, "s"),
            (r#"{"type":"object","properties":{},"additionalProperties":{ }}"#, "s"),
            (r#"{"type":"array","items":{"type":["object","null"]}}"#, "s.items"),
            (r#"{"anyOf":[{"type":"string"},{"type":"object"}]}"#, "s.anyOf[1]"),
            (
                r##"{"$ref":"#/$defs/m","$defs":{"m":{"type":"object","patternProperties":{"^x":{}},"additionalProperties":false}}}"##,
                "s.$defs.m",
            ),
        ] {
            assert_eq!(refusal(schema).expect(schema).0, place, "{schema}");
        }
        for schema in [
            r#"{"type":"object","properties":{}}"#,
            r#"{"type":"object","properties":{"a":{}},"additionalProperties":true}"#,
            r#"{"type":"object","properties":{},"additionalProperties":false}"#,
            r#"{"type":"object","additionalProperties":false}"#,
            r#"{"type":"object","anyOf":[{"type":"object","properties":{"a":{}}}]}"#,
            "{}",
        ] {
            assert_eq!(refusal(schema), None, "{schema}");
        }
    }

    #[test]
    fn a_tool_may_have_no_arguments() {
        let of_tool = |schema: &str| {
            let raw = RawValue::from_string(schema.to_owned()).expect("JSON");
            of_tool(&raw, true, PATH).map(|(schema, _)| schema.get().to_owned())
        };
        assert_eq!(of_tool(r#"{"type":"object"}"#).expect("none"), r#"{"type":"object","additionalProperties":false}"#);
        for schema in [
            r#"{"type":"object","additionalProperties":true}"#,
            r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
            r#"{"type":"object","properties":{"a":{"type":"object"}}}"#,
        ] {
            assert!(of_tool(schema).is_err(), "{schema}");
        }
    }

    #[test]
    fn definitions_may_not_lead_back_to_themselves() {
        let schema = |a: &str, b: &str| {
            format!(
                r##"{{"$ref":"#/$defs/a","$defs":{{"a":{{"type":"array","items":{a}}},"b":{{"anyOf":[{b},{{}}]}}}}}}"##
            )
        };
        let (to_a, to_b) = (r##"{"$ref":"#/$defs/a"}"##, r##"{"$ref":"#/$defs/b"}"##);
        for (a, b) in [(to_a, "{}"), (to_b, to_a), (to_b, to_b), ("{}", r##"{"$ref":"#/$defs/b/anyOf/1"}"##)] {
            let (place, message) = refusal(&schema(a, b)).expect("it is refused");
            assert_eq!(place, PATH);
            assert!(message.contains("refer to themselves"), "{message}");
        }
        for (a, b) in [(to_b, "{}"), ("{}", to_a), ("{}", r##"{"$ref":"#/$defs/none"}"##)] {
            assert_eq!(refusal(&schema(a, b)), None);
        }
        let odd = r##"{"definitions":{"a/~b":{"items":{"$ref":"#/definitions/a~1~0b"}}}}"##;
        assert!(refusal(odd).is_some());
    }

    #[test]
    fn tuples_are_called_by_their_name() {
        let (place, message) = refusal(r#"{"type":"array","items":[{"type":"string"},{}]}"#).expect("it is refused");
        assert_eq!(place, "s.items");
        assert!(message.contains("tuple"), "{message}");
    }

    #[test]
    fn many_definitions_take_no_long_time() {
        let one = |at: usize| format!(r##""d{at}":{{"items":{{"$ref":"#/$defs/d{}"}}}}"##, at + 1);
        let many: Vec<String> = (0..20_000).map(one).collect();
        assert_eq!(refusal(&format!(r#"{{"$defs":{{{}}}}}"#, many.join(","))), None);
    }
}

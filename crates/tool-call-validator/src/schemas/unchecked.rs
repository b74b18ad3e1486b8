//! Patterns that cannot be matched in linear time and bounded memory, and that are therefore left unchecked.
//!
//! Look-ahead is what zod 4 writes for `z.email()`, and pydantic for `Decimal`: such a schema is right, and all else that it
//! says holds.

use serde_json::{Map, Value, json};

/// What an unchecked `pattern` is called: a keyword that nobody knows, and so is none.
const UNCHECKED: &str = "unchecked pattern";

/// Leaves each `pattern` unchecked that is not to be checked, and tells whether there was any. Nothing that was valid becomes
/// invalid, also where the place of a pattern turns its meaning round.
///
/// Recursive: how deep the document is nested is bounded.
pub(super) fn leave_out(document: &mut Value, is_checked: &mut dyn FnMut(&str) -> bool) -> bool {
    let is_any = rename(document, is_checked);
    if is_any {
        loosen(document);
    }
    is_any
}

/// Whether there was any.
fn rename(schema: &mut Value, is_checked: &mut dyn FnMut(&str) -> bool) -> bool {
    let mut is_any = false;
    if let Some(members) = schema.as_object_mut()
        && members.get("pattern").and_then(Value::as_str).is_some_and(|pattern| !is_checked(pattern))
    {
        let pattern = members.remove("pattern");
        members.extend(pattern.map(|pattern| (UNCHECKED.to_owned(), pattern)));
        is_any = true;
    }
    for (keyword, value) in parts(schema) {
        within(keyword, value, &mut |schema| is_any |= rename(schema, is_checked));
    }
    is_any
}

/// Takes away what would be stricter where a pattern below is not checked. Whether there may be one: a reference may lead
/// to it.
fn loosen(schema: &mut Value) -> bool {
    let mut open: Vec<String> = Vec::new();
    for (keyword, value) in parts(schema) {
        let mut is_open = false;
        within(keyword, value, &mut |schema| is_open |= loosen(schema));
        if is_open {
            open.push(keyword.to_owned());
        }
    }
    let Some(members) = schema.as_object_mut() else { return !open.is_empty() };
    open.iter().for_each(|keyword| turn(members, keyword));
    let leads_on = |name: &&str| members.contains_key(*name);
    !open.is_empty() || [UNCHECKED, "$ref", "$dynamicRef", "$recursiveRef"].iter().any(leads_on)
}

fn turn(members: &mut Map<String, Value>, keyword: &str) {
    match keyword {
        // More may fit than did.
        "oneOf" => {
            let any = json!({"anyOf": members.remove("oneOf")});
            match members.entry("allOf").or_insert_with(|| json!([])) {
                Value::Array(all) => all.push(any),
                other => *other = json!([any]),
            }
        }
        "contains" => drop(members.remove("maxContains")),
        "not" | "if" => drop(members.remove(keyword)),
        _ => {}
    }
}

/// What a schema, or a list of them, is made of.
fn parts(schema: &mut Value) -> Box<dyn Iterator<Item = (&str, &mut Value)> + '_> {
    match schema {
        Value::Array(schemas) => Box::new(schemas.iter_mut().map(|schema| ("", schema))),
        Value::Object(members) => Box::new(members.iter_mut().map(|(keyword, value)| (keyword.as_str(), value))),
        _ => Box::new(std::iter::empty()),
    }
}

/// The schemas within a keyword, unless its value is data.
fn within(keyword: &str, value: &mut Value, each: &mut dyn FnMut(&mut Value)) {
    match (keyword, value) {
        ("const" | "enum" | "default" | "example" | "examples", _) => {}
        (
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" | "dependencies",
            Value::Object(schemas),
        ) => schemas.values_mut().for_each(each),
        (_, schema) => each(schema),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_a_pattern_round_goes_with_it() {
        let odd = json!({"pattern": "odd"});
        let left = json!({UNCHECKED: "odd"});
        let any = |branches: Value| json!({"allOf": [{"anyOf": branches}]});
        for (schema, loose) in [
            (json!({"type": "string", "pattern": "odd"}), json!({"type": "string", UNCHECKED: "odd"})),
            (
                json!({"pattern": "plain", "not": {"pattern": "plain"}}),
                json!({"pattern": "plain", "not": {"pattern": "plain"}}),
            ),
            (json!({"items": {"not": {"items": odd}}}), json!({"items": {}})),
            (json!({"if": odd, "then": {"minLength": 1}}), json!({"then": {"minLength": 1}})),
            (json!({"contains": odd, "maxContains": 1}), json!({"contains": left})),
            (json!({"oneOf": [odd, {"minLength": 1}]}), any(json!([left, {"minLength": 1}]))),
            (
                json!({"$defs": {"odd": odd}, "oneOf": [{"$ref": "#/$defs/odd"}]}),
                json!({"$defs": {"odd": left}, "allOf": [{"anyOf": [{"$ref": "#/$defs/odd"}]}]}),
            ),
            (
                json!({"properties": {"pattern": odd, "oneOf": odd}}),
                json!({"properties": {"pattern": left, "oneOf": left}}),
            ),
            (
                json!({"const": odd, "enum": [odd], "default": odd}),
                json!({"const": odd, "enum": [odd], "default": odd}),
            ),
            // Elsewhere all stays as it is.
            (
                json!({"properties": {"a": odd, "b": {"oneOf": [{"type": "null"}, {"minLength": 1}], "not": {}}}}),
                json!({"properties": {"a": left, "b": {"oneOf": [{"type": "null"}, {"minLength": 1}], "not": {}}}}),
            ),
        ] {
            let mut changed = schema.clone();
            leave_out(&mut changed, &mut |pattern| pattern != "odd");
            assert_eq!(changed, loose, "{schema}");
        }
    }
}

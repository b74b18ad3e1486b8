//! What a schema declares, read from its document.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

use crate::repair::names;

/// How many sub-schemas are looked into for what holds at one place.
const MAX_SUBSCHEMAS: usize = 256;

/// What is known of a whole schema.
pub(super) struct Outline {
    /// Every name that is declared anywhere, folded. `None` if a part of the schema lies elsewhere.
    pub(super) names: Option<HashSet<String>>,
    /// How many alternatives all `anyOf` and `oneOf` have.
    pub(super) alternatives: usize,
}

impl Outline {
    pub(super) fn of(document: &Value) -> Self {
        let mut outline = Self { names: Some(HashSet::new()), alternatives: 0 };
        outline.read(document);
        outline
    }

    /// Whether a member of this name may be known to some part of the schema.
    pub(super) fn may_know(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.contains(&names::folded(name).collect::<String>()))
    }

    // As deep as the document, whose depth its compilation has bounded.
    fn read(&mut self, document: &Value) {
        match document {
            Value::Object(members) => {
                for (keyword, value) in members {
                    match (keyword.as_str(), value) {
                        ("properties", Value::Object(declared)) => {
                            if let Some(names) = &mut self.names {
                                names.extend(declared.keys().map(|name| names::folded(name).collect()));
                            }
                        }
                        ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(target))
                            if !target.starts_with('#') =>
                        {
                            self.names = None;
                        }
                        ("anyOf" | "oneOf", Value::Array(branches)) => self.alternatives += branches.len(),
                        _ => {}
                    }
                    self.read(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.read(item)),
            _ => {}
        }
    }
}

/// The names of members that a schema declares for one object, in all that holds of it or may. `None` if that cannot be
/// known.
pub(super) fn declared<'s>(document: &'s Value, schema: &'s Value) -> Option<BTreeSet<&'s str>> {
    let mut names = BTreeSet::new();
    for members in in_place(document, schema, true)? {
        names.extend(
            members.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| &**name),
        );
    }
    Some(names)
}

/// Whether a tool takes no arguments, as far as its schema says: nothing could have been meant but an empty object.
pub(super) fn declares_nothing(document: &Value) -> bool {
    let Some(schemas) = in_place(document, document, true) else { return false };
    schemas.iter().all(|members| {
        ["properties", "patternProperties"]
            .iter()
            .all(|keyword| members.get(*keyword).and_then(Value::as_object).is_none_or(Map::is_empty))
            && ["additionalProperties", "unevaluatedProperties"].iter().all(|keyword| {
                // `{"type": "string"}` takes members of any name.
                members.get(*keyword).and_then(Value::as_object).is_none_or(Map::is_empty)
            })
    })
}

/// The sub-schemas that hold of the same value as this one, itself included: through references and `allOf`; with
/// `conditional`, those too that may hold. `None` if one cannot be found, there are too many, or one that only may hold is
/// not asked for.
pub(super) fn in_place<'s>(
    document: &'s Value,
    schema: &'s Value,
    conditional: bool,
) -> Option<Vec<&'s Map<String, Value>>> {
    let mut found: Vec<&Map<String, Value>> = Vec::new();
    let mut ahead = vec![schema];
    while let Some(schema) = ahead.pop() {
        // `true` and `false` declare nothing.
        let Some(members) = schema.as_object() else { continue };
        if found.iter().any(|known| std::ptr::eq(*known, members)) {
            continue;
        }
        if found.len() == MAX_SUBSCHEMAS {
            return None;
        }
        found.push(members);
        for (keyword, value) in members {
            match keyword.as_str() {
                "$ref" => ahead.push(target(document, value.as_str()?)?),
                "$dynamicRef" | "$recursiveRef" => return None,
                "allOf" => ahead.extend(value.as_array()?),
                "anyOf" | "oneOf" | "if" | "then" | "else" | "dependentSchemas" | "dependencies" if !conditional => {
                    return None;
                }
                "anyOf" | "oneOf" => ahead.extend(value.as_array()?),
                "if" | "then" | "else" => ahead.push(value),
                "dependentSchemas" | "dependencies" => ahead.extend(value.as_object()?.values()),
                _ => {}
            }
        }
    }
    Some(found)
}

/// What a reference within the document points to; `None` for names (`$anchor`) and for other documents.
fn target<'s>(document: &'s Value, reference: &str) -> Option<&'s Value> {
    let pointer = reference.strip_prefix('#')?;
    (!pointer.contains('%')).then(|| document.pointer(pointer))?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_holds_of_an_object_is_found_through_references_and_branches() {
        let document = json!({
            "properties": {"a": {}},
            "allOf": [{"$ref": "#/$defs/b"}],
            "anyOf": [{"properties": {"c": {}}}, true],
            "if": {"properties": {"d": {}}},
            "$defs": {"b": {"properties": {"b": {}}, "$ref": "#"}, "e": {"properties": {"e": {}}}},
        });
        assert_eq!(declared(&document, &document), Some(BTreeSet::from(["a", "b", "c", "d"])));
        assert_eq!(in_place(&document, &document, false), None);
        for lost in [json!({"$ref": "#/nowhere"}), json!({"$ref": "https://a.example/"}), json!({"$dynamicRef": "#x"})]
        {
            assert_eq!(declared(&lost, &lost), None, "{lost}");
        }
    }

    #[test]
    fn a_tool_without_arguments_declares_nothing() {
        for nothing in [json!({}), json!({"type": "object"}), json!({"properties": {}, "additionalProperties": false})]
        {
            assert!(declares_nothing(&nothing), "{nothing}");
        }
        for something in [
            json!({"properties": {"a": {}}}),
            json!({"patternProperties": {"^x": {}}}),
            json!({"additionalProperties": {"type": "string"}}),
            json!({"anyOf": [{"properties": {"a": {}}}, {}]}),
            json!({"$ref": "https://a.example/"}),
        ] {
            assert!(!declares_nothing(&something), "{something}");
        }
    }

    #[test]
    fn names_are_known_from_everywhere() {
        let document =
            json!({"properties": {"a": {"items": {"properties": {"zip_code": {}}}}}, "anyOf": [{}, {"oneOf": [{}]}]});
        let outline = Outline::of(&document);
        assert!(outline.may_know("zipCode") && outline.may_know("A") && !outline.may_know("zip"));
        assert_eq!(outline.alternatives, 3);
        assert!(Outline::of(&json!({"$ref": "https://a.example/"})).may_know("anything"));
    }
}

//! Whether something may be missing in what the end of the text has closed.

use serde_json::{Map, Value};

use super::{Node, outline, tree};

/// Whether the schema says that nothing can be missing in the containers of these paths, of which there may be one: an
/// object that has all its declared members, or an array that has all the items that it may have.
pub(super) fn nothing_is_lost(document: &Value, root: &Node, unclosed: &[String]) -> bool {
    match unclosed {
        [] => true,
        [path] => is_full(document, root, path).unwrap_or(false),
        _ => false,
    }
}

fn is_full(document: &Value, root: &Node, path: &str) -> Option<bool> {
    let mut schemas = outline::in_place(document, document, false)?;
    for step in tree::steps(path) {
        let mut next = Vec::new();
        for below in schemas.iter().filter_map(|schema| below(schema, &step)) {
            next.extend(outline::in_place(document, below, false)?);
        }
        schemas = next;
    }
    Some(match tree::at(root, path)? {
        node @ Node::Object(_) => {
            let is_closed = |schema: &&Map<String, Value>| {
                !schema.contains_key("patternProperties")
                    && ["additionalProperties", "unevaluatedProperties"]
                        .iter()
                        .all(|keyword| matches!(schema.get(*keyword), None | Some(Value::Bool(false))))
            };
            let mut declared =
                schemas.iter().filter_map(|schema| schema.get("properties")?.as_object()).flatten().peekable();
            schemas.iter().all(is_closed)
                && declared.peek().is_some()
                && declared.all(|(name, _)| tree::names(node).any(|present| present == **name))
        }
        Node::Array(items) => schemas
            .iter()
            .filter_map(|schema| schema.get("maxItems")?.as_u64())
            .any(|most| usize::try_from(most).is_ok_and(|most| items.len() >= most)),
        Node::Scalar(_) => false,
    })
}

/// The sub-schema of a member or an item.
fn below<'s>(schema: &'s Map<String, Value>, step: &str) -> Option<&'s Value> {
    let member = || schema.get("properties")?.get(step);
    let item = || match schema.get("items")? {
        items @ Value::Object(_) if step.parse::<usize>().is_ok() => Some(items),
        _ => None,
    };
    member().or_else(item)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn full_is_what_can_take_no_more() {
        let document = json!({
            "properties": {
                "a": {"properties": {"x": {}, "y": {}}, "additionalProperties": false},
                "list": {"items": {"$ref": "#/$defs/pair"}},
                "free": {"properties": {"x": {}}, "additionalProperties": {"type": "string"}},
                "either": {"anyOf": [{"properties": {"x": {}}}, {}]},
            },
            "$defs": {"pair": {"type": "array", "maxItems": 2}},
        });
        let value = json!({"a": {"x": 1, "y": 2}, "list": [[1, 2], [1]], "free": {"x": "1"}, "either": {"x": 1}});
        for (path, is_full) in [
            ("", true),
            ("/a", true),
            ("/list/0", true),
            ("/list/1", false),
            ("/list", false),
            ("/free", false),
            ("/either", false),
            ("/a/x", false),
            ("/nowhere", false),
        ] {
            assert_eq!(nothing_is_lost(&document, &tree::from_value(&value), &[path.to_owned()]), is_full, "{path}");
        }
        assert!(!nothing_is_lost(&document, &tree::from_value(&json!({"a": {}})), &[String::new()]));
        assert!(!nothing_is_lost(&json!({"type": "object"}), &tree::from_value(&json!({"a": 1})), &[String::new()]));
        assert!(!nothing_is_lost(&document, &tree::from_value(&value), &["/a".to_owned(), String::new()]));
    }
}

//! Whether members may belong elsewhere in what had a closer too many.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Node, outline, tree};

/// Whether the schema says that no member belongs further in. `{"a":{"b":1},"c":2}}` has one closer too many: the last one,
/// or the first, and then `c` is a member of `a`. It is not if it is declared where it stands, and not where it could stand.
pub(super) fn nothing_is_misplaced(document: &Value, root: &Node) -> bool {
    let schemas = outline::in_place(document, document, false).unwrap_or_default();
    is_placed(document, &schemas, root)
}

// As deep as the node, whose depth its reader has bounded.
fn is_placed(document: &Value, schemas: &[&Map<String, Value>], node: &Node) -> bool {
    let Node::Object(members) = node else { return true };
    let here = declared(schemas);
    // What the objects before this member could have had besides what they have.
    let mut elsewhere = HashSet::new();
    let mut is_behind_object = false;
    members.iter().all(|(quoted, value)| {
        let name = tree::name(quoted);
        if is_behind_object && (!here.contains(&*name) || elsewhere.contains(&*name)) {
            return false;
        }
        if !matches!(value, Node::Object(inner) if !inner.is_empty()) {
            return true;
        }
        is_behind_object = true;
        let below = schemas.iter().filter_map(|schema| schema.get("properties")?.get(&*name));
        let below = below.map(|schema| outline::in_place(document, schema, false)).collect::<Option<Vec<_>>>();
        let below = below.unwrap_or_default().concat();
        let present: HashSet<_> = tree::names(value).collect();
        elsewhere.extend(declared(&below).into_iter().filter(|name| !present.contains(*name)));
        is_placed(document, &below, value)
    })
}

/// The names of members that these schemas declare.
fn declared<'s>(schemas: &[&'s Map<String, Value>]) -> HashSet<&'s str> {
    let properties = schemas.iter().filter_map(|schema| schema.get("properties")?.as_object());
    properties.flatten().map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::repair::syntax;

    #[test]
    fn members_behind_an_object_must_be_known_to_be_in_their_place() {
        let document = json!({
            "properties": {
                "place": {"properties": {"city": {}, "zip": {}, "days": {}, "inner": {"properties": {"x": {}}}}},
                "free": {},
                "days": {},
                "name": {},
            },
        });
        for (arguments, is_placed) in [
            (r#"{"name":1,"days":2}"#, true),
            (r#"{"other":1,"place":{"city":1}}"#, true),
            (r#"{"place":{"city":1},"name":2}"#, true),
            (r#"{"place":{},"other":2}"#, true),
            (r#"{"place":[{"city":1}],"other":2}"#, true),
            (r#"{"free":{"a":1},"name":2}"#, true),
            (r#"{"place":{"city":1},"other":2}"#, false),
            (r#"{"place":{"city":1},"zip":2}"#, false),
            // Declared here and there: of both readings one is a guess, unless it is there already.
            (r#"{"place":{"city":1},"days":2}"#, false),
            (r#"{"place":{"days":1},"days":2}"#, true),
            (r#"{"place":{"inner":{"x":1},"zip":2}}"#, true),
            (r#"{"place":{"inner":{"x":1},"y":2}}"#, false),
        ] {
            let node = syntax::read(arguments).expect("JSON").node;
            assert_eq!(nothing_is_misplaced(&document, &node), is_placed, "{arguments}");
        }
        let unknown = json!({"$ref": "https://a.example/"});
        assert!(!nothing_is_misplaced(&unknown, &tree::from_value(&json!({"a": {"b": 1}, "c": 2}))));
    }
}

//! The way around in a [`Node`].

use std::borrow::Cow;

use serde_json::Value;

use super::Node;

/// What a JSON pointer points to.
pub(super) fn at<'n>(root: &'n Node, pointer: &str) -> Option<&'n Node> {
    steps(pointer).try_fold(root, |node, step| match node {
        Node::Object(members) => members.iter().find(|(quoted, _)| name(quoted) == step).map(|(_, value)| value),
        Node::Array(items) => items.get(step.parse::<usize>().ok()?),
        Node::Scalar(_) => None,
    })
}

/// As [`at`], to change it.
pub(super) fn at_mut<'n>(root: &'n mut Node, pointer: &str) -> Option<&'n mut Node> {
    steps(pointer).try_fold(root, |node, step| match node {
        Node::Object(members) => members.iter_mut().find(|(quoted, _)| name(quoted) == step).map(|(_, value)| value),
        Node::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        Node::Scalar(_) => None,
    })
}

/// The steps of a JSON pointer (RFC 6901), unescaped.
pub(super) fn steps(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(|step| match step.contains('~') {
        true => Cow::Owned(step.replace("~1", "/").replace("~0", "~")),
        false => Cow::Borrowed(step),
    })
}

/// What a quoted name or string says.
pub(super) fn name(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.contains('\\') => Cow::Borrowed(inner),
        // A name that cannot be decoded (a lone surrogate) is like no other.
        _ => serde_json::from_str(quoted).map_or(Cow::Borrowed(quoted), Cow::Owned),
    }
}

/// What a string says; `None` for everything else.
pub(super) fn string(node: &Node) -> Option<Cow<'_, str>> {
    match node {
        Node::Scalar(text) if text.starts_with('"') => Some(name(text)),
        _ => None,
    }
}

/// An object's member.
pub(super) fn member<'n>(node: &'n Node, wanted: &str) -> Option<&'n Node> {
    let Node::Object(members) = node else { return None };
    members.iter().find(|(quoted, _)| name(quoted) == wanted).map(|(_, value)| value)
}

/// The names of an object's members; none of anything else.
pub(super) fn names(node: &Node) -> impl Iterator<Item = Cow<'_, str>> {
    let members = if let Node::Object(members) = node { members.as_slice() } else { &[] };
    members.iter().map(|(quoted, _)| name(quoted))
}

pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

pub(super) fn from_value(value: &Value) -> Node {
    match value {
        Value::Array(items) => Node::Array(items.iter().map(from_value).collect()),
        Value::Object(members) => {
            Node::Object(members.iter().map(|(name, value)| (quoted(name), from_value(value))).collect())
        }
        scalar => Node::Scalar(scalar.to_string()),
    }
}

pub(super) fn text(node: &Node) -> String {
    let mut text = String::new();
    node.write(&mut text);
    text
}

/// What validators read. `None` if there is a number beyond what a double holds, or half a surrogate.
pub(super) fn value(node: &Node) -> Option<Value> {
    serde_json::from_str(&text(node)).ok()
}

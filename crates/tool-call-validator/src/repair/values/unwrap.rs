//! Arguments within a string of JSON, an array of one, or a whole call.

use serde_json::Value;

use super::{Node, Repair, note, outline, syntax, tree};
use crate::{repair::names, schemas::Schema};

/// How often JSON may be within a string of JSON.
const MAX_STRINGS: usize = 2;

/// What was found within the wrappings.
pub(super) struct Unwrapped {
    pub(super) node: Node,
    pub(super) repairs: Vec<Repair>,
    /// As of a [`Reading`](syntax::Reading), of what is within.
    pub(super) unclosed: Vec<String>,
}

/// Takes arguments out of what is around them. `None` if an object is wanted and there is none, or not one alone.
pub(super) fn unwrap(reading: syntax::Reading, schema: &Schema, tool: Option<&str>) -> Option<Unwrapped> {
    let syntax::Reading { node, repairs, unclosed } = reading;
    let mut found = Unwrapped { node, repairs, unclosed };
    if tool.is_none() && !wants_object(schema.document()) {
        return Some(found);
    }
    let (mut strings, mut arrays, mut envelopes) = (0, 0, 0);
    loop {
        found = match found.node {
            Node::Object(members) => {
                let object = Node::Object(members);
                match tool.filter(|_| envelopes == 0).map_or(Envelope::None, |tool| envelope(&object, schema, tool)) {
                    Envelope::None => return Some(Unwrapped { node: object, ..found }),
                    Envelope::OfAnother => return None,
                    Envelope::At(index) => {
                        envelopes += 1;
                        let Node::Object(mut members) = object else { return None };
                        let (name, _) = members.get(index)?;
                        let prefix = format!("/{}", tree::name(name));
                        let (_, node) = members.swap_remove(index);
                        within(node, found.repairs, &found.unclosed, &prefix, Repair::Envelope)?
                    }
                }
            }
            Node::Array(mut items) if arrays == 0 => {
                arrays += 1;
                let item = items.pop()?;
                if !items.is_empty() || !matches!(item, Node::Object(_)) {
                    return None;
                }
                within(item, found.repairs, &found.unclosed, "/0", Repair::ArrayWrapped)?
            }
            Node::Scalar(text) if strings < MAX_STRINGS => {
                strings += 1;
                let scalar = Node::Scalar(text);
                let inner = syntax::read(&tree::string(&scalar)?)?;
                let mut repairs = found.repairs;
                note(&mut repairs, Repair::DoubleEncoded);
                inner.repairs.into_iter().for_each(|repair| note(&mut repairs, repair));
                Unwrapped { node: inner.node, repairs, unclosed: inner.unclosed }
            }
            Node::Array(_) | Node::Scalar(_) => return None,
        };
    }
}

/// What is within a wrapping, if the wrapping was closed: behind what the end has closed, there might have been a second.
fn within(
    node: Node,
    mut repairs: Vec<Repair>,
    unclosed: &[String],
    prefix: &str,
    repair: Repair,
) -> Option<Unwrapped> {
    let unclosed = unclosed
        .iter()
        .map(|path| path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/')))
        .map(|path| path.map(str::to_owned))
        .collect::<Option<_>>()?;
    note(&mut repairs, repair);
    Some(Unwrapped { node, repairs, unclosed })
}

/// Whether a schema wants an object at its root, and nothing else.
fn wants_object(document: &Value) -> bool {
    outline::in_place(document, document, false)
        .is_some_and(|schemas| schemas.iter().any(|schema| schema.get("type").is_some_and(|kind| kind == "object")))
}

/// Whether arguments are a whole call.
enum Envelope {
    None,
    /// A call of another tool.
    OfAnother,
    /// The arguments are in this member.
    At(usize),
}

/// Looks for `{"name": …, "arguments": …}` where the schema knows neither member, and something is wrong with them.
fn envelope(object: &Node, schema: &Schema, tool: &str) -> Envelope {
    let Node::Object(members) = object else { return Envelope::None };
    let [(first, first_value), (second, second_value)] = members.as_slice() else { return Envelope::None };
    let is_arguments = |quoted: &str| matches!(&*tree::name(quoted), "arguments" | "parameters" | "input");
    let (named, index) = match (&*tree::name(first), &*tree::name(second)) {
        ("name", _) if is_arguments(second) => (first_value, 1),
        (_, "name") if is_arguments(first) => (second_value, 0),
        _ => return Envelope::None,
    };
    let is_unknown = outline::declared(schema.document(), schema.document())
        .is_some_and(|declared| tree::names(object).all(|name| !declared.contains(&*name)));
    let is_valid = || tree::value(object).is_some_and(|value| schema.is_valid(&value));
    if !is_unknown || is_valid() {
        return Envelope::None;
    }
    match tree::string(named).and_then(|name| names::tool(&name, [tool])) {
        Some(_) => Envelope::At(index),
        None => Envelope::OfAnother,
    }
}

//! What can be told of a value before it has come to its end.
//!
//! Of a schema it takes only what holds in any case: what is told by `allOf` and `$ref`, and by nothing that depends on
//! how the value goes on.

use serde_json::Value;

use super::{Schema, graph::Node, words};
use crate::Reason;

/// What is wrong, and what is expected.
pub(crate) type Complaint = (Reason, String);

/// The sub-schemas that certainly apply to a value.
pub(crate) type Place = Vec<u32>;

impl Schema {
    /// Those of the whole value.
    pub(crate) fn root(&self) -> Place {
        self.certain(self.is_plain().then_some(0).into_iter())
    }

    /// Those of a member.
    pub(crate) fn member(&self, place: &[u32], name: &str) -> Place {
        self.certain(self.nodes(place).filter_map(|node| {
            // Which patterns a name matches is not looked at.
            let other = node.others.filter(|_| node.patterns.is_empty());
            node.members.get(name).copied().or(other)
        }))
    }

    /// Those of an item.
    pub(crate) fn item(&self, place: &[u32], index: usize) -> Place {
        self.certain(self.nodes(place).filter_map(|node| node.first_items.get(index).copied().or(node.rest)))
    }

    /// Whether a value may begin like this: what it is by its first character, as `type` spells it.
    pub(crate) fn check_kind(&self, place: &[u32], kind: &str) -> Result<(), Complaint> {
        let fits = |name: &str| name == kind || kind == "number" && name == "integer";
        for node in self.nodes(place) {
            if node.is_never {
                return Err((Reason::AdditionalProperties, "must not be there".to_owned()));
            }
            if !node.types.is_empty() && !node.types.iter().any(|name| fits(name)) {
                return Err((Reason::Type, must_be(node)));
            }
            if let Some(options) =
                node.options.as_deref().filter(|options| !options.iter().any(|one| kind_of(one) == kind))
            {
                return Err((Reason::Enum, words::one_of(options)));
            }
        }
        Ok(())
    }

    /// Whether a scalar fits.
    pub(crate) fn check_scalar(&self, place: &[u32], value: &Value) -> Result<(), Complaint> {
        for node in self.nodes(place) {
            let wants_integer = node.types.iter().any(|name| &**name == "integer")
                && !node.types.iter().any(|name| &**name == "number");
            // Of a number too large for an integer nothing is certain.
            let is_fraction = value.as_f64().is_some_and(|number| number.fract() != 0.0);
            if wants_integer && is_fraction {
                return Err((Reason::Type, must_be(node)));
            }
            if let Some(options) =
                node.options.as_deref().filter(|options| !options.iter().any(|one| equal(one, value)))
            {
                return Err((Reason::Enum, words::one_of(options)));
            }
        }
        Ok(())
    }

    /// Whether an object may have a member of this name.
    pub(crate) fn check_name(&self, place: &[u32], name: &str) -> Result<(), Complaint> {
        let is_never = |id: u32| self.graph().node(id).is_some_and(|node| node.is_never);
        let is_closed = |node: &Node| node.patterns.is_empty() && node.others.is_some_and(is_never);
        match self.nodes(place).any(|node| is_closed(node) && !node.members.contains_key(name)) {
            true => Err((Reason::AdditionalProperties, words::no_member(&[name.to_owned()]))),
            false => Ok(()),
        }
    }

    /// The first member that is required, and that an object does not have.
    pub(crate) fn missing(&self, place: &[u32], has: impl Fn(&str) -> bool) -> Option<&str> {
        self.nodes(place).flat_map(|node| &node.required).map(|name| &**name).find(|name| !has(name))
    }

    fn nodes(&self, place: &[u32]) -> impl Iterator<Item = &Node> {
        place.iter().filter_map(|id| self.graph().node(*id))
    }

    /// These, and all that they apply in any case.
    fn certain(&self, ids: impl Iterator<Item = u32>) -> Place {
        let mut place: Place = Vec::new();
        let mut waiting: Vec<u32> = ids.collect();
        while let Some(id) = waiting.pop() {
            if !place.contains(&id) {
                place.push(id);
                waiting.extend(self.graph().node(id).into_iter().flat_map(|node| &node.always));
            }
        }
        place
    }
}

fn must_be(node: &Node) -> String {
    format!("must be {}", words::types(node.types.iter().map(|name| &**name)))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether two scalars are equal as JSON Schema has it: `1` is `1.0`.
fn equal(one: &Value, other: &Value) -> bool {
    one == other || one.is_number() && one.as_f64() == other.as_f64()
}

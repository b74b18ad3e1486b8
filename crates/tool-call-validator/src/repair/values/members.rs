//! Members that a schema does not know, and those that it misses.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Node,
    fit::{Budget, take},
    outline,
    outline::Outline,
    scalar, tree,
};
use crate::{
    repair::names,
    schemas::{self, Schema},
};

/// An object with more members that nobody knows is not what was asked for.
const MAX_UNEXPECTED: usize = 64;

/// What is done about a member.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Rename {
        from: String,
        to: String,
    },
    Drop {
        name: String,
    },
    /// With its default.
    Add {
        name: String,
        value: Node,
    },
}

/// An object that is complained of.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) schema: &'a Schema,
    pub(super) outline: &'a Outline,
    pub(super) budget: &'a Budget,
    pub(super) object: &'a Node,
    /// Where in the schema the complaint is from.
    pub(super) schema_path: &'a str,
    /// Whether members may be dropped here.
    pub(super) may_drop: bool,
}

impl<'a> Place<'a> {
    /// What becomes of members that the schema does not allow.
    pub(super) fn unexpected(&self, unexpected: &[String]) -> Option<Vec<Change>> {
        if unexpected.len() > MAX_UNEXPECTED {
            return None;
        }
        let schema = self.sub_schema()?;
        let declared = outline::declared(self.schema.document(), schema)?;
        take(&self.budget.compared, unexpected.len() * declared.len())?;
        let rights: Vec<Option<String>> = unexpected.iter().map(|name| self.spelled_right(name, &declared)).collect();
        let is_there = |name: &str| self.has(name) || rights.iter().flatten().any(|right| right == name);
        let absent: Vec<&str> = declared.iter().copied().filter(|name| !is_there(name)).collect();
        let is_closed = !schema.as_object()?.contains_key("patternProperties");
        let mut changes = Vec::new();
        for (name, right) in unexpected.iter().zip(rights) {
            if let Some(to) = right {
                changes.push(Change::Rename { from: name.clone(), to });
                continue;
            }
            // Letter by letter takes longer.
            take(&self.budget.compared, 10 * declared.len())?;
            // What another part of the schema knows has only come to the wrong place; and it may be a declared member that
            // is not there, by another name.
            let is_meant = self.outline.may_know(name)
                || declared.iter().any(|known| names::is_near(name, known))
                || absent.iter().any(|known| self.may_be(name, schema, known));
            if !is_closed || is_meant {
                return None;
            }
            if self.may_drop {
                changes.push(Change::Drop { name: name.clone() });
            }
        }
        Some(changes)
    }

    /// What becomes of a member that is missing: its `default`, if nothing else may have been meant for it.
    pub(super) fn missing(&self, name: &str) -> Option<Change> {
        let schema = self.sub_schema()?;
        let declared = outline::declared(self.schema.document(), schema)?;
        if tree::names(self.object).any(|present| !declared.contains(&*present)) {
            return None;
        }
        let property = schema.get("properties")?.get(name)?;
        let value = match property.get("default") {
            Some(default) => default,
            None => {
                let schemas = outline::in_place(self.schema.document(), property, false)?;
                let mut defaults = schemas.iter().filter_map(|schema| schema.get("default"));
                let first = defaults.next()?;
                defaults.all(|other| other == first).then_some(first)?
            }
        };
        take(&self.budget.defaults, schemas::size(value))?;
        Some(Change::Add { name: name.to_owned(), value: tree::from_value(value) })
    }

    /// The declared name that is absent and meant by this one alone.
    fn spelled_right(&self, name: &str, declared: &BTreeSet<&str>) -> Option<String> {
        let to = names::member(name, declared.iter().copied())?;
        let is_alone = tree::names(self.object).filter(|other| names::is_same(other, to)).count() == 1;
        (is_alone && !self.has(to)).then(|| to.to_owned())
    }

    /// Whether the value of an unknown member can be one of this declared one.
    fn may_be(&self, name: &str, schema: &Value, declared: &str) -> bool {
        let value = tree::member(self.object, name);
        let property = schema.get("properties").and_then(|properties| properties.get(declared));
        let (Some(value), Some(property)) = (value, property) else { return true };
        outline::in_place(self.schema.document(), property, false)
            .is_none_or(|schemas| schemas.iter().all(|schema| scalar::may_take(schema, value)))
    }

    fn has(&self, name: &str) -> bool {
        tree::names(self.object).any(|present| present == name)
    }

    fn sub_schema(&self) -> Option<&'a Value> {
        // The path may be one of another document.
        self.outline.names.as_ref()?;
        let (parent, _) = self.schema_path.rsplit_once('/')?;
        self.schema.resolve(parent)
    }
}

/// Does it. Whether there was anything to do: another complaint of the same may have been first.
pub(super) fn apply(object: &mut Node, change: &Change) -> Option<bool> {
    let Node::Object(members) = object else { return None };
    let position = |wanted: &str| members.iter().position(|(quoted, _)| tree::name(quoted) == wanted);
    Some(match change {
        Change::Rename { from, to } => match (position(from), position(to)) {
            (Some(index), None) => {
                members.get_mut(index)?.0 = tree::quoted(to);
                true
            }
            _ => false,
        },
        Change::Drop { name } => match position(name) {
            Some(index) => {
                members.remove(index);
                true
            }
            None => false,
        },
        Change::Add { name, value } if position(name).is_none() => {
            members.push((tree::quoted(name), value.clone()));
            true
        }
        Change::Add { .. } => false,
    })
}

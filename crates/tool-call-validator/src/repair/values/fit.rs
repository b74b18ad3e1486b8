//! Complaints settled one after the other, until there are none.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::{
    Node, Repair,
    alternatives::{self, Around},
    complaint::Complaint,
    members::{self, Change, Place},
    note,
    outline::Outline,
    scalar, tree,
};
use crate::schemas::Schema;

/// How often a value is looked at again after it has changed: a string that was an object may have members to be mended.
const MAX_ROUNDS: usize = 8;
/// A value of which there is more to complain is not what was asked for.
const MAX_COMPLAINTS: usize = 256;
/// How often all is validated or an alternative is tried, at most, ...
const MAX_STEPS: usize = 512;
/// ... and over how many bytes together.
const MAX_BYTES: usize = 4 << 20;
/// How many pairs of names are compared.
const MAX_COMPARED: usize = 100_000;
/// How many bytes of defaults are added, about.
const MAX_DEFAULTS: usize = 64 * 1024;
/// Each alternative that does not fit keeps copies of what it complains of.
const MAX_COPIED: usize = 16 << 20;

/// A value on its way to be valid.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub(super) node: Node,
    pub(super) repairs: Vec<Repair>,
}

/// The complaints of a value, all or those of one alternative. `None` if there are too many, or no steps left.
pub(super) type Look<'l> = &'l dyn Fn(&Value) -> Option<Vec<Complaint>>;

/// Changes a value until the schema has nothing to complain of. `None` if it cannot be told what was meant.
pub(super) fn fit(schema: &Schema, node: Node) -> Option<Fitted> {
    let length = tree::text(&node).len().max(1);
    let outline = Outline::of(schema.document());
    if outline.alternatives.saturating_mul(length) > MAX_COPIED {
        return None;
    }
    let steps = Cell::new((MAX_BYTES / length).min(MAX_STEPS));
    let budget = Budget { compared: Cell::new(MAX_COMPARED), defaults: Cell::new(MAX_DEFAULTS) };
    let fitter = Fitter { schema, outline, steps, budget };
    let look = |value: &Value| fitter.look(value);
    fitter.settle(Fitted { node, repairs: Vec::new() }, None, &look, None)
}

pub(super) struct Fitter<'s> {
    schema: &'s Schema,
    outline: Outline,
    /// How many are left.
    steps: Cell<usize>,
    budget: Budget,
}

/// What is left for members.
pub(super) struct Budget {
    pub(super) compared: Cell<usize>,
    pub(super) defaults: Cell<usize>,
}

/// Takes so much of what is left. Where there is too little nothing can be told any more.
pub(super) fn take(left: &Cell<usize>, amount: usize) -> Option<()> {
    let rest = left.get().checked_sub(amount);
    left.set(rest.unwrap_or_default());
    rest.map(drop)
}

impl Fitter<'_> {
    /// Takes a step. Where none is left nothing can be found to be valid any more, so that a value is never taken for the only
    /// one because there was no time for the others.
    pub(super) fn step(&self) -> Option<()> {
        take(&self.steps, 1)
    }

    fn look(&self, value: &Value) -> Option<Vec<Complaint>> {
        self.step()?;
        let complaints: Vec<_> = self.schema.errors(value).take(MAX_COMPLAINTS + 1).map(Complaint::from).collect();
        match complaints.len() {
            // What would take too long to explain is not explained, and still not valid.
            0 => self.schema.is_valid(value).then_some(complaints),
            1..=MAX_COMPLAINTS => Some(complaints),
            _ => None,
        }
    }

    /// Changes a value until this look finds nothing. The complaints of the first look may be known.
    pub(super) fn settle(
        &self,
        mut fitted: Fitted,
        known: Option<Vec<Complaint>>,
        look: Look<'_>,
        around: Option<&Around<'_>>,
    ) -> Option<Fitted> {
        let mut complaints = match known {
            Some(known) => known,
            None => look(&tree::value(&fitted.node)?)?,
        };
        for _ in 0..MAX_ROUNDS {
            if complaints.is_empty() {
                return Some(fitted);
            }
            // What can be told at once comes before what has alternatives, and may decide among them.
            let is_changed = self.change_values(&mut fitted, &complaints, around)
                | self.change_members(&mut fitted, &complaints, around);
            if !is_changed && !alternatives::decide(self, &mut fitted, complaints, look, around) {
                return None;
            }
            complaints = look(&tree::value(&fitted.node)?)?;
        }
        None
    }

    /// Puts values right. Whether there were any.
    fn change_values(&self, fitted: &mut Fitted, complaints: &[Complaint], around: Option<&Around<'_>>) -> bool {
        // Two complaints of one place must mean the same.
        let mut meant: BTreeMap<&str, Option<(Node, Repair)>> = BTreeMap::new();
        for complaint in complaints {
            let allowed = Around::allowed(around, &complaint.path);
            let Some(found) =
                tree::at(&fitted.node, &complaint.path).and_then(|node| scalar::meant(node, &complaint.kind, allowed))
            else {
                continue;
            };
            meant
                .entry(&complaint.path)
                .and_modify(|known| *known = known.take().filter(|(node, _)| *node == found.0))
                .or_insert(Some(found));
        }
        let mut is_changed = false;
        for (path, found) in meant {
            if let (Some((node, repair)), Some(place)) = (found, tree::at_mut(&mut fitted.node, path)) {
                *place = node;
                note(&mut fitted.repairs, repair);
                is_changed = true;
            }
        }
        is_changed
    }

    /// Renames, drops and adds members. Whether there were any.
    fn change_members(&self, fitted: &mut Fitted, complaints: &[Complaint], around: Option<&Around<'_>>) -> bool {
        let missing = complaints.iter().filter(|complaint| matches!(complaint.kind, Kind::Required { .. }));
        let missing: BTreeSet<&str> = missing.map(|complaint| complaint.path.as_str()).collect();
        // What was dropped may have been what a default would stand for.
        let has_dropped = fitted.repairs.contains(&Repair::UnknownMember);
        let mut changes: Vec<(&str, Change)> = Vec::new();
        for complaint in complaints {
            let Some(object @ Node::Object(_)) = tree::at(&fitted.node, &complaint.path) else { continue };
            let place = Place {
                schema: self.schema,
                outline: &self.outline,
                budget: &self.budget,
                object,
                schema_path: &complaint.schema_path,
                may_drop: !missing.contains(&*complaint.path) && Around::may_drop(around, &complaint.path),
            };
            let found = match &complaint.kind {
                Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                    place.unexpected(unexpected)
                }
                Kind::Required { property: Value::String(name) }
                    if !has_dropped
                        && complaint.schema_path.ends_with("/required")
                        && Around::may_default(around, &complaint.path) =>
                {
                    place.missing(name).map(|change| vec![change])
                }
                _ => None,
            };
            changes.extend(found.into_iter().flatten().map(|change| (complaint.path.as_str(), change)));
        }
        let mut is_changed = false;
        for (path, change) in changes {
            if tree::at_mut(&mut fitted.node, path).and_then(|object| members::apply(object, &change)) != Some(true) {
                continue;
            }
            is_changed = true;
            let repair = match change {
                Change::Rename { .. } => Repair::MemberSpelling,
                Change::Add { .. } => Repair::Default,
                Change::Drop { .. } => Repair::UnknownMember,
            };
            note(&mut fitted.repairs, repair);
        }
        is_changed
    }
}

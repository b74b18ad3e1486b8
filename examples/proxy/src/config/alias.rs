//! `[[aliases]]`: a name that stands for a list of deployments.

use std::sync::Arc;

use super::deployment::name_of;
use super::node::Node;
use super::report::{Place, Report};

/// A model name that clients ask for, resolved by a policy to deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// What clients may ask for as `model`.
    pub name: Arc<str>,
    /// How to choose among the deployments.
    pub policy: Policy,
    /// The deployments, in the order of the file; never empty.
    pub deployments: Vec<Target>,
}

/// A deployment in the list of an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The deployment's name.
    pub name: Arc<str>,
    /// Its weight, for policies that weigh; `ordered` does not.
    pub weight: Option<u64>,
}

/// How to choose among the deployments of an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// In the order of the file.
    Ordered,
}

/// Every policy that the file's format knows; `None` for those that come with the cost router.
const POLICIES: [(&str, Option<Policy>); 6] = [
    ("ordered", Some(Policy::Ordered)),
    ("weighted", None),
    ("cheapest", None),
    ("fastest", None),
    ("balanced", None),
    ("least_busy", None),
];

const WITH_THE_ROUTER: &str = "comes with the cost router, which this version does not have yet";

/// An alias as the file gives it, with the places that the checks across tables point at.
pub(super) struct Draft {
    pub(super) name: Option<(String, Place)>,
    pub(super) targets: Vec<(Target, Place)>,
    pub(super) alias: Option<Alias>,
}

impl Alias {
    pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Draft {
        let Some(mut members) = node.table("[[aliases]]", report) else {
            return Draft { name: None, targets: Vec::new(), alias: None };
        };
        let name = members.need("name", "name = \"…\"", report);
        let name = name.and_then(|node| Some((name_of(&node, report)?, node.place)));
        let policy = match members.get("policy") {
            Some(node) => policy(&node, report),
            None => Some(Policy::Ordered),
        };
        let list = members.need("deployments", "deployments = [\"…\"]", report);
        let targets = list.map(|node| targets(&node, report)).unwrap_or_default();
        members.not_yet("max_p99", WITH_THE_ROUTER, report);
        members.finish(report);

        let alias = name.as_ref().zip(policy).map(|((name, _), policy)| Self {
            name: name.as_str().into(),
            policy,
            deployments: targets.iter().map(|(target, _)| target.clone()).collect(),
        });
        Draft { name, targets, alias }
    }
}

fn policy(node: &Node<'_>, report: &mut Report<'_>) -> Option<Policy> {
    let policy = node.choice("policy", &POLICIES, report)?;
    if policy.is_none() {
        let help = "this version has `ordered` only";
        report.error(&node.place, format!("this policy {WITH_THE_ROUTER}"), help);
    }
    policy
}

fn targets(node: &Node<'_>, report: &mut Report<'_>) -> Vec<(Target, Place)> {
    let Some(entries) = node.array("deployments = [\"small\", \"big\"]", report) else {
        return Vec::new();
    };
    if entries.is_empty() {
        report.error(&node.place, "an alias needs a deployment", "name one, as in `[\"small\"]`");
    }
    let mut targets: Vec<(Target, Place)> = Vec::new();
    for entry in entries {
        let Some((target, place)) = target(entry, report) else {
            continue;
        };
        if targets.iter().any(|(earlier, _)| earlier.name == target.name) {
            let message = format!("the deployment `{}` is named twice", target.name);
            report.error(&place, message, "leave one out");
        }
        targets.push((target, place));
    }
    targets
}

/// `"small"` or `{ name = "small", weight = 10 }`.
fn target(entry: Node<'_>, report: &mut Report<'_>) -> Option<(Target, Place)> {
    if entry.is_string() {
        let name = name_of(&entry, report)?.into();
        return Some((Target { name, weight: None }, entry.place));
    }
    let mut members = entry.table("{ name = \"small\", weight = 10 }", report)?;
    let name = members.need("name", "name = \"…\"", report);
    let weight = members.get("weight").and_then(|node| node.count(report));
    members.finish(report);
    let node = name?;
    let name = name_of(&node, report)?.into();
    Some((Target { name, weight }, node.place))
}

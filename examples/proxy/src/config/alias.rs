//! `[[aliases]]`: a name that stands for a list of deployments.

use std::sync::Arc;

use llm_layers_accounts::budgets::Limit;
use llm_layers_cost_router::{self as router, AliasConfig};

use super::accounts;
use super::credential;
use super::deployment::name_of;
use super::node::Node;
use super::report::{Place, Report};

/// A model name that clients ask for, resolved by a policy to deployments.
#[derive(Debug, Clone)]
pub struct Alias {
    /// What clients may ask for as `model`.
    pub name: Arc<str>,
    /// The deployments, in the order of the file; never empty.
    pub deployments: Vec<Arc<str>>,
    /// How to choose among them, as the router has it.
    pub route: router::Alias,
    /// What all calls for it may cost.
    pub budget: Vec<Limit>,
    /// The words that `route` is made of.
    pub(super) settings: AliasConfig,
}

/// Settings, and the route that they make.
struct Checked(AliasConfig, router::Alias);

impl TryFrom<AliasConfig> for Checked {
    type Error = router::ConfigError;

    fn try_from(settings: AliasConfig) -> Result<Self, Self::Error> {
        router::Alias::try_from(settings.clone()).map(|route| Self(settings, route))
    }
}

/// An alias as the file gives it, with the places that the checks across tables point at.
pub(super) struct Draft {
    pub(super) name: Option<(String, Place)>,
    /// Every deployment that it names.
    pub(super) targets: Vec<(Arc<str>, Place)>,
    pub(super) alias: Option<Alias>,
}

/// Lists of deployments beside the one that is chosen from.
const FALLBACKS: [&str; 2] = ["on_context_overflow", "on_content_refusal"];

impl Alias {
    pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Draft {
        let Some(mut members) = node.table("[[aliases]]", report) else {
            return Draft { name: None, targets: Vec::new(), alias: None };
        };
        let name = members.need("name", "name = \"…\"", report);
        let name = name.and_then(|node| Some((name_of(&node, report)?, node.place)));
        let list = members.need("deployments", "deployments = [\"…\"]", report);
        let told = report.count();
        let targets = list.map(|node| targets(&node, report)).unwrap_or_default();
        // What is wrong with those two has been told.
        let is_sound = name.is_some() && !targets.is_empty() && report.count() == told;
        let budget = accounts::budget(&mut members, report);
        let route = is_sound.then(|| node.settings::<AliasConfig, Checked>(&["budget"], report)).flatten();
        let further = FALLBACKS.iter().filter_map(|list| members.get(list)).collect::<Vec<_>>();
        let further = further.iter().flat_map(|list| list.elements()).filter_map(|entry| {
            let name = entry.text()?;
            Some((Arc::from(name), entry.place))
        });
        let deployments = targets.iter().map(|(name, _)| Arc::clone(name)).collect();
        let targets = targets.iter().cloned().chain(further).collect();
        let name_of_alias = name.as_ref().map(|(name, _)| Arc::from(name.as_str()));
        let alias = name_of_alias.zip(route);
        let alias = alias.map(|(name, Checked(settings, route))| Self { name, deployments, route, budget, settings });
        Draft { name, targets, alias }
    }
}

fn targets(node: &Node<'_>, report: &mut Report<'_>) -> Vec<(Arc<str>, Place)> {
    let Some(entries) = node.array("deployments = [\"small\", \"big\"]", report) else {
        return Vec::new();
    };
    if entries.is_empty() {
        report.error(&node.place, "an alias needs a deployment", "name one, as in `[\"small\"]`");
    }
    let mut targets: Vec<(Arc<str>, Place)> = Vec::new();
    for entry in entries {
        let Some((name, place)) = target(entry, report) else {
            continue;
        };
        if targets.iter().any(|(earlier, _)| *earlier == name) {
            report.error(&place, format!("the deployment `{name}` is named twice"), "leave one out");
        }
        targets.push((name, place));
    }
    targets
}

/// `"small"` or `{ name = "small", weight = 10 }`.
fn target(entry: Node<'_>, report: &mut Report<'_>) -> Option<(Arc<str>, Place)> {
    if entry.is_string() {
        return Some((name_of(&entry, report)?.into(), entry.place));
    }
    let mut members = entry.table("{ name = \"small\", weight = 10 }", report)?;
    let name = members.need("name", "name = \"…\"", report);
    if let Some(weight) = members.get("weight") {
        credential::weight(&weight, report);
    }
    members.finish(report);
    let node = name?;
    Some((name_of(&node, report)?.into(), node.place))
}

//! `[[deployments]]`: one model at one provider.

use std::sync::Arc;

use super::node::Node;
use super::price::Price;
use super::report::{Place, Report};

/// One model at one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// What clients may ask for as `model`.
    pub name: Arc<str>,
    /// The provider that serves it.
    pub provider: Arc<str>,
    /// The id that the provider knows it by.
    pub model: Arc<str>,
    /// What it costs; `None` where the file does not say.
    pub price: Option<Price>,
    /// Tokens that go into one call, input and output together.
    pub context_window: Option<u64>,
    /// What it can do; empty where the file does not say.
    pub capabilities: Vec<Capability>,
    /// Where it runs, in the user's own words.
    pub region: Option<String>,
    /// How good it is.
    pub tier: Option<Tier>,
}

/// What a model can do beyond text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Calls tools.
    Tools,
    /// Takes images.
    Vision,
    /// Keeps to a JSON Schema.
    JsonSchema,
    /// Thinks before it answers.
    Reasoning,
}

/// How good a model is, in four steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// For short and simple prompts.
    Small,
    /// Between small and large.
    Medium,
    /// For most work.
    Large,
    /// The best there is.
    Frontier,
}

const CAPABILITIES: [(&str, Capability); 4] = [
    ("tools", Capability::Tools),
    ("vision", Capability::Vision),
    ("json_schema", Capability::JsonSchema),
    ("reasoning", Capability::Reasoning),
];

const TIERS: [(&str, Tier); 4] =
    [("small", Tier::Small), ("medium", Tier::Medium), ("large", Tier::Large), ("frontier", Tier::Frontier)];

/// What the file says of a deployment by name, for the checks across tables.
pub(super) struct Names {
    pub(super) name: Option<(String, Place)>,
    pub(super) provider: Option<(String, Place)>,
}

impl Deployment {
    /// Reads one table. The names come back even where the rest of it is wrong, so that an alias
    /// that uses it is not blamed as well.
    pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> (Names, Option<Self>) {
        let Some(mut members) = node.table("[[deployments]]", report) else {
            return (Names { name: None, provider: None }, None);
        };
        let name = members.need("name", "name = \"…\"", report);
        let provider = members.need("provider", "provider = \"…\"", report);
        let name = name.and_then(|node| Some((name_of(&node, report)?, node.place)));
        let provider = provider.and_then(|node| Some((name_of(&node, report)?, node.place)));
        let model = members.get("model").map(|node| text_of(&node, report));
        let price = members.get("price").map(|node| Price::read(&node, report));
        let context_window = members.get("context_window").map(|node| node.count(report));
        let capabilities = members.get("capabilities").map(|node| capabilities(&node, report));
        let region = members.get("region").map(|node| text_of(&node, report));
        let tier = members.get("tier").map(|node| node.choice("tier", &TIERS, report));
        members.finish(report);

        let deployment = (|| {
            let (name, _) = name.as_ref()?;
            Some(Self {
                name: name.as_str().into(),
                provider: provider.as_ref()?.0.as_str().into(),
                model: model.unwrap_or_else(|| Some(name.clone()))?.into(),
                price,
                context_window: context_window.flatten(),
                capabilities: capabilities.unwrap_or_default(),
                region: region.flatten(),
                tier: tier.flatten(),
            })
        })();
        (Names { name, provider }, deployment)
    }
}

/// A name: some text, without blanks around it or control characters in it.
pub(super) fn name_of(node: &Node<'_>, report: &mut Report<'_>) -> Option<String> {
    let name = node.literal(report)?;
    checked(name.to_owned(), node, report)
}

/// As a name, but it may stand in the environment.
fn text_of(node: &Node<'_>, report: &mut Report<'_>) -> Option<String> {
    let text = node.string(report)?;
    checked(text.into_owned(), node, report)
}

fn checked(name: String, node: &Node<'_>, report: &mut Report<'_>) -> Option<String> {
    if name.is_empty() || name.trim() != name || name.contains(char::is_control) {
        report.error(&node.place, "not a name", "write some text without blanks at its ends");
        return None;
    }
    Some(name)
}

fn capabilities(node: &Node<'_>, report: &mut Report<'_>) -> Vec<Capability> {
    let entries = node.array("capabilities = [\"tools\"]", report).unwrap_or_default();
    let mut capabilities = Vec::new();
    for entry in entries {
        match entry.choice("capability", &CAPABILITIES, report) {
            Some(capability) if capabilities.contains(&capability) => {
                report.error(&entry.place, "this capability is named twice", "leave one out");
            }
            Some(capability) => capabilities.push(capability),
            None => {}
        }
    }
    capabilities
}

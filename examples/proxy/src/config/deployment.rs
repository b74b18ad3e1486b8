//! `[[deployments]]`: one model at one provider.

use std::sync::Arc;

use llm_layers_catalogue::{Catalogue, Model, Overrides, PriceError};

use super::node::Node;
use super::provider::{Dialect, Provider};
use super::report::{Place, Report};

/// One model at one provider.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// What clients may ask for as `model`.
    pub name: Arc<str>,
    /// The provider that serves it.
    pub provider: Arc<str>,
    /// The id that the provider knows it by.
    pub model: Arc<str>,
    /// What the file knows better than the catalogue.
    pub overrides: Overrides,
}

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
        let overrides = node.settings::<Overrides, Overrides>(&["name", "provider", "model"], report);

        let deployment = (|| {
            let (name, _) = name.as_ref()?;
            Some(Self {
                name: name.as_str().into(),
                provider: provider.as_ref()?.0.as_str().into(),
                model: model.unwrap_or_else(|| Some(name.clone()))?.into(),
                overrides: overrides?,
            })
        })();
        (Names { name, provider }, deployment)
    }

    /// What is known of it: what the catalogue says, and over it what the file says.
    ///
    /// # Errors
    /// The price in the file is none.
    pub fn facts(&self, provider: Option<&Provider>) -> Result<Model, PriceError> {
        let known = provider.and_then(|provider| Catalogue::builtin().find(known_as(provider), &self.model));
        let mut model = known.map_or_else(|| Model::new("", ""), |known| Model::clone(known));
        model.provider = (*self.provider).into();
        model.id = (*self.model).into();
        model.overridden_by(&self.overrides)
    }
}

/// The catalogue's name for a provider.
pub(crate) fn known_as(provider: &Provider) -> &str {
    match (provider.like, provider.dialect) {
        // Some have OpenAI's API beside their own, at the same prices.
        (Some(like), _) => like.strip_suffix("-openai").unwrap_or(like),
        (None, Dialect::OpenAi) => &provider.name,
        (None, dialect) => dialect.as_str(),
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

//! `[[deployments]]`: one model at one provider.

use std::sync::Arc;

use llm_layers_catalogue::{Catalogue, Model, Overrides, PriceError};
use llm_layers_cost_router::{Candidate, Class, Hours, HoursConfig};

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
    /// The calls that it is kept for, if not for all.
    pub only_for: Option<Class>,
    /// When it may be asked, if not always.
    pub hours: Option<Hours>,
}

/// What of the table the catalogue has no overrides for.
const OWN: [&str; 5] = ["name", "provider", "model", "only_for", "hours"];

const CLASSES: [(&str, Class); 2] = [("interactive", Class::Interactive), ("batch", Class::Batch)];

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
        let only_for = members.get("only_for").map(|node| node.choice("class", &CLASSES, report));
        let hours = members.get("hours").map(|node| node.settings::<HoursConfig, Hours>(&[], report));
        let overrides = node.settings::<Overrides, Overrides>(&OWN, report);

        let deployment = (|| {
            let (name, _) = name.as_ref()?;
            Some(Self {
                name: name.as_str().into(),
                provider: provider.as_ref()?.0.as_str().into(),
                model: model.unwrap_or_else(|| Some(name.clone()))?.into(),
                overrides: overrides?,
                // What is there and wrong leaves none.
                only_for: only_for.map_or(Some(None), |class| class.map(Some))?,
                hours: hours.map_or(Some(None), |hours| hours.map(Some))?,
            })
        })();
        (Names { name, provider }, deployment)
    }

    /// The same, as layers have it.
    #[must_use]
    pub fn target(&self) -> llm_layers_core::Deployment {
        llm_layers_core::Deployment::new(&*self.name, &*self.provider, &*self.model)
    }

    /// The same, as the router has it.
    #[must_use]
    pub fn candidate(&self) -> Candidate {
        let candidate = Candidate::new(self.target());
        let candidate = match self.only_for {
            Some(class) => candidate.only_for(class),
            None => candidate,
        };
        match &self.hours {
            Some(hours) => candidate.hours(hours.clone()),
            None => candidate,
        }
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

//! What can be asked for beside what the router knows by name.

use std::sync::Arc;

use foldhash::HashSet;
use llm_layers_core::Deployment as Target;

use super::alias::Alias;
use super::deployment::Deployment;
use super::provider::Provider;

/// The names of the file: what clients can ask for. Built once for each configuration, then only read.
#[derive(Debug, Clone)]
pub struct RouteTable {
    providers: HashSet<Arc<str>>,
    /// What can be asked for by name, with the provider that serves it, or the first of them: aliases first, each in
    /// the order of the file.
    listed: Vec<(Arc<str>, Arc<str>)>,
}

/// Something that can be asked for, as `GET /v1/models` lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model<'a> {
    /// What to write in `model`.
    pub id: &'a str,
    /// The provider that serves it.
    pub provider: &'a str,
}

impl RouteTable {
    pub(super) fn new(providers: &[Provider], deployments: &[Deployment], aliases: &[Alias]) -> Self {
        let provider_of = |name: &Arc<str>| {
            let deployment = deployments.iter().find(|deployment| deployment.name == *name)?;
            Some(Arc::clone(&deployment.provider))
        };
        let of_aliases = aliases.iter().filter_map(|alias| {
            let provider = alias.deployments.iter().find_map(provider_of)?;
            Some((Arc::clone(&alias.name), provider))
        });
        let own = deployments.iter().map(|deployment| (Arc::clone(&deployment.name), Arc::clone(&deployment.provider)));
        Self {
            providers: providers.iter().map(|provider| Arc::clone(&provider.name)).collect(),
            listed: of_aliases.chain(own).collect(),
        }
    }

    /// What `provider/model` leads to: any model of a provider of the file.
    #[must_use]
    pub fn of_provider(&self, requested: &str) -> Option<Target> {
        // A model's own name may hold slashes: `openrouter/openai/gpt-4o`.
        let (provider, model) = requested.split_once('/')?;
        let known = self.providers.contains(provider) && !model.is_empty();
        known.then(|| Target::named_by_client(provider, model))
    }

    /// What can be asked for by name: aliases, then deployments.
    pub fn models(&self) -> impl Iterator<Item = Model<'_>> {
        self.listed.iter().map(|(id, provider)| Model { id, provider })
    }
}

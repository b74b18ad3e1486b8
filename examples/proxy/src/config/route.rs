//! What a requested model leads to.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};
use llm_layers_core::Deployment as Target;

use super::alias::Alias;
use super::deployment::Deployment;
use super::provider::Provider;

/// From the name in `model` to a provider and the id that it knows the model by. Built once for each
/// configuration, then only read.
#[derive(Debug, Clone)]
pub struct RouteTable {
    providers: HashSet<Arc<str>>,
    /// What each name leads to, in the order in which it is tried; never nothing.
    named: HashMap<Arc<str>, Arc<[Target]>>,
    /// What can be asked for by name, aliases first, each in the order of the file.
    listed: Vec<Arc<str>>,
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
        let mut named: HashMap<Arc<str>, Arc<[Target]>> = HashMap::new();
        for deployment in deployments {
            let target = Target::new(&*deployment.name, &*deployment.provider, &*deployment.model);
            named.insert(Arc::clone(&deployment.name), Arc::new([target]));
        }
        let mut listed = Vec::new();
        for alias in aliases {
            let of_one = |name: &Arc<str>| named.get(name)?.first().cloned();
            let targets: Arc<[Target]> = alias.deployments.iter().filter_map(of_one).collect();
            if !targets.is_empty() {
                named.insert(Arc::clone(&alias.name), targets);
                listed.push(Arc::clone(&alias.name));
            }
        }
        listed.extend(deployments.iter().map(|deployment| Arc::clone(&deployment.name)));
        let providers = providers.iter().map(|provider| Arc::clone(&provider.name)).collect();
        Self { providers, named, listed }
    }

    /// Resolves the name of a deployment or an alias, or else `provider/model`, to what is to be tried, in order and
    /// never nothing. `None` is OpenAI's 404 `model_not_found`.
    #[must_use]
    pub fn resolve(&self, requested: &str) -> Option<Arc<[Target]>> {
        if let Some(named) = self.named.get(requested) {
            return Some(Arc::clone(named));
        }
        // A model's own name may hold slashes: `openrouter/openai/gpt-4o`.
        let (provider, model) = requested.split_once('/')?;
        let known = self.providers.contains(provider) && !model.is_empty();
        known.then(|| [Target::new(requested, provider, model)].into())
    }

    /// The first of what a name leads to.
    #[must_use]
    pub fn first(&self, requested: &str) -> Option<Target> {
        self.resolve(requested)?.first().cloned()
    }

    /// What can be asked for by name: aliases, then deployments.
    pub fn models(&self) -> impl Iterator<Item = Model<'_>> {
        self.listed.iter().filter_map(|id| {
            let provider = self.named.get(id)?.first()?.provider();
            Some(Model { id, provider })
        })
    }
}

//! What a requested model leads to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::alias::Alias;
use super::deployment::Deployment;
use super::provider::Provider;

/// From the name in `model` to a provider and the id that it knows the model by. Built once for each
/// configuration, then only read.
#[derive(Debug, Clone)]
pub struct RouteTable {
    providers: HashSet<Arc<str>>,
    named: HashMap<Arc<str>, Named>,
    /// What can be asked for by name, aliases first, each in the order of the file.
    listed: Vec<Arc<str>>,
}

#[derive(Debug, Clone)]
struct Named {
    provider: Arc<str>,
    model: Arc<str>,
    deployment: Arc<str>,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// The model's id as the provider knows it.
    pub model: &'a str,
    /// The deployment's name; for `provider/model`, what was asked for.
    pub deployment: &'a str,
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
    pub(super) fn new(
        providers: &[Provider],
        deployments: &[Deployment],
        aliases: &[Alias],
    ) -> Self {
        let mut named: HashMap<Arc<str>, Named> = HashMap::new();
        for deployment in deployments {
            let route = Named {
                provider: Arc::clone(&deployment.provider),
                model: Arc::clone(&deployment.model),
                deployment: Arc::clone(&deployment.name),
            };
            named.insert(Arc::clone(&deployment.name), route);
        }
        let mut listed = Vec::new();
        for alias in aliases {
            // Policy `ordered` without fallback: the first one.
            let first = alias
                .deployments
                .first()
                .and_then(|target| named.get(&target.name));
            if let Some(first) = first.cloned() {
                named.insert(Arc::clone(&alias.name), first);
                listed.push(Arc::clone(&alias.name));
            }
        }
        listed.extend(
            deployments
                .iter()
                .map(|deployment| Arc::clone(&deployment.name)),
        );
        let providers = providers
            .iter()
            .map(|provider| Arc::clone(&provider.name))
            .collect();
        Self {
            providers,
            named,
            listed,
        }
    }

    /// Resolves the name of a deployment or an alias, or else `provider/model`. `None` is OpenAI's
    /// 404 `model_not_found`.
    #[must_use]
    pub fn resolve<'a>(&'a self, requested: &'a str) -> Option<Route<'a>> {
        if let Some(named) = self.named.get(requested) {
            return Some(Route {
                provider: &named.provider,
                model: &named.model,
                deployment: &named.deployment,
            });
        }
        // A model's own name may hold slashes: `openrouter/openai/gpt-4o`.
        let (provider, model) = requested.split_once('/')?;
        let provider = self.providers.get(provider)?;
        (!model.is_empty()).then_some(Route {
            provider,
            model,
            deployment: requested,
        })
    }

    /// What can be asked for by name: aliases, then deployments.
    pub fn models(&self) -> impl Iterator<Item = Model<'_>> {
        self.listed.iter().filter_map(|id| {
            let provider = &self.named.get(id)?.provider;
            Some(Model { id, provider })
        })
    }
}

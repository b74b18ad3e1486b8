//! What is known of deployments: what they cost, and what they can do.

use std::{collections::HashMap, sync::Arc};

use llm_layers_catalogue::{Catalogue, Model};
use llm_layers_core::Deployment;

use super::Error;
use crate::config::{Config, known_as};

/// The file's deployments as the file has them, any other model as the catalogue does.
#[derive(Clone)]
pub(super) struct Facts {
    shared: Arc<Shared>,
}

struct Shared {
    own: HashMap<Deployment, Arc<Model>>,
    /// The catalogue's names for providers.
    known_as: HashMap<Arc<str>, Box<str>>,
}

impl Facts {
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        let mut own = HashMap::new();
        for deployment in config.deployments() {
            let provider = config.providers().iter().find(|provider| provider.name == deployment.provider);
            let facts = deployment.facts(provider);
            let mut model = facts.map_err(|error| Error::Price((*deployment.name).into(), error))?;
            if let Some(provider) = provider {
                // Tokenizers and conventions go by who it is, and not by what the file calls it.
                model.provider = known_as(provider).into();
            }
            own.insert(deployment.target(), Arc::new(model));
        }
        let providers = config.providers().iter();
        let known_as = providers.map(|provider| (Arc::clone(&provider.name), known_as(provider).into())).collect();
        Ok(Self { shared: Arc::new(Shared { own, known_as }) })
    }

    pub(super) fn of(&self, deployment: &Deployment) -> Option<Arc<Model>> {
        if let Some(own) = self.shared.own.get(deployment) {
            return Some(Arc::clone(own));
        }
        let provider = self.shared.known_as.get(deployment.provider())?;
        Catalogue::builtin().find(provider, deployment.model()).map(Arc::clone)
    }
}

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use llm_layers_catalogue::{Catalogue, Model};
use llm_layers_core::{Average, Deployment, Rng};

use super::{
    Engine, Entry, Route,
    compiled::{Available, Facts, Names, Shared},
    stored::Stored,
};
use crate::{Alias, Routes, RoutesError, affinity::Affinity};

/// Settings of an [`Engine`].
pub struct EngineBuilder {
    facts: Arc<Facts>,
    available: Option<Arc<Available>>,
    rng: Rng,
    cache_ttl: Duration,
    max_conversations: usize,
    old: Option<Engine>,
}

impl Default for EngineBuilder {
    fn default() -> Self {
        Self {
            facts: Arc::new(|deployment| {
                Catalogue::builtin().find(deployment.provider(), deployment.model()).map(Arc::clone)
            }),
            available: None,
            rng: Rng::new(),
            cache_ttl: Duration::from_secs(300),
            max_conversations: 65_536,
            old: None,
        }
    }
}

impl EngineBuilder {
    /// Sets what tells a deployment's price and abilities. Default the built-in catalogue.
    #[must_use]
    pub fn facts(mut self, facts: impl Fn(&Deployment) -> Option<Arc<Model>> + Send + Sync + 'static) -> Self {
        self.facts = Arc::new(facts);
        self
    }

    /// Sets what tells whether a deployment can be called. One that cannot is asked when all others have failed.
    /// Default all can.
    #[must_use]
    pub fn available(mut self, available: impl Fn(&Deployment) -> bool + Send + Sync + 'static) -> Self {
        self.available = Some(Arc::new(available));
        self
    }

    /// Sets chance.
    #[must_use]
    pub fn rng(mut self, rng: Rng) -> Self {
        self.rng = rng;
        self
    }

    /// Sets how long a provider's prompt cache stays warm. Default 5 min, Anthropic's and OpenAI's least.
    #[must_use]
    pub const fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.cache_ttl = ttl;
        self
    }

    /// Sets how many conversations are remembered at most, and as many answers and conversations that are stored by
    /// providers. Default 65,536, of 100 bytes or so.
    #[must_use]
    pub const fn max_conversations(mut self, conversations: usize) -> Self {
        self.max_conversations = conversations;
        self
    }

    /// Goes on with what another router has learnt of deployments and aliases of the same names. How many conversations
    /// are remembered, and how long, is as this builder says.
    #[must_use]
    pub fn taking_over(mut self, old: &Engine) -> Self {
        self.old = Some(old.clone());
        self
    }

    /// The router.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn build(self, routes: &Routes) -> Result<Engine, RoutesError> {
        let mut entries = Names::<Entry>::default();
        let mut by_model = HashMap::<_, Names<Entry>, _>::default();
        for candidate in &routes.candidates {
            let deployment = candidate.deployment();
            let model = candidate.model.clone().or_else(|| (self.facts)(deployment));
            let known = self.old.as_ref().and_then(|old| old.0.entries.get(deployment.name()));
            let same = known.filter(|known| known.deployment == *deployment);
            let entry = Arc::new(Entry::new(candidate, model, same.map(|known| Arc::clone(&known.stats))));
            let of_provider = by_model.entry(deployment.provider().into()).or_default();
            of_provider.entry(deployment.model().into()).or_insert_with(|| Arc::clone(&entry));
            if entries.insert(deployment.name().into(), entry).is_some() {
                return Err(RoutesError::Twice { name: deployment.name().into() });
            }
        }
        let mut compiled = Names::<Route>::default();
        for alias in &routes.aliases {
            let known = self.old.as_ref().and_then(|old| old.0.routes.get(&*alias.name));
            let output = known.map(|known| Arc::clone(&known.output)).unwrap_or_default();
            let route = route(alias, &entries, output)?;
            if compiled.insert(alias.name.clone(), Arc::new(route)).is_some() {
                return Err(RoutesError::Twice { name: alias.name.clone() });
            }
        }
        let (affinity, stored, hasher) = match &self.old {
            Some(Engine(old)) => {
                old.stored.set_max(self.max_conversations);
                let affinity = old.affinity.with(self.max_conversations, self.cache_ttl);
                (affinity, Arc::clone(&old.stored), old.hasher.clone())
            }
            None => {
                let affinity = Affinity::new(self.max_conversations, self.cache_ttl);
                (affinity, Arc::new(Stored::new(self.max_conversations)), Default::default())
            }
        };
        let affinity = Arc::new(affinity);
        let Self { available, rng, facts, .. } = self;
        let shared = Shared { entries, by_model, facts, routes: compiled, available, affinity, stored, hasher, rng };
        Ok(Engine(Arc::new(shared)))
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder").field("cache_ttl", &self.cache_ttl).finish_non_exhaustive()
    }
}

fn route(alias: &Alias, entries: &Names<Entry>, output: Arc<Average>) -> Result<Route, RoutesError> {
    if alias.members.is_empty() {
        return Err(RoutesError::Empty { alias: alias.name.clone() });
    }
    let is_own = |name: &str| alias.members.iter().any(|member| *member.name == *name);
    if let Some(name) = alias.complexity.deployments().find(|name| !is_own(name)) {
        return Err(RoutesError::NotAMember { alias: alias.name.clone(), deployment: name.into() });
    }
    let mut members: Vec<(Arc<Entry>, u32)> = Vec::new();
    let lists = alias.on_context_overflow.iter().chain(&alias.on_content_refusal).map(|name| (name, 1));
    let own = alias.members.iter().map(|member| (&member.name, member.weight));
    for (place, (name, weight)) in own.chain(lists).enumerate() {
        let entry = entries
            .get(&**name)
            .ok_or_else(|| RoutesError::UnknownDeployment { alias: alias.name.clone(), deployment: name.clone() })?;
        let is_known = members.iter().any(|(known, _)| Arc::ptr_eq(known, entry));
        if is_known && place < alias.members.len() {
            return Err(RoutesError::Twice { name: name.clone() });
        }
        if !is_known {
            members.push((Arc::clone(entry), weight));
        }
    }
    if members.len() >= usize::from(u16::MAX) {
        return Err(RoutesError::TooMany { alias: alias.name.clone() });
    }
    Ok(Route::new(alias, alias.members.len(), members, output))
}

use std::{collections::HashMap, fmt, hash::BuildHasher, sync::Arc, time::SystemTime};

use http::request::Parts;
use llm_layers_catalogue::Model;
use llm_layers_core::{Caller, Deployment, Operation, Rng};
use llm_layers_wire::json::Object;

use super::{
    Call, Direct, EngineBuilder, Entry, NothingLeft, Plan, Route, planning,
    stored::{self, Stored},
};
use crate::{Candidate, Routes, RoutesError, affinity::Affinity};

pub(super) type Available = dyn Fn(&Deployment) -> bool + Send + Sync;
pub(super) type Facts = dyn Fn(&Deployment) -> Option<Arc<Model>> + Send + Sync;
pub(super) type Names<T> = HashMap<Box<str>, Arc<T>, foldhash::fast::RandomState>;

/// Chooses. Clones share what they learn.
#[derive(Clone)]
pub struct Engine(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) entries: Names<Entry>,
    /// The same by provider and model: of several the first of the routes.
    pub(super) by_model: HashMap<Box<str>, Names<Entry>, foldhash::fast::RandomState>,
    pub(super) facts: Arc<Facts>,
    pub(super) routes: Names<Route>,
    pub(super) available: Option<Arc<Available>>,
    pub(super) affinity: Arc<Affinity>,
    pub(super) stored: Arc<Stored>,
    /// The key of the hash that conversations are known by: nobody outside can aim at another's.
    pub(super) hasher: foldhash::quality::RandomState,
    pub(super) rng: Rng,
}

/// What a client has asked for.
#[derive(Clone, Debug)]
pub enum Target {
    /// A deployment.
    Deployment(Direct),
    /// An alias.
    Alias(Arc<Route>),
}

impl Engine {
    /// With the built-in catalogue, all deployments available.
    ///
    /// # Errors
    /// An alias names a deployment that is not there, or leads nowhere, or a name is there twice.
    pub fn new(routes: &Routes) -> Result<Self, RoutesError> {
        Self::builder().build(routes)
    }

    /// With settings of one's own.
    #[must_use]
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// What a name leads to: an alias, else a deployment.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<Target> {
        match self.0.routes.get(name) {
            Some(route) => Some(Target::Alias(Arc::clone(route))),
            None => self.0.entries.get(name).map(|entry| Target::Deployment(Direct(Arc::clone(entry)))),
        }
    }

    /// A call for an alias, at this time. What is to be known of it is read when somebody asks.
    #[must_use]
    pub fn call<'a>(
        &'a self,
        route: &'a Arc<Route>,
        head: &'a Parts,
        operation: Operation,
        object: &'a Object,
        now: SystemTime,
    ) -> Call<'a> {
        Call::new(route, head, operation, object, now, &self.0.rng)
    }

    /// The deployments that may answer a call, in the order in which they are to be asked.
    ///
    /// # Errors
    /// There are none: each is listed with the constraint that removed it.
    pub fn plan(&self, call: &Call<'_>) -> Result<Plan, NothingLeft> {
        planning::plan(self, call)
    }

    /// How a deployment has done of late.
    #[must_use]
    pub fn stats(&self, deployment: &str) -> Option<&crate::Stats> {
        self.0.entries.get(deployment).map(|entry| &*entry.stats)
    }

    /// The one of the routes that is the same model of the same provider: what is configured of it holds by whatever
    /// name it is asked for.
    pub(crate) fn same_as(&self, deployment: &Deployment) -> Option<Direct> {
        let entry = self.0.by_model.get(deployment.provider())?.get(deployment.model())?;
        Some(Direct(Arc::clone(entry)))
    }

    /// A deployment that is none of the routes', with what facts tell of it.
    pub(crate) fn other(&self, deployment: Deployment) -> Direct {
        let model = (self.0.facts)(&deployment);
        Direct(Arc::new(Entry::new(&Candidate::new(deployment), model, None)))
    }

    pub(super) fn is_available(&self, deployment: &Deployment) -> bool {
        self.0.available.as_ref().is_none_or(|available| available(deployment))
    }

    /// Takes down that a deployment has stored what is known to a caller by these ids.
    pub(crate) fn remember(&self, caller: Option<&Caller>, ids: &[Box<str>], deployment: &Deployment) {
        let Some(entry) = self.0.entries.get(deployment.name()) else { return };
        for id in ids {
            self.0.stored.put(stored::key(&self.0.hasher, caller, id), &entry.name);
        }
    }

    /// Where that is stored which a call goes on from: a place among the members of its route.
    pub(super) fn stored(&self, call: &Call<'_>) -> Option<u16> {
        if call.operation != Operation::Response {
            return None;
        }
        let known = |id: &str| self.0.stored.get(stored::key(&self.0.hasher, call.caller(), id));
        let name = stored::referred(call.object).find_map(|id| known(&id))?;
        let place = call.route.members.iter().position(|member| member.entry.name == name)?;
        u16::try_from(place).ok()
    }

    /// What a call's conversation is known by.
    pub(super) fn conversation(&self, call: &Call<'_>) -> Option<u64> {
        let mut hasher = self.0.hasher.build_hasher();
        call.hash_conversation(&mut hasher)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("deployments", &self.0.entries.len())
            .field("aliases", &self.0.routes.len())
            .finish_non_exhaustive()
    }
}

use std::sync::Arc;

use llm_layers_core::Deployment;

use super::Entry;
use crate::{Candidate, Constraint, Constraints, InFlight, constraints::Fixed};

/// A deployment that was asked for by its own name: there is nothing to choose.
#[derive(Clone, Debug)]
pub struct Direct(pub(super) Arc<Entry>);

impl Direct {
    /// The deployment.
    #[must_use]
    pub fn deployment(&self) -> &Deployment {
        &self.0.deployment
    }

    /// A call to it begins.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        InFlight::begin(&self.0.stats, None, None)
    }

    /// A deployment that is none of the routes'.
    pub(crate) fn other(deployment: Deployment) -> Self {
        Self(Arc::new(Entry::new(&Candidate::new(deployment), None, None)))
    }

    /// What of these constraints forbids to ask it, as far as they hold for as long as the settings do.
    pub(crate) fn refused_by(&self, constraints: &Constraints) -> Option<Constraint> {
        Fixed(constraints).refuses(&self.0)
    }
}

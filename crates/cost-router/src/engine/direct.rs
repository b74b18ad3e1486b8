use std::{sync::Arc, time::SystemTime};

use llm_layers_core::Deployment;

use super::Entry;
use crate::{Class, Constraint, Constraints, InFlight, answer::Name, constraints::Fixed};

/// A deployment that was asked for by its own name: there is nothing to choose.
#[derive(Clone, Debug)]
pub struct Direct(pub(super) Arc<Entry>);

impl Direct {
    /// The deployment.
    #[must_use]
    pub fn deployment(&self) -> &Deployment {
        &self.0.deployment
    }

    /// Its name, for answers.
    pub(crate) fn name_in_answers(&self) -> &Name {
        &self.0.name_in_answers
    }

    /// A call to it begins, whose answer is to come word by word or not.
    #[must_use]
    pub fn begin(&self, is_streamed: bool) -> InFlight {
        InFlight::begin(&self.0.stats, None, None, is_streamed)
    }

    /// What forbids to ask it now, of which it is asked only if it matters: whom it is kept for, and what a call says itself of who may answer.
    pub(crate) fn refused_by(
        &self,
        class: Option<Class>,
        own: Option<&Constraints>,
        now: impl FnOnce() -> SystemTime,
    ) -> Option<Constraint> {
        let refused = own.and_then(|own| Fixed(own).refuses(&self.0));
        refused.or_else(|| self.0.closed_for(class.unwrap_or_default(), now))
    }
}

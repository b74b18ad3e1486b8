use std::sync::Arc;

use llm_layers_catalogue::Model;
use llm_layers_core::Deployment;

use crate::{Class, Hours};

/// A deployment that may be chosen, and what is to be known of it beside what the catalogue tells.
///
/// ```
/// use llm_layers_core::Deployment;
/// use llm_layers_cost_router::{Candidate, Class};
///
/// let small = Deployment::new("small", "openai", "gpt-4o-mini");
/// let candidate = Candidate::new(small).region("eu").only_for(Class::Batch);
/// assert_eq!(candidate.deployment().name(), "small");
/// ```
#[derive(Clone, Debug)]
pub struct Candidate {
    pub(crate) deployment: Deployment,
    pub(crate) model: Option<Arc<Model>>,
    pub(crate) region: Option<Box<str>>,
    pub(crate) class: Option<Class>,
    pub(crate) hours: Option<Hours>,
}

impl Candidate {
    /// This deployment, with what the router's `facts` tell of it.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self { deployment, model: None, region: None, class: None, hours: None }
    }

    /// Sets what it costs and can do, in place of what the router's `facts` tell.
    #[must_use]
    pub fn model(mut self, model: impl Into<Arc<Model>>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Sets where it runs, in place of all regions in which the catalogue says that the model is served.
    #[must_use]
    pub fn region(mut self, region: impl Into<Box<str>>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Keeps it for calls of one class. Default both.
    #[must_use]
    pub const fn only_for(mut self, class: Class) -> Self {
        self.class = Some(class);
        self
    }

    /// Sets when it may be used. Default always.
    #[must_use]
    pub fn hours(mut self, hours: Hours) -> Self {
        self.hours = Some(hours);
        self
    }

    /// The deployment.
    #[must_use]
    pub const fn deployment(&self) -> &Deployment {
        &self.deployment
    }
}

impl From<Deployment> for Candidate {
    fn from(deployment: Deployment) -> Self {
        Self::new(deployment)
    }
}

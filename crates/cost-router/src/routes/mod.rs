//! What a client may ask for, and what it leads to: settings, before they are checked.

mod alias;
mod error;

use llm_layers_core::Deployment;

pub use alias::{Alias, Member, Sticky};
pub use error::RoutesError;

use crate::Candidate;

/// What a call is: does somebody wait for it?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Class {
    /// Somebody waits for it.
    #[default]
    Interactive,
    /// Nobody does.
    Batch,
}

impl Class {
    /// The word that stands for it in headers and settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Batch => "batch",
        }
    }

    /// What a word stands for, in any case.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Interactive, Self::Batch].into_iter().find(|class| class.as_str().eq_ignore_ascii_case(word))
    }
}

/// All deployments and aliases.
///
/// ```
/// use llm_layers_core::Deployment;
/// use llm_layers_cost_router::{Alias, Cheapest, Routes};
///
/// let routes = Routes::new()
///     .deployment(Deployment::new("small", "openai", "gpt-4o-mini"))
///     .deployment(Deployment::new("big", "anthropic", "claude-sonnet-4-5"))
///     .alias(Alias::new("cheap").policy(Cheapest).deployments(["small", "big"]));
/// assert_eq!(routes.names().collect::<Vec<_>>(), ["cheap", "small", "big"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Routes {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) aliases: Vec<Alias>,
}

impl Routes {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a deployment. It may be asked for by its name, and be a member of aliases.
    #[must_use]
    pub fn deployment(mut self, candidate: impl Into<Candidate>) -> Self {
        self.candidates.push(candidate.into());
        self
    }

    /// Adds an alias. One that is called what a deployment is called goes before it.
    #[must_use]
    pub fn alias(mut self, alias: Alias) -> Self {
        self.aliases.push(alias);
        self
    }

    /// What can be asked for: aliases first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let deployments = self.candidates.iter().map(|candidate| candidate.deployment.name());
        self.aliases.iter().map(Alias::name).chain(deployments)
    }

    /// The deployments.
    pub fn deployments(&self) -> impl Iterator<Item = &Deployment> {
        self.candidates.iter().map(|candidate| &candidate.deployment)
    }
}

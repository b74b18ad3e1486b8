use std::{sync::Arc, time::SystemTime};

use llm_layers_core::Deployment;

use super::Route;
use crate::{
    InFlight, Policy,
    affinity::{Affinity, Visit, Warm},
};

/// Who is asked, in this order.
pub struct Plan {
    pub(super) route: Arc<Route>,
    pub(super) policy: Arc<dyn Policy>,
    pub(super) steps: Vec<Step>,
    pub(super) on_context_overflow: Vec<Step>,
    pub(super) on_content_refusal: Vec<Step>,
    pub(super) prompt_tokens: Option<u64>,
    pub(super) conversation: Option<u64>,
    pub(super) warm: Option<Warm>,
    pub(super) affinity: Arc<Affinity>,
    pub(super) now: SystemTime,
}

/// One deployment of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub(super) member: u16,
    /// What the call is expected to cost there, in 10^-15 US dollars, where that was asked and is known.
    pub cost: Option<u64>,
    /// Why it stands where it stands.
    pub why: Why,
}

/// Why a deployment has its place in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// The policy has put it there.
    Policy,
    /// The complexity of the prompt has.
    Complexity,
    /// A soft budget is spent, and it is cheap.
    Budget,
    /// The conversation's prompt is cached there, and that saves more than another would.
    WarmCache,
    /// It is not available: it is asked when all others have failed.
    Unavailable,
    /// The prompt is too long for the others.
    ContextOverflow,
    /// Another would not answer the prompt.
    ContentRefusal,
}

impl Why {
    /// A word for headers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Complexity => "complexity",
            Self::Budget => "budget",
            Self::WarmCache => "warm-cache",
            Self::Unavailable => "unavailable",
            Self::ContextOverflow => "context-overflow",
            Self::ContentRefusal => "content-refusal",
        }
    }
}

impl Plan {
    /// Who is asked, in this order. There is one at least.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Where a prompt goes that was too long for the one that was asked.
    #[must_use]
    pub fn on_context_overflow(&self) -> &[Step] {
        &self.on_context_overflow
    }

    /// Where a prompt goes that the one that was asked would not answer.
    #[must_use]
    pub fn on_content_refusal(&self) -> &[Step] {
        &self.on_content_refusal
    }

    /// The deployment of a step of this plan; `None` for a step of another one.
    #[must_use]
    pub fn deployment(&self, step: Step) -> Option<&Deployment> {
        self.route.members.get(usize::from(step.member)).map(|member| &member.entry.deployment)
    }

    /// The deployments in the order of the steps.
    pub fn deployments(&self) -> impl Iterator<Item = &Deployment> {
        self.steps.iter().filter_map(|step| self.deployment(*step))
    }

    /// A call to the deployment of a step begins.
    #[must_use]
    pub fn begin(&self, step: Step) -> Option<InFlight> {
        let entry = &self.route.members.get(usize::from(step.member))?.entry;
        let visit = self.conversation.map(|conversation| {
            let warm = self.warm.as_ref().filter(|warm| warm.deployment == entry.name);
            Visit {
                affinity: Arc::clone(&self.affinity),
                conversation,
                deployment: Arc::clone(&entry.name),
                at: self.now,
                is_warm: warm.is_some(),
                share: warm.map(|warm| Arc::clone(&warm.share)),
            }
        });
        Some(InFlight::begin(&entry.stats, Some(&self.route.output), visit))
    }

    /// The name of the policy that made it.
    #[must_use]
    pub fn policy(&self) -> &str {
        self.policy.name()
    }

    /// The alias.
    #[must_use]
    pub fn alias(&self) -> &str {
        &self.route.name
    }

    /// Tokens of the prompt, where they were counted.
    #[must_use]
    pub const fn prompt_tokens(&self) -> Option<u64> {
        self.prompt_tokens
    }

    /// How many deployments may be tried.
    #[must_use]
    pub fn max_attempts(&self) -> Option<u32> {
        self.route.max_attempts
    }

    /// Whether the steps are begun anew when all have failed and attempts are left.
    #[must_use]
    pub fn repeats(&self) -> bool {
        self.route.repeat
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan")
            .field("alias", &self.route.name)
            .field("policy", &self.policy.name())
            .field("deployments", &self.deployments().map(Deployment::name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

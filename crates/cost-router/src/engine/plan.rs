use std::{sync::Arc, time::SystemTime};

use llm_layers_core::{Deployment, metering::Expected};

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
    /// The same by each of the route's tokenizers.
    pub(super) counts: Vec<u64>,
    /// Tokens that the answers are expected to have together.
    pub(super) output: u64,
    /// Whether the request says what of its prompt is to be kept.
    pub(super) is_marked: bool,
    pub(super) conversation: Option<u64>,
    pub(super) warm: Option<Warm>,
    pub(super) affinity: Arc<Affinity>,
    pub(super) now: SystemTime,
    pub(super) is_streamed: bool,
}

/// One deployment of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// [`u64::MAX`] where it is not known.
    cost: u64,
    pub(super) member: u16,
    /// Why it stands where it stands.
    pub why: Why,
}

impl Step {
    pub(super) const fn new(member: u16, cost: u64, why: Why) -> Self {
        Self { cost, member, why }
    }

    /// What the call is expected to cost there, in 10^-15 US dollars, where that was asked and is known.
    #[must_use]
    pub const fn cost(&self) -> Option<u64> {
        if self.cost == u64::MAX { None } else { Some(self.cost) }
    }
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
    /// The conversation's prompt is cached there, and that saves more than another would: without that another would
    /// stand there.
    WarmCache,
    /// The answer or the conversation that the request goes on from is stored there, and nobody else knows it.
    Stored,
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
            Self::Stored => "stored",
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
                last: warm.map(|warm| (warm.prompt, Arc::clone(&warm.share))),
            }
        });
        let call = InFlight::begin(&entry.stats, Some(&self.route.output), visit, self.is_streamed);
        Some(if self.is_marked { call.marked() } else { call })
    }

    /// The deployment of a step has answered, which was asked at this rank.
    pub(crate) fn count_answer(&self, step: Step, rank: usize) {
        // A soft budget that is spent puts another policy in the place of the alias's.
        let is_thrifty = self.policy() != self.route.policy.name();
        let answers = self
            .route
            .answers
            .get(usize::from(step.member))
            .map(|[own, thrifty]| if is_thrifty { thrifty } else { own });
        if let (Some(answers), Some(deployment)) = (answers, self.deployment(step)) {
            answers.count(self.alias(), deployment, self.policy(), rank);
        }
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

    /// What the call is expected to use at the deployment of a step, where the prompt was counted.
    #[must_use]
    pub fn expected(&self, step: Step) -> Option<Expected> {
        let member = self.route.members.get(usize::from(step.member))?;
        Some(Expected { input: *self.counts.get(member.tokenizer)?, output: self.output })
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

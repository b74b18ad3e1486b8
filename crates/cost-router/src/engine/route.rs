use std::sync::Arc;

use llm_layers_catalogue::{Capabilities, Capability};
use llm_layers_core::{Average, Deployment};
use llm_layers_tokens::Tokenizer;

use super::{Entry, expected::Tariff, judge::PriceLimits, traits::Traits};
use crate::{
    Alias, Bands, Class, Constraint, Constraints, Policy, Sticky, answer::Name, constraints::Fixed, observe::Answers,
};

/// An alias, checked and worked out.
pub struct Route {
    pub(super) name: Arc<str>,
    pub(super) name_hash: u64,
    pub(crate) name_in_answers: Name,
    pub(super) policy: Arc<dyn Policy>,
    pub(super) members: Vec<RouteMember>,
    /// What members have answered, by place: under the policy of the alias, and under another.
    pub(super) answers: Vec<[Answers; 2]>,
    /// The first so many members are the alias's own; those behind are only in its lists.
    pub(super) own: usize,
    pub(super) on_context_overflow: Vec<u16>,
    pub(super) on_content_refusal: Vec<u16>,
    pub(super) constraints: Constraints,
    pub(super) max_cost: Option<u64>,
    pub(super) class: Class,
    pub(super) sticky: Option<Sticky>,
    pub(super) affinity: bool,
    pub(crate) complexity: Bands,
    pub(super) max_attempts: Option<u32>,
    pub(super) repeat: bool,
    /// What some member is known to lack: of a request only that is of interest.
    pub(super) lacking: Capabilities,
    pub(super) tokenizers: Vec<Tokenizer>,
    /// Whether some member has a price for keeping a prompt.
    pub(super) bills_writes: bool,
    pub(super) smallest_window: Option<u64>,
    pub(super) output: Arc<Average>,
}

#[derive(Debug)]
pub(super) struct RouteMember {
    pub(super) entry: Arc<Entry>,
    pub(super) weight: u32,
    /// The place of its tokenizer among the route's.
    pub(super) tokenizer: usize,
    /// What of the alias's own constraints removes it for good.
    pub(super) refused: Option<Constraint>,
    pub(super) traits: Traits,
    pub(super) tariff: Tariff,
    pub(super) prices: PriceLimits,
}

impl Route {
    /// Members by place: the alias's own, then those of its lists.
    pub(super) fn new(alias: &Alias, own: usize, members: Vec<(Arc<Entry>, u32)>, output: Arc<Average>) -> Self {
        let mut tokenizers = Vec::new();
        let members: Vec<_> = members
            .into_iter()
            .map(|(entry, weight)| {
                let known = tokenizers.iter().position(|tokenizer| *tokenizer == entry.tokenizer);
                let tokenizer = known.unwrap_or_else(|| {
                    tokenizers.push(entry.tokenizer);
                    tokenizers.len() - 1
                });
                let refused = Fixed(&alias.constraints).refuses(&entry);
                let traits = Traits::new(&entry, refused.is_some());
                let tariff = Tariff::new(&entry);
                RouteMember { entry, weight, tokenizer, refused, traits, tariff, prices: PriceLimits::default() }
            })
            .collect();
        let places = |names: &[Box<str>]| {
            let place = |name: &str| members.iter().position(|member| *member.entry.name == *name);
            names.iter().filter_map(|name| place(name)).filter_map(|place| u16::try_from(place).ok()).collect()
        };
        let models = || members.iter().filter_map(|member| member.entry.model.as_deref());
        let all: Capabilities = Capability::ALL.into_iter().collect();
        let lacking = models().filter_map(|model| model.capabilities).flat_map(|has| all.missing_from(has).iter());
        Self {
            name: (*alias.name).into(),
            name_hash: crate::policy::stable_hash(alias.name.as_bytes()),
            name_in_answers: Name::new(&alias.name),
            policy: Arc::clone(&alias.policy),
            own,
            on_context_overflow: places(&alias.on_context_overflow),
            on_content_refusal: places(&alias.on_content_refusal),
            max_cost: alias.constraints.max_cost.map(super::expected::femtos),
            constraints: alias.constraints.clone(),
            class: alias.class,
            sticky: alias.sticky.clone(),
            affinity: alias.affinity && own > 1 && members.iter().any(|member| member.entry.caches),
            complexity: alias.complexity.clone(),
            max_attempts: alias.max_attempts,
            repeat: alias.repeat,
            lacking: lacking.filter(|capability| *capability != Capability::PromptCache).collect(),
            tokenizers,
            bills_writes: members.iter().any(|member| member.tariff.bills_writes),
            smallest_window: models().filter_map(|model| model.context_window).min(),
            answers: members.iter().map(|_| <[Answers; 2]>::default()).collect(),
            members,
            output,
        }
    }

    /// The alias's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its deployments, and those of its lists.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Deployment> {
        self.members.iter().map(|member| &member.entry.deployment)
    }

    /// The names of its own deployments, in the order of the settings.
    pub fn deployments(&self) -> impl Iterator<Item = &str> {
        self.members.iter().take(self.own).map(|member| &*member.entry.name)
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Route").field("name", &self.name).field("policy", &self.policy.name()).finish_non_exhaustive()
    }
}

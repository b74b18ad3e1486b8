use std::sync::atomic::{AtomicU64, Ordering};

use llm_layers_catalogue::{Capabilities, Quantities, Terms};
use llm_layers_tokens::Prompt;
use rust_decimal::Decimal;

use super::{
    Call, Entry, expected,
    route::RouteMember,
    traits::{Wants, unix},
};
use crate::{Constraint, Constraints, constraints::Fixed, stats::Tick};

/// What of a call the constraints go by, found once for all deployments.
pub(super) struct Judge<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) wants: Wants,
    /// The prompt by tokenizer; empty where it fits everywhere, however it is counted.
    pub(super) prompts: &'a [Prompt],
    pub(super) terms: Terms,
    pub(super) max_costs: [Option<u64>; 2],
    pub(super) tick: Tick,
    /// Whether there is more to be asked of each deployment than what it is.
    asks_more: bool,
    /// Whether the alias's and the call's own hours are over or have not come.
    is_closed: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        call: &'a Call<'a>,
        needs: Capabilities,
        prompts: &'a [Prompt],
        max_costs: [Option<u64>; 2],
    ) -> Self {
        let rules = || std::iter::once(&call.route.constraints).chain(call.own);
        let asks = |rules: &Constraints| {
            rules.max_p99.is_some() || rules.max_input_price.is_some() || rules.max_output_price.is_some()
        };
        let is_closed = |rules: &Constraints| rules.hours.as_ref().is_some_and(|hours| !hours.contain(call.now));
        Self {
            call,
            wants: Wants {
                operation: call.operation,
                class: call.class,
                needs,
                now: unix(call.now),
                output: call.max_output().unwrap_or_default(),
            },
            prompts,
            terms: Terms { service: call.service_tier(), at: call.now },
            max_costs,
            tick: Tick::of(call.instant),
            asks_more: call.own.is_some() || rules().any(asks),
            is_closed: rules().any(is_closed),
        }
    }

    /// What removes a deployment. What a call costs there is judged apart, once it has been worked out.
    pub(super) fn refuses(&self, member: &RouteMember) -> Option<Constraint> {
        let prompt = self.prompts.get(member.tokenizer).map_or(0, Prompt::total);
        if !member.traits.suits(&self.wants, prompt) {
            return self.why_not(member, prompt);
        }
        if self.is_closed || (member.traits.has_hours() && !self.is_its_hour(&member.entry)) {
            return Some(Constraint::Hours);
        }
        if self.asks_more { self.refuses_more(member) } else { None }
    }

    /// Whether the call is expected to cost too much.
    pub(super) fn refuses_cost(&self, cost: Option<u64>) -> bool {
        self.max_costs.into_iter().flatten().any(|most| cost.is_none_or(|cost| cost > most))
    }

    fn is_its_hour(&self, entry: &Entry) -> bool {
        entry.hours.as_ref().is_none_or(|hours| hours.contain(self.call.now))
    }

    /// For people to read: what a deployment does not suit the call by.
    #[cold]
    fn why_not(&self, member: &RouteMember, prompt: u64) -> Option<Constraint> {
        let (entry, call, traits) = (&*member.entry, self.call, &member.traits);
        if let Some(refused) = &member.refused {
            return Some(refused.clone());
        }
        if !traits.does(call.operation) {
            return Some(Constraint::Kind);
        }
        if entry.class.is_some_and(|class| class != call.class) {
            return Some(Constraint::Class { class: call.class });
        }
        if entry.gone_from.is_some_and(|day| call.now >= day) {
            return Some(Constraint::Deprecated);
        }
        let has = entry.model.as_ref().and_then(|model| model.capabilities);
        if let Some(lacks) = has.and_then(|has| self.wants.needs.missing_from(has).iter().next()) {
            return Some(Constraint::Capability(lacks));
        }
        Some(Constraint::ContextWindow { needed: traits.tokens(&self.wants, prompt), window: traits.window() })
    }

    fn refuses_more(&self, member: &RouteMember) -> Option<Constraint> {
        let entry = &*member.entry;
        if let Some(own) = self.call.own {
            let refused = Fixed(own).refuses(entry).or_else(|| self.too_slow(entry, own));
            let refused = refused.or_else(|| self.too_dear(entry, own));
            if refused.is_some() {
                return refused;
            }
        }
        let rules = &self.call.route.constraints;
        self.too_slow(entry, rules).or_else(|| member.prices.judge(&self.terms, || self.too_dear(entry, rules)))
    }

    fn too_slow(&self, entry: &Entry, rules: &Constraints) -> Option<Constraint> {
        let most = rules.max_p99?;
        let p99 = entry.stats.p99_at(self.tick)?;
        (p99 > most).then_some(Constraint::Latency { p99 })
    }

    fn too_dear(&self, entry: &Entry, rules: &Constraints) -> Option<Constraint> {
        let input = Quantities { input: 1, ..Quantities::default() };
        let output = Quantities { output: 1, ..Quantities::default() };
        let limits = [
            (rules.max_input_price, input, Constraint::InputPrice),
            (rules.max_output_price, output, Constraint::OutputPrice),
        ];
        limits.into_iter().find_map(|(most, one, constraint)| {
            let most = most?;
            (!self.costs_at_most(entry, &one, most)).then_some(constraint)
        })
    }

    /// Whether a million of these cost no more than that at this time, in a short call.
    fn costs_at_most(&self, entry: &Entry, one: &Quantities, most: Decimal) -> bool {
        const MILLION: u64 = 1_000_000;
        let rate = expected::cost(entry, one, &self.terms);
        rate.is_some_and(|rate| rate.saturating_mul(MILLION) <= expected::femtos(most))
    }
}

/// Whether the alias's limits on prices remove a deployment, as found last: prices change by the minute at most.
#[derive(Debug, Default)]
pub(super) struct PriceLimits(AtomicU64);

impl PriceLimits {
    fn judge(&self, terms: &Terms, judge: impl FnOnce() -> Option<Constraint>) -> Option<Constraint> {
        // A minute and a service tier, and one more: 0 is for what was never asked.
        let key = ((unix(terms.at) / 60) << 3 | (terms.service as u64) << 1 | 1) << 1;
        if self.0.load(Ordering::Relaxed) == key {
            return None;
        }
        let refused = judge();
        if refused.is_none() {
            self.0.store(key, Ordering::Relaxed);
        }
        refused
    }
}

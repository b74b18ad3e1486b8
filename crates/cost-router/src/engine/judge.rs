use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use llm_layers_catalogue::{Capabilities, Quantities, ServiceTier, Terms};
use rust_decimal::Decimal;

use super::{
    Call, Entry,
    expected::{self, Counted},
    route::RouteMember,
    traits::{Wants, unix},
};
use crate::{Constraint, Constraints, constraints::Fixed, stats::Now};

/// What of a call the constraints go by, found once for all deployments.
pub(super) struct Judge<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) wants: Wants,
    /// The prompt by tokenizer; empty where it fits everywhere, however it is counted.
    pub(super) prompts: &'a [Counted],
    pub(super) terms: Terms,
    pub(super) max_costs: [Option<u64>; 2],
    pub(super) at: Now,
    /// Whether there is more to be asked of each deployment than what it is.
    asks_more: bool,
    prices_key: u64,
    /// Whether the alias's and the call's own hours are over or have not come.
    is_closed: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        call: &'a Call<'a>,
        needs: Capabilities,
        prompts: &'a [Counted],
        max_costs: [Option<u64>; 2],
    ) -> Self {
        let rules = || std::iter::once(&call.route.constraints).chain(call.own);
        let asks = |rules: &Constraints| {
            rules.max_p99.is_some() || rules.max_input_price.is_some() || rules.max_output_price.is_some()
        };
        let is_closed = |rules: &Constraints| rules.hours.as_ref().is_some_and(|hours| !hours.contain(call.now));
        let service = call.service_tier();
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
            terms: Terms { service, at: call.now },
            max_costs,
            at: Now::of(call.instant, call.is_streamed()),
            prices_key: PriceLimits::key(call.now, service),
            asks_more: call.own.is_some() || rules().any(asks),
            is_closed: rules().any(is_closed),
        }
    }

    /// Whether it is plain to see that nothing removes a deployment, as nearly always. Otherwise
    /// [`refuses`](Self::refuses) looks closer.
    #[inline]
    pub(super) fn allows(&self, member: &RouteMember) -> bool {
        let prompt = self.prompts.get(member.tokenizer).map_or(0, |prompt| prompt.total);
        member.traits.suits(&self.wants, prompt)
            && !self.is_closed
            && !member.traits.has_hours()
            && (!self.asks_more || self.allows_more(member))
    }

    fn allows_more(&self, member: &RouteMember) -> bool {
        let rules = &self.call.route.constraints;
        self.call.own.is_none() && member.prices.allow(self.prices_key) && self.too_slow(&member.entry, rules).is_none()
    }

    /// What removes a deployment. What a call costs there is judged apart, once it has been worked out.
    #[cold]
    pub(super) fn refuses(&self, member: &RouteMember) -> Option<Constraint> {
        let prompt = self.prompts.get(member.tokenizer).map_or(0, |prompt| prompt.total);
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
        if entry.is_gone(call.now) {
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
        self.too_slow(entry, rules).or_else(|| member.prices.judge(self.prices_key, || self.too_dear(entry, rules)))
    }

    fn too_slow(&self, entry: &Entry, rules: &Constraints) -> Option<Constraint> {
        let most = rules.max_p99?;
        let p99 = entry.stats.p99_at(self.at)?;
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

    /// Whether a million of these cost no more than that at this time, in a short call. What is prepaid has its price,
    /// too: it is used up before the minute is over.
    fn costs_at_most(&self, entry: &Entry, one: &Quantities, most: Decimal) -> bool {
        const MILLION: u128 = 1_000_000;
        let rate = entry.price().and_then(|price| price.femtos(one, &self.terms).ok());
        rate.is_some_and(|rate| rate.saturating_mul(MILLION) <= expected::femtos(most).into())
    }
}

/// Whether the alias's limits on prices remove a deployment, as found last: prices change by the minute at most.
#[derive(Debug, Default)]
pub(super) struct PriceLimits(AtomicU64);

impl PriceLimits {
    /// A minute and a service tier, and one more: 0 is for what was never asked.
    fn key(now: SystemTime, service: ServiceTier) -> u64 {
        (unix(now) / 60) << 3 | (service as u64) << 1 | 1
    }

    /// Whether they did when they were asked last, in this minute.
    fn allow(&self, key: u64) -> bool {
        self.0.load(Ordering::Relaxed) == key
    }

    fn judge(&self, key: u64, judge: impl FnOnce() -> Option<Constraint>) -> Option<Constraint> {
        if self.allow(key) {
            return None;
        }
        let refused = judge();
        if refused.is_none() {
            self.0.store(key, Ordering::Relaxed);
        }
        refused
    }
}

use std::sync::Arc;

use super::{
    Call, Choice, Engine, NothingLeft, Plan, Step, Why,
    expected::{self, Counted, Expected},
    judge::Judge,
    route::RouteMember,
};
use crate::{Cheapest, Constraint, Policy};

/// Groups of choices: each is put in order by itself, and all of one goes before all of the next.
const REST: u8 = 1;
const UNAVAILABLE: u8 = 2;

pub(super) fn plan(engine: &Engine, call: &Call<'_>) -> Result<Plan, NothingLeft> {
    let route = call.route;
    let policy: Arc<dyn Policy> = if call.is_thrifty { Arc::new(Cheapest) } else { Arc::clone(&route.policy) };
    let own_max_cost = call.own.and_then(|own| own.max_cost).map(expected::femtos);
    let max_costs = [route.max_cost, own_max_cost];
    let needs = policy.needs();
    let must_count = needs.cost || needs.prompt_tokens || max_costs.iter().any(Option::is_some);
    let fits = route.smallest_window.is_none_or(|window| !must_count && call.fits_surely(window));
    let wanted = if route.lacking.is_empty() { route.lacking } else { call.needs(route.lacking) };
    let prompts = if must_count || !fits { call.count() } else { &[] };
    let judge = Judge::new(call, wanted, prompts, max_costs);
    // Where nobody is kept, nothing need be known of who was where.
    let keeps = route.affinity && policy.keeps_conversations();
    let conversation = if keeps { engine.conversation(call) } else { None };
    let warm = conversation.and_then(|conversation| engine.0.affinity.get(conversation, call.now));

    let (output, marks, terms) = (call.expected_output(), call.marks(), judge.terms);
    let answers = call.output_bound().answers;
    let expected = Expected { output, answers, warm: warm.as_ref(), marks, terms };
    let at = judge.at;
    let mut planning = Planning { engine, judge, expected, removed: Vec::new() };
    let stored = engine.stored(call);
    let asked = stored.map_or(0..route.own, |place| place.into()..usize::from(place) + 1);
    let members = route.members.get(asked).unwrap_or_default();
    let mut choices = planning.choices((stored.unwrap_or(0)..).zip(members), needs.cost);
    let is_too_long = |(_, constraint): &(_, Constraint)| matches!(constraint, Constraint::ContextWindow { .. });
    let is_too_long = planning.removed.iter().any(is_too_long);
    let mut of_interest = planning.removed.len();
    let list = |places| if stored.is_none() { places } else { &[][..] };
    let on_context_overflow = planning.list(list(&route.on_context_overflow), Why::ContextOverflow);
    if is_too_long {
        of_interest = planning.removed.len();
    }
    let on_content_refusal = planning.list(list(&route.on_content_refusal), Why::ContentRefusal);
    let mut steps = if !choices.is_empty() {
        planning.arrange(&*policy, &mut choices)
    } else if is_too_long && !on_context_overflow.is_empty() {
        on_context_overflow.clone()
    } else {
        planning.removed.truncate(of_interest);
        return Err(NothingLeft::new(route, planning.removed));
    };
    if stored.is_some() {
        steps.iter_mut().for_each(|step| step.why = Why::Stored);
    } else if keeps {
        planning.stay(&mut steps, &choices);
    }
    Ok(Plan {
        route: Arc::clone(route),
        policy,
        steps,
        on_context_overflow,
        on_content_refusal,
        prompt_tokens: call.prompt_tokens(),
        counts: call.counts(),
        output,
        is_marked: marks.is_some(),
        conversation,
        warm,
        affinity: Arc::clone(&engine.0.affinity),
        now: call.now,
        is_streamed: at.is_streamed(),
    })
}

struct Planning<'a> {
    engine: &'a Engine,
    judge: Judge<'a>,
    expected: Expected<'a>,
    /// By place among the route's members.
    removed: Vec<(usize, Constraint)>,
}

impl<'a> Planning<'a> {
    /// The members that no constraint removes. Each is written where it stays: to hand choices about costs more than
    /// all that is asked of them.
    #[inline]
    fn choices(&mut self, members: impl Iterator<Item = (u16, &'a RouteMember)>, with_cost: bool) -> Vec<Choice<'a>> {
        let (judge, available, preferred) =
            (&self.judge, self.engine.0.available.as_deref(), self.judge.call.preferred);
        let has_max_cost = judge.max_costs != [None; 2];
        let mut choices = Vec::with_capacity(members.size_hint().0);
        for (place, member) in members {
            if !judge.allows(member)
                && let Some(constraint) = judge.refuses(member)
            {
                self.removed.push((place.into(), constraint));
                continue;
            }
            let entry = &*member.entry;
            let mut cost = None;
            if with_cost || has_max_cost {
                let prompt = judge.prompts.get(member.tokenizer);
                cost = prompt.and_then(|prompt| self.expected.cost(member, prompt));
                if has_max_cost && judge.refuses_cost(cost) {
                    self.removed.push((place.into(), Constraint::Cost));
                    continue;
                }
            }
            let is_out = available.is_some_and(|available| !available(&entry.deployment));
            let is_rest = !preferred.is_empty() && !preferred.iter().any(|name| **name == *entry.name);
            let group = if is_out { UNAVAILABLE } else { 0 } | if is_rest { REST } else { 0 };
            choices.push(Choice::new(entry, member.weight, place, cost, group, judge.at));
        }
        choices
    }

    /// What of a list no constraint removes, in its own order: what cannot be called goes last.
    fn list(&mut self, list: &[u16], why: Why) -> Vec<Step> {
        if list.is_empty() {
            return Vec::new();
        }
        let members = &self.judge.call.route.members;
        let listed: Vec<_> =
            list.iter().filter_map(|place| Some((*place, members.get(usize::from(*place))?))).collect();
        let mut choices = self.choices(listed.into_iter(), false);
        choices.sort_by_key(|choice| choice.group & UNAVAILABLE);
        choices.iter().map(|choice| Step::new(choice.member, choice.cost_or_most(), why)).collect()
    }

    fn arrange(&self, policy: &dyn Policy, choices: &mut [Choice<'a>]) -> Vec<Step> {
        let call = self.judge.call;
        if choices.iter().any(|choice| choice.group != 0) {
            choices.sort_by_key(|choice| choice.group);
        }
        for group in choices.chunk_by_mut(|a, b| a.group == b.group) {
            policy.arrange(call, group);
        }
        let step = |choice: &Choice<'_>| {
            let why = match choice.group {
                group if group & UNAVAILABLE != 0 => Why::Unavailable,
                _ if call.is_thrifty => Why::Budget,
                0 if !call.preferred.is_empty() => Why::Complexity,
                _ => Why::Policy,
            };
            Step::new(choice.member, choice.cost_or_most(), why)
        };
        choices.iter().map(step).collect()
    }

    /// Whether the policy would have seen another one cost less than the first, were nothing of the conversation cached
    /// there.
    fn is_kept(&self, first: &Choice<'_>, choices: &[Choice<'_>]) -> bool {
        let cold = Expected { warm: None, ..self.expected };
        let member = self.judge.call.route.members.get(first.place());
        let prompt = member.and_then(|member| self.judge.prompts.get(member.tokenizer));
        let cost = member.zip(prompt).and_then(|(member, prompt)| cold.cost(member, prompt));
        let is_less = |other: &Choice<'_>| other.group == first.group && other.cost() < cost && other.cost().is_some();
        first.cost().is_some() && cost.is_some() && choices.iter().skip(1).any(is_less)
    }

    /// Moves the deployment to the front that has the conversation's prompt in its cache, if the call costs less there
    /// than at the one that stands there: what is saved exceeds the difference in price.
    fn stay(&self, steps: &mut [Step], choices: &[Choice<'_>]) {
        let (Some(warm), Some(first)) = (self.expected.warm, choices.first()) else { return };
        let Some(place) = choices.iter().position(|choice| choice.entry.name == warm.deployment) else { return };
        let Some(there) = choices.get(place).filter(|there| there.group == first.group) else { return };
        if place == 0 {
            if let Some(step) = steps.first_mut().filter(|step| step.why == Why::Policy)
                && self.is_kept(first, choices)
            {
                step.why = Why::WarmCache;
            }
            return;
        }
        let cost = |choice: &Choice<'_>| {
            let member = self.judge.call.route.members.get(choice.place())?;
            // A policy that has not had the prompt counted goes by what the provider counted the last time.
            let last = Counted::text(warm.prompt);
            let prompt = self.judge.prompts.get(member.tokenizer).unwrap_or(&last);
            choice.cost().or_else(|| self.expected.cost(member, prompt))
        };
        let saves = match (cost(there), cost(first)) {
            (Some(there), Some(first)) => there < first,
            (there, first) => there.is_some() && first.is_none(),
        };
        if !saves {
            return;
        }
        if let Some(steps) = steps.get_mut(..=place) {
            steps.rotate_right(1);
            if let Some(step) = steps.first_mut() {
                step.why = Why::WarmCache;
            }
        }
    }
}

use std::sync::Arc;

use llm_layers_tokens::Prompt;

use super::{Call, Choice, Engine, NothingLeft, Plan, Step, Why, expected, judge::Judge};
use crate::{Cheapest, Constraint, Policy, affinity::Warm};

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

    let output = call.expected_output();
    let mut planning = Planning { engine, judge, warm: warm.as_ref(), output, removed: Vec::new() };
    let mut choices = Vec::with_capacity(route.own);
    for member in 0..route.own {
        choices.extend(planning.choice(member, needs.cost));
    }
    let on_context_overflow = planning.list(&route.on_context_overflow, Why::ContextOverflow);
    let on_content_refusal = planning.list(&route.on_content_refusal, Why::ContentRefusal);
    let is_too_long = |(_, constraint): &(_, Constraint)| matches!(constraint, Constraint::ContextWindow { .. });
    let mut steps = if !choices.is_empty() {
        planning.arrange(&*policy, &mut choices)
    } else if planning.removed.iter().any(is_too_long) && !on_context_overflow.is_empty() {
        on_context_overflow.clone()
    } else {
        let removed = planning.removed.into_iter();
        let removed = removed
            .filter_map(|(member, constraint)| Some((route.members.get(member)?.entry.deployment.clone(), constraint)));
        return Err(NothingLeft { alias: (*route.name).into(), removed: removed.collect() });
    };
    if keeps {
        planning.stay(&mut steps, &choices);
    }
    Ok(Plan {
        route: Arc::clone(route),
        policy,
        steps,
        on_context_overflow,
        on_content_refusal,
        prompt_tokens: call.prompt_tokens(),
        conversation,
        warm,
        affinity: Arc::clone(&engine.0.affinity),
        now: call.now,
    })
}

struct Planning<'a> {
    engine: &'a Engine,
    judge: Judge<'a>,
    warm: Option<&'a Warm>,
    /// Tokens that the answer is expected to have.
    output: u64,
    /// By place among the route's members.
    removed: Vec<(usize, Constraint)>,
}

impl<'a> Planning<'a> {
    /// A member as a choice, unless a constraint removes it.
    fn choice(&mut self, place: usize, with_cost: bool) -> Option<Choice<'a>> {
        let call = self.judge.call;
        let member = call.route.members.get(place)?;
        if let Some(constraint) = self.judge.refuses(member) {
            self.removed.push((place, constraint));
            return None;
        }
        let entry = &*member.entry;
        let mut choice = Choice::new(entry, member.weight, u16::try_from(place).ok()?, self.judge.tick);
        let has_max_cost = self.judge.max_costs != [None; 2];
        if with_cost || has_max_cost {
            choice.set_cost(self.cost(&choice, None));
            if has_max_cost && self.judge.refuses_cost(choice.cost()) {
                self.removed.push((place, Constraint::Cost));
                return None;
            }
        }
        if !self.engine.is_available(&entry.deployment) {
            choice.group |= UNAVAILABLE;
        }
        if !call.preferred.is_empty() && !call.preferred.iter().any(|name| **name == *entry.name) {
            choice.group |= REST;
        }
        Some(choice)
    }

    /// What a call is expected to cost there. Where the prompt was not counted, `uncounted` tokens are taken for it.
    fn cost(&self, choice: &Choice<'_>, uncounted: Option<u64>) -> Option<u64> {
        let member = self.judge.call.route.members.get(choice.place())?;
        let guess = uncounted.map(|text| {
            let mut prompt = Prompt::default();
            prompt.text = text;
            prompt
        });
        let prompt = self.judge.prompts.get(member.tokenizer).or(guess.as_ref())?;
        let cached = expected::cached_share(choice.entry, self.warm);
        let quantities = expected::quantities(choice.entry, prompt, self.output, cached);
        expected::cost(choice.entry, &quantities, &self.judge.terms)
    }

    /// What of a list no constraint removes, in its own order.
    fn list(&mut self, list: &[u16], why: Why) -> Vec<Step> {
        let step = |member: &u16| {
            let choice = self.choice(usize::from(*member), false)?;
            Some(Step { member: *member, cost: choice.cost(), why })
        };
        list.iter().filter_map(step).collect()
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
            Step { member: choice.member, cost: choice.cost(), why }
        };
        choices.iter().map(step).collect()
    }

    /// Moves the deployment to the front that has the conversation's prompt in its cache, if the call costs less there
    /// than at the one that stands there: what is saved exceeds the difference in price.
    fn stay(&self, steps: &mut [Step], choices: &[Choice<'_>]) {
        let (Some(warm), Some(first)) = (self.warm, choices.first()) else { return };
        let Some(place) = choices.iter().position(|choice| choice.entry.name == warm.deployment) else { return };
        let Some(there) = choices.get(place).filter(|there| there.group == first.group) else { return };
        if place == 0 {
            if let Some(step) = steps.first_mut().filter(|step| step.why == Why::Policy) {
                step.why = Why::WarmCache;
            }
            return;
        }
        let cost = |choice: &Choice<'_>| choice.cost().or_else(|| self.cost(choice, Some(warm.prompt)));
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

//! One policy's day: requests come, calls begin, fail or answer, and are billed, all on a clock that is moved by hand.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::request::Parts;
use llm_layers_catalogue::{Meter, Quantities, Terms};
use llm_layers_core::{FailureKind, Operation, Rng};
use llm_layers_cost_router::{Engine, InFlight, Outcome, Plan, Route, Target, Weights, features, score};
use llm_layers_wire::{
    json::Object,
    openai::{PromptTokensDetails, Usage},
};
use rust_decimal::Decimal;

use crate::{
    Error,
    fleet::{self, Member},
    mix::Request,
    policies::Entrant,
    world::{Fate, World},
};

const MAX_ATTEMPTS: usize = 3;

/// What clients and the bill have seen.
#[derive(Default)]
pub(crate) struct Day {
    pub(crate) cost: Decimal,
    /// Until the first word, failed attempts included.
    pub(crate) waits: Vec<Duration>,
    /// Requests that no deployment answered.
    pub(crate) failed: usize,
    /// Attempts that failed.
    pub(crate) attempts_failed: usize,
    /// Answers by deployment.
    pub(crate) answers: Vec<usize>,
    pub(crate) prompt_tokens: u64,
    pub(crate) cached_tokens: u64,
    /// What the first choices were expected to cost, and the best possible ones by brute force.
    pub(crate) expected: (Decimal, Decimal),
    pub(crate) dearer_than_best: usize,
}

struct Flight {
    request: usize,
    plan: Rc<Plan>,
    rank: usize,
    member: usize,
    begun: Duration,
    in_flight: InFlight,
    prompt: u64,
    cached: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    Fails(usize),
    Speaks(usize),
    Ends(usize),
}

pub(crate) struct Run<'a> {
    fleet: &'a [Member],
    requests: &'a [Request],
    start: SystemTime,
    seed: u64,
    head: Parts,
    /// Tokens of the prompt by request and member: the truth that providers bill by.
    counts: Vec<Vec<u64>>,
}

/// Wednesday, 18 November 2026, 0:00 UTC.
const START: u64 = 1_794_960_000;

impl<'a> Run<'a> {
    pub(crate) fn new(fleet: &'a [Member], requests: &'a [Request], seed: u64) -> Result<Self, Error> {
        let mut counts = Vec::with_capacity(requests.len());
        for request in requests {
            let object = Object::parse(request.body())?;
            let mut count: Vec<u64> = Vec::with_capacity(fleet.len());
            for member in fleet {
                let same = fleet.iter().take(count.len()).position(|other| other.tokenizer == member.tokenizer);
                let tokens = || llm_layers_tokens::prompt(Operation::ChatCompletion, &object, member.tokenizer).total();
                count.push(same.map_or_else(tokens, |same| count[same]));
            }
            counts.push(count);
        }
        let (head, ()) = http::Request::post("/v1/chat/completions").body(())?.into_parts();
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
        Ok(Self { fleet, requests, start, seed, head, counts })
    }

    /// Tokens of a request's prompt, as OpenAI counts them.
    pub(crate) fn prompt(&self, request: usize) -> u64 {
        self.place("gpt").map_or(0, |gpt| self.counts[request][gpt])
    }

    pub(crate) async fn day(&self, entrant: &Entrant) -> Result<Day, Error> {
        let routes = fleet::routes(self.fleet).alias(entrant.alias.clone());
        let engine = Engine::builder().rng(Rng::seeded(self.seed)).build(&routes)?;
        let Some(Target::Alias(route)) = engine.resolve("any") else { return Err("no alias".into()) };
        let mut world = World::new(self.seed);
        let mut day = Day { answers: vec![0; self.fleet.len()], ..Day::default() };
        let mut events: BinaryHeap<_> =
            self.requests.iter().enumerate().map(|(n, request)| Reverse((request.at, Event::Arrives(n)))).collect();
        let mut flights: Vec<Option<Flight>> = Vec::new();
        let mut clock = Duration::ZERO;
        while let Some(Reverse((now, event))) = events.pop() {
            tokio::time::advance(now - clock).await;
            clock = now;
            let next = match event {
                Event::Arrives(n) => {
                    let Some(plan) = self.plan(&engine, &route, entrant, n, now, &mut day)? else { continue };
                    Some((n, Rc::new(plan), 0))
                }
                Event::Fails(id) => {
                    let Some(flight) = flights[id].take() else { continue };
                    flight.in_flight.end(Outcome::Failure(FailureKind::Upstream));
                    day.attempts_failed += 1;
                    Some((flight.request, flight.plan, flight.rank + 1))
                }
                Event::Speaks(id) => {
                    let Some(flight) = &flights[id] else { continue };
                    flight.in_flight.first_word(now - flight.begun);
                    let request = &self.requests[flight.request];
                    day.waits.push(now - request.at);
                    let speaking = request.output as f64 / self.fleet[flight.member].speed;
                    events.push(Reverse((now + Duration::from_secs_f64(speaking), Event::Ends(id))));
                    None
                }
                Event::Ends(id) => {
                    let Some(flight) = flights[id].take() else { continue };
                    self.bill(flight, &mut day)?;
                    None
                }
            };
            let Some((request, plan, rank)) = next else { continue };
            let Some(step) = plan.steps().get(rank).copied().filter(|_| rank < MAX_ATTEMPTS) else {
                day.failed += 1;
                continue;
            };
            let name = plan.deployment(step).ok_or("a step of another plan")?.name();
            let member = self.place(name).ok_or("a stranger")?;
            let prompt = self.counts[request][member];
            let load = engine.stats(name).map_or(0, |stats| stats.in_flight());
            let in_flight = plan.begin(step).ok_or("a step of another plan")?;
            let fate = world.fate(&self.fleet[member], member, request, prompt, now, load);
            let (at, event, cached) = match fate {
                Fate::Fails(after) => (now + after, Event::Fails(flights.len()), 0),
                Fate::Answers(after) => {
                    let cached = world.cached(&self.fleet[member], member, &self.requests[request], prompt, now);
                    (now + after, Event::Speaks(flights.len()), cached)
                }
            };
            events.push(Reverse((at, event)));
            flights.push(Some(Flight { request, plan, rank, member, begun: now, in_flight, prompt, cached }));
        }
        day.waits.sort_unstable();
        Ok(day)
    }

    fn plan(
        &self,
        engine: &Engine,
        route: &Arc<Route>,
        entrant: &Entrant,
        n: usize,
        now: Duration,
        day: &mut Day,
    ) -> Result<Option<Plan>, Error> {
        let object = Object::parse(self.requests[n].body())?;
        let operation = Operation::ChatCompletion;
        let mut call = engine.call(route, &self.head, operation, &object, self.start + now);
        if !entrant.bands.is_empty() {
            let score = score(&features(operation, &object), &Weights::default());
            call = call.with_preferred(entrant.bands.choose(score));
        }
        let Ok(plan) = engine.plan(&call) else {
            day.failed += 1;
            return Ok(None);
        };
        if entrant.is_checked {
            let expected = |member: usize| self.expected(engine, member, n, call.expected_output(), now);
            let first = plan.deployments().next().and_then(|first| self.place(first.name()));
            let chosen = first.and_then(expected);
            let fits = |member: &usize| {
                let output = call.max_output().unwrap_or(0);
                let window = self.fleet[*member].model.context_window;
                window.is_none_or(|window| self.counts[n][*member] + output <= window)
            };
            let best = (0..self.fleet.len()).filter(fits).filter_map(expected).min();
            let (Some(chosen), Some(best)) = (chosen, best) else { return Err("no expectation".into()) };
            day.expected.0 += chosen;
            day.expected.1 += best;
            day.dearer_than_best += usize::from(chosen > best);
        }
        Ok(Some(plan))
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.fleet.iter().position(|member| member.name == name)
    }

    /// What a request is expected to cost at a deployment, worked out here in decimals and not by the engine.
    fn expected(&self, engine: &Engine, place: usize, n: usize, output: u64, now: Duration) -> Option<Decimal> {
        let (member, prompt) = (&self.fleet[place], self.counts[n][place]);
        let price = member.model.price.as_ref()?;
        let share = engine.stats(member.name)?.cached_share().filter(|_| price.usual(Meter::CachedInput).is_some());
        // Shares are parts of a power of two: floats hold them exactly.
        let cached = (u128::from(prompt) * (share.unwrap_or(0.0) * f64::from(1 << 20)) as u128) >> 20;
        let quantities = Quantities {
            input: prompt - cached as u64,
            cached_input: cached as u64,
            output: output.min(member.model.max_output.unwrap_or(u64::MAX)),
            requests: 1,
            ..Quantities::default()
        };
        price.cost(&quantities, &Terms::standard(self.start + now)).ok().map(|bill| bill.total)
    }

    fn bill(&self, flight: Flight, day: &mut Day) -> Result<(), Error> {
        let Flight { request, member, prompt, cached, in_flight, begun, .. } = flight;
        let output = self.requests[request].output;
        let mut usage = Usage::new(prompt, output);
        let mut details = PromptTokensDetails::default();
        details.cached_tokens = Some(cached);
        usage.prompt_tokens_details = Some(details);
        in_flight.used(&usage);
        in_flight.end(Outcome::Success);
        let quantities =
            Quantities { input: prompt - cached, cached_input: cached, output, requests: 1, ..Quantities::default() };
        let price = self.fleet[member].model.price.as_ref().ok_or("no price")?;
        day.cost += price.cost(&quantities, &Terms::standard(self.start + begun))?.total;
        day.prompt_tokens += prompt;
        day.cached_tokens += cached;
        day.answers[member] += 1;
        Ok(())
    }
}

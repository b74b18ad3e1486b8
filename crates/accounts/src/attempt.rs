//! One attempt, from the request to the entry in the ledger.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use http::{HeaderMap, HeaderValue};
use llm_layers_catalogue::{Capacity, Model, Quantities, ServiceTier, Terms};
use llm_layers_core::{
    Alias, Caller, Deployment, End, Operation,
    metering::{Billed, Expected, Observe, Reading, Tokens},
};
use llm_layers_tokens::{Tokenizer, output_bound, prompt};
use llm_layers_wire::{json::Object, sse::Event};
use rust_decimal::Decimal;
use tokio::time::Instant;

use crate::{
    Entry, Known, Outcome, Unpriced, answer,
    layer::Settings,
    quantities::quantities,
    seams::{Asked, Finished, Grant},
};

/// An attempt under way. Dropped, it is over: whoever waited for it has gone.
pub(crate) struct Attempt {
    settings: Arc<Settings>,
    caller: Option<Caller>,
    alias: Option<Alias>,
    deployment: Deployment,
    /// Its name is no client's word.
    is_configured: bool,
    operation: Operation,
    model: Option<Arc<Model>>,
    at: SystemTime,
    started: Instant,
    /// Kept for a count of its tokens, should the answer not tell them.
    request: Option<Object>,
    service_tier: Option<ServiceTier>,
    output_bound: Option<u64>,
    pub(crate) wants_cost: bool,
    grant: Option<Box<dyn Grant>>,
    status: Option<u16>,
    request_id: Option<Box<str>>,
    is_open: bool,
}

/// Takes what is prepaid off what a call has used, for good or to see what it would cost.
type Prepaid = fn(&Capacity, &Quantities, SystemTime) -> Quantities;

/// Who asks whom for what.
pub(crate) struct About {
    pub(crate) caller: Option<Caller>,
    pub(crate) alias: Option<Alias>,
    pub(crate) deployment: Deployment,
    pub(crate) is_configured: bool,
    pub(crate) operation: Operation,
    pub(crate) wants_cost: bool,
}

impl Attempt {
    pub(crate) fn new(settings: Arc<Settings>, about: About, request: Option<Object>) -> Self {
        let About { caller, alias, deployment, is_configured, operation, wants_cost } = about;
        let model = (settings.facts)(&deployment);
        let read = |request: &Object| {
            let tier = request.text("service_tier").and_then(|name| ServiceTier::from_name(&name));
            (tier, output_bound(request))
        };
        let (service_tier, output_bound) = request.as_ref().map(read).unwrap_or_default();
        Self {
            // A model that the catalogue knows is one of a bounded number.
            is_configured: is_configured || model.is_some(),
            caller,
            alias,
            deployment,
            operation,
            model,
            at: settings.clock.now(),
            started: Instant::now(),
            request,
            service_tier,
            output_bound,
            wants_cost,
            grant: None,
            status: None,
            request_id: None,
            is_open: false,
            settings,
        }
    }

    /// What the attempt asks of the budgets.
    pub(crate) fn asked(&self) -> Asked {
        let Expected { input, output } = self.expected();
        let tokens = Tokens::new(input, output);
        Asked {
            caller: self.caller.clone(),
            alias: self.alias.clone(),
            deployment: self.deployment.clone(),
            at: self.at,
            cost: self.price(&tokens, self.terms(None), Capacity::peek),
        }
    }

    pub(crate) fn granted(&mut self, grant: Box<dyn Grant>) {
        self.grant = Some(grant);
    }

    /// The provider is asked now: whatever becomes of it is written down.
    pub(crate) fn begins(&mut self) {
        self.is_open = true;
        self.started = Instant::now();
    }

    /// Takes note of the head of an answer.
    pub(crate) fn answered(&mut self, status: u16, headers: &HeaderMap) {
        const NAMES: [&str; 3] = ["x-request-id", "request-id", "apim-request-id"];
        const MAX: usize = 256;
        self.status = Some(status);
        let id = NAMES.iter().find_map(|name| headers.get(*name)).and_then(|id| id.to_str().ok());
        self.request_id = id.filter(|id| id.len() <= MAX).map(Into::into);
    }

    /// No provider was asked: there is nothing to write down.
    pub(crate) fn never_made(mut self) {
        self.is_open = false;
    }

    /// There was no answer.
    pub(crate) fn failed(mut self) {
        self.finish(&Reading::default(), End::Failed);
    }

    /// Writes the attempt down, once.
    pub(crate) fn finish(&mut self, reading: &Reading, end: End) -> Option<(Entry, Option<HeaderValue>)> {
        if !std::mem::replace(&mut self.is_open, false) {
            return None;
        }
        let failed = self.has_failed();
        let (billed, cost, known) = self.bill(reading, end, Capacity::take);
        if !billed.is_estimated && end == End::Complete && !failed {
            self.settings.outputs.learn(self.operation, billed.tokens.output.unwrap_or_default());
        }
        let entry = Entry {
            at: self.at,
            caller: self.caller.take(),
            alias: self.alias.take(),
            deployment: self.deployment.clone(),
            operation: self.operation,
            tokens: billed.tokens,
            cost,
            known,
            outcome: match end {
                _ if failed => Outcome::Failed,
                End::Complete => Outcome::Complete,
                End::Failed => Outcome::Failed,
                End::Cancelled => Outcome::Cancelled,
            },
            status: self.status,
            service_tier: self.tier(reading.service_tier()),
            first_word: reading.first_word().map(|word| word.saturating_duration_since(self.started)),
            took: self.started.elapsed(),
            request_id: self.request_id.take(),
        };
        if let Some(grant) = self.grant.take() {
            grant.settle(&entry);
        }
        self.settings.ledger.record(&entry);
        self.settings.metrics.finished(&entry, self.is_configured);
        let warning = self.settings.audit.as_ref().and_then(|audit| {
            audit.finished(&Finished {
                entry: &entry,
                request: self.request.as_ref(),
                output_bound: self.output_bound,
                reading,
            })
        });
        Some((entry, warning))
    }

    /// What the attempt has cost by what is known so far.
    pub(crate) fn cost(&self, reading: &Reading, end: End) -> Option<Decimal> {
        self.bill(reading, end, Capacity::peek).1.ok()
    }

    fn has_failed(&self) -> bool {
        self.status.is_some_and(|status| !(200..300).contains(&status))
    }

    fn bill(&self, reading: &Reading, end: End, prepaid: Prepaid) -> (Billed, Result<Decimal, Unpriced>, Known) {
        let end = if self.has_failed() { End::Failed } else { end };
        let told = reading.tokens();
        let is_told = told.input.is_some() && told.output.is_some();
        // Counting takes time, and is done for those alone who need it.
        let says_nothing = reading.shown() == 0 && told.is_unknown() && end == End::Failed;
        let expected = if is_told || says_nothing { Expected::default() } else { self.expected() };
        let billed = reading.billed(expected, end);
        if says_nothing {
            return (billed, Ok(Decimal::ZERO), Known::Computed);
        }
        if let Some(cost) = reading.cost() {
            return (billed, Ok(cost), Known::Reported);
        }
        let terms = self.terms(reading.service_tier());
        let known = if billed.is_estimated { Known::Estimated } else { Known::Computed };
        (billed, self.price(&billed.tokens, terms, prepaid), known)
    }

    fn price(&self, tokens: &Tokens, terms: Terms, prepaid: Prepaid) -> Result<Decimal, Unpriced> {
        let model = self.model.as_ref().ok_or(Unpriced::MODEL)?;
        let price = model.price.as_ref().ok_or(Unpriced::PRICE)?;
        let all = quantities(tokens);
        let billed = price.capacity().map_or(all, |capacity| prepaid(capacity, &all, terms.at));
        Ok(price.cost(&billed, &terms)?.total)
    }

    fn terms(&self, told: Option<&str>) -> Terms {
        Terms { service: self.tier(told), at: self.at }
    }

    fn tier(&self, told: Option<&str>) -> ServiceTier {
        told.and_then(ServiceTier::from_name).or(self.service_tier).unwrap_or_default()
    }

    fn expected(&self) -> Expected {
        let tokenizer = || Tokenizer::of(self.deployment.provider(), self.deployment.model());
        let count = |request| prompt(self.operation, request, tokenizer()).total();
        let input = self.request.as_ref().map_or(0, count);
        let output = match self.operation {
            Operation::Embedding => 0,
            operation => {
                let most = self.model.as_ref().and_then(|model| model.max_output).unwrap_or(u64::MAX);
                self.output_bound.unwrap_or_else(|| self.settings.outputs.average(operation)).min(most)
            }
        };
        Expected { input, output }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.finish(&Reading::default(), End::Cancelled);
    }
}

/// The attempt sees its answer pass.
impl Observe for Attempt {
    fn event(&mut self, event: &mut Event, reading: &Reading) -> bool {
        if self.wants_cost {
            answer::add_cost_to_event(event, || self.cost(reading, End::Complete));
        }
        true
    }

    fn end(mut self, reading: &Reading, end: End) {
        self.finish(reading, end);
    }
}

/// How long answers are, by operation: what is expected of those that have no bound.
#[derive(Debug)]
pub(crate) struct Outputs([AtomicU64; Operation::COUNT]);

impl Outputs {
    /// The expectation before anything was seen.
    const FIRST: u64 = 512;

    fn learn(&self, operation: Operation, tokens: u64) {
        let Some(average) = self.0.get(operation.index()) else { return };
        // An eighth of the way: recent answers count most. A race loses one of them, which is no matter.
        let old = average.load(Ordering::Relaxed);
        average.store((old - old / 8).saturating_add(tokens / 8), Ordering::Relaxed);
    }

    fn average(&self, operation: Operation) -> u64 {
        self.0.get(operation.index()).map_or(Self::FIRST, |average| average.load(Ordering::Relaxed))
    }
}

impl Default for Outputs {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(Self::FIRST)))
    }
}

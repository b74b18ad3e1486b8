//! One attempt, from the request to the entry in the ledger.

mod bill;

use std::{cell::OnceCell, sync::Arc, time::SystemTime};

use http::{HeaderName, HeaderValue, Response};
use llm_layers_catalogue::{Model, Price, ServiceTier};
use llm_layers_core::{
    Alias, Body, Caller, Deployment, End, Operation,
    metering::{Expected, Observe, Reading, Shape, Tokens},
};
use llm_layers_tokens::{OutputBound, Prompt};
use llm_layers_wire::{json::Object, sse::Event};
use rust_decimal::Decimal;
use tokio::time::Instant;

use self::bill::Bill;
use crate::{
    Entry, Outcome, Unpriced, answer,
    layer::Settings,
    seams::{Finished, Grant},
};

/// An attempt under way. Dropped, it is over: whoever waited for it has gone.
pub(crate) struct Attempt {
    settings: Arc<Settings>,
    about: About,
    at: SystemTime,
    started: Instant,
    /// Kept while its tokens may have to be counted.
    request: Option<Object>,
    prompt: OnceCell<Prompt>,
    /// The audit compares the prompt with what is reported.
    is_audited: bool,
    service_tier: Option<ServiceTier>,
    output_bound: OutputBound,
    grant: Option<Box<dyn Grant>>,
    /// What the head of the answer has told.
    begun: Reading,
    status: Option<u16>,
    request_id: Option<Box<str>>,
    /// A layer below has given up waiting, and the provider works on.
    is_given_up: bool,
    is_open: bool,
}

/// Who asks whom for what.
pub(crate) struct About {
    pub(crate) caller: Option<Caller>,
    pub(crate) alias: Option<Alias>,
    pub(crate) deployment: Deployment,
    /// Its name is no client's word.
    pub(crate) is_configured: bool,
    pub(crate) model: Option<Arc<Model>>,
    pub(crate) operation: Operation,
    /// Bytes of the request.
    pub(crate) length: u64,
    /// What a router expects of the call.
    pub(crate) expected: Option<Expected>,
    pub(crate) wants_cost: bool,
}

/// The names of a provider: as configured, and the catalogue's where facts tell it.
pub(crate) fn providers<'a>(deployment: &'a Deployment, model: Option<&'a Model>) -> [&'a str; 2] {
    let configured = deployment.provider();
    [configured, model.map(|model| &*model.provider).filter(|name| !name.is_empty()).unwrap_or(configured)]
}

impl Attempt {
    pub(crate) fn new(settings: Arc<Settings>, about: About, request: Option<Object>) -> Self {
        let read = |request: &Object| {
            let tier = request.text("service_tier").and_then(|name| ServiceTier::from_name(&name));
            (tier, OutputBound::of(request))
        };
        let (service_tier, output_bound) = request.as_ref().map(read).unwrap_or_default();
        Self {
            about,
            at: settings.clock.now(),
            started: Instant::now(),
            request,
            prompt: OnceCell::new(),
            is_audited: settings.audit.as_ref().is_some_and(|audit| audit.wants_prompt()),
            service_tier,
            output_bound,
            grant: None,
            begun: Reading::default(),
            status: None,
            request_id: None,
            is_given_up: false,
            is_open: false,
            settings,
        }
    }

    pub(crate) const fn about(&self) -> &About {
        &self.about
    }

    pub(crate) const fn at(&self) -> SystemTime {
        self.at
    }

    /// What the attempt is expected to cost. Counts the prompt where nobody else has.
    pub(crate) fn expected_cost(&self) -> Result<Decimal, Unpriced> {
        // Counting takes time, and is for nothing where no price is known.
        self.price()?;
        let Expected { input, output } = self.expected();
        self.cost_of(&Tokens::new(input, output), &self.terms(None), Price::due)
    }

    pub(crate) fn granted(&mut self, grant: Box<dyn Grant>) {
        self.grant = Some(grant);
    }

    /// The provider is asked now: whatever becomes of it is written down.
    pub(crate) fn begins(&mut self) {
        self.is_open = true;
        self.started = Instant::now();
        let is_counted = self.prompt.get().is_some() || self.about.expected.is_some() && !self.is_audited;
        if is_counted {
            // It may be large, and its answer may take minutes.
            self.request = None;
        }
    }

    /// Takes note of the head of an answer. Says in what shape it comes.
    pub(crate) fn answered(&mut self, response: &Response<Body>) -> Shape {
        static NAMES: [HeaderName; 3] = [
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("request-id"),
            HeaderName::from_static("apim-request-id"),
        ];
        const MAX: usize = 256;
        self.begun = Reading::begun(response);
        self.status = Some(response.status().as_u16());
        let id = NAMES.iter().find_map(|name| response.headers().get(name)).and_then(|id| id.to_str().ok());
        self.request_id = id.filter(|id| id.len() <= MAX).map(Into::into);
        self.begun.shape()
    }

    /// No provider was asked: there is nothing to write down.
    pub(crate) fn never_made(mut self: Box<Self>) {
        self.is_open = false;
    }

    /// There was no answer.
    pub(crate) fn failed(mut self: Box<Self>) {
        self.finish(&Reading::default(), End::Failed);
    }

    /// There was no answer in time: the provider may bill one that nobody waits for.
    pub(crate) fn given_up(mut self: Box<Self>) {
        self.is_given_up = true;
        self.finish(&Reading::default(), End::Cancelled);
    }

    /// The answer was lost after its head had come.
    pub(crate) fn broke_off(mut self: Box<Self>) {
        let begun = std::mem::take(&mut self.begun);
        self.finish(&begun, End::Failed);
    }

    /// What stands against the deployment.
    pub(crate) fn standing(&self) -> Option<HeaderValue> {
        self.settings.audit.as_ref()?.standing(&self.about.deployment)
    }

    /// Writes the attempt down, once.
    pub(crate) fn finish(&mut self, reading: &Reading, end: End) -> Option<(Entry, Option<HeaderValue>)> {
        if !std::mem::replace(&mut self.is_open, false) {
            return None;
        }
        let failed = self.has_failed();
        let Bill { billed, cost, known, is_believed } = self.bill(reading, end, Price::settle);
        let About { operation, is_configured, .. } = self.about;
        if !billed.is_estimated && end == End::Complete && !failed {
            self.settings.outputs.learn(operation, billed.tokens.output.unwrap_or_default());
        }
        let entry = Entry {
            at: self.at,
            caller: self.about.caller.take(),
            alias: self.about.alias.take(),
            deployment: self.about.deployment.clone(),
            operation,
            tokens: billed.tokens,
            cost,
            reported: reading.cost(),
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
        self.settings.metrics.finished(&entry, is_configured);
        if !is_believed {
            self.settings.metrics.disbelieved(&entry, is_configured);
        }
        let finished = || Finished {
            entry: &entry,
            model: self.about.model.as_deref(),
            output_bound: self.output_bound,
            reading,
            attempt: self,
        };
        let warning = self.settings.audit.as_ref().and_then(|audit| audit.finished(&finished()));
        Some((entry, warning))
    }

    /// What the attempt has cost by what is known so far.
    pub(crate) fn cost(&self, reading: &Reading, end: End) -> Option<Decimal> {
        self.bill(reading, end, Price::due).cost.ok()
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.is_open {
            let begun = std::mem::take(&mut self.begun);
            self.finish(&begun, End::Cancelled);
        }
    }
}

/// The attempt sees its answer pass.
impl Observe for Box<Attempt> {
    fn event(&mut self, event: &mut Event, reading: &Reading) -> bool {
        if self.about.wants_cost {
            answer::set_cost_of_event(event, || self.cost(reading, End::Complete));
        }
        true
    }

    fn end(mut self, reading: &Reading, end: End) {
        self.finish(reading, end);
    }
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Caller;

    use super::*;
    use crate::{
        AccountsLayer, Asked, Reserving,
        audit::Auditor,
        budgets::{Budget, Budgets, Limit, Per},
    };

    /// An attempt of a caller's after the budgets were asked, and after the provider is.
    async fn asked(layer: &AccountsLayer, caller: &str, expected: Option<Expected>) -> (Attempt, bool) {
        let about = About {
            caller: Some(Caller::new(caller)),
            alias: None,
            deployment: Deployment::new("gpt-4o", "openai", "gpt-4o"),
            is_configured: true,
            model: None,
            operation: Operation::ChatCompletion,
            length: 0,
            expected,
            wants_cost: false,
        };
        let request = Object::parse(r#"{"messages":[{"role":"user","content":"Hello, world!"}]}"#).unwrap();
        let settings = layer.settings();
        let about = About { model: (settings.facts)(&about.deployment), ..about };
        let mut attempt = Attempt::new(Arc::clone(settings), about, Some(request));
        if let Some(budgets) = &settings.budgets {
            let reserving: Reserving<'_> = budgets.reserve(Asked::of(&attempt));
            assert!(reserving.get().await.is_ok());
        }
        let is_counted = attempt.prompt.get().is_some();
        attempt.begins();
        (attempt, is_counted)
    }

    #[tokio::test]
    async fn prompts_are_counted_for_those_whom_a_budget_limits() {
        let limit = |caller: &str, _: &str| (caller == "a").then(|| Limit::new(Decimal::ONE, Per::Day));
        let layer = AccountsLayer::new().budgets(Budgets::new().budget(Budget::per_caller().limit_for(limit)));
        let expected = Expected { input: 11, output: 1 };
        for (caller, expected, counts) in
            [("a", None, true), ("b", None, false), ("a", Some(expected), false), ("b", Some(expected), false)]
        {
            let (attempt, is_counted) = asked(&layer, caller, expected).await;
            assert_eq!(is_counted, counts, "{caller} {expected:?}");
            assert_eq!(attempt.expected().input, 11, "by whomever");
        }
    }

    #[tokio::test]
    async fn a_request_is_kept_while_its_tokens_may_have_to_be_counted() {
        let budget = Budget::per_caller().limit(Limit::new(Decimal::ONE, Per::Day));
        let plain = AccountsLayer::new();
        let limited = plain.clone().budgets(Budgets::new().budget(budget));
        let audited = |layer: &AccountsLayer, share| layer.clone().audit(Auditor::new().sample(share));
        let expected = Expected { input: 11, output: 1 };
        for (layer, expected, is_kept) in [
            (&plain, None, true),
            (&plain, Some(expected), false),
            (&limited, None, false),
            (&limited, Some(expected), false),
            (&audited(&plain, 0.0), Some(expected), false),
            (&audited(&plain, 1.0), Some(expected), true),
            (&audited(&limited, 1.0), None, false),
        ] {
            let (attempt, _) = asked(layer, "a", expected).await;
            assert_eq!(attempt.request.is_some(), is_kept);
            assert_eq!(attempt.expected().input, 11);
            let is_audited = attempt.is_audited;
            assert_eq!(attempt.audited_prompt().map(Prompt::total), is_audited.then_some(11));
        }
    }
}

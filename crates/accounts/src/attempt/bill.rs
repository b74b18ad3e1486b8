//! What an attempt is expected to cost, and what it has cost.

use llm_layers_catalogue::{Price, Quantities, ServiceTier, Terms, UnknownPrice};
use llm_layers_core::{
    End, Operation,
    metering::{Billed, Expected, Reading, Tokens},
};
use llm_layers_tokens::{Prompt, Tokenizer, prompt};
use rust_decimal::Decimal;

use super::{About, Attempt, providers};
use crate::{
    Known, Unpriced,
    belief::{self, Plausible},
    quantities::quantities,
};

/// What is to be paid by a price, prepaid capacity first: [`Price::due`], or [`Price::settle`] for good.
pub(super) type Pay = fn(&Price, &Quantities, &Terms) -> Result<Decimal, UnknownPrice>;

/// What an attempt has used and cost.
pub(super) struct Bill {
    pub(super) billed: Billed,
    pub(super) cost: Result<Decimal, Unpriced>,
    pub(super) known: Known,
    /// What was reported can be.
    pub(super) is_believed: bool,
}

impl Attempt {
    pub(super) fn has_failed(&self) -> bool {
        self.is_given_up || self.status.is_some_and(|status| !(200..300).contains(&status))
    }

    pub(super) fn bill(&self, reading: &Reading, end: End, pay: Pay) -> Bill {
        let end = if self.has_failed() && !self.is_given_up { End::Failed } else { end };
        let About { model, length, .. } = &self.about;
        let plausible = Plausible::of(model.as_deref(), *length, self.output_bound);
        let (told, mut is_believed) = plausible.of_tokens(reading.tokens());
        let billed = reading.billed_by(told, || self.expected(), end);
        if told.is_unknown() && !billed.is_estimated {
            return Bill { billed, cost: Ok(Decimal::ZERO), known: Known::Computed, is_believed };
        }
        let terms = self.terms(reading.service_tier());
        let cost = |pay| self.cost_of(&billed.tokens, &terms, pay);
        if let Some(reported) = reading.cost() {
            let computed = cost(Price::due).ok();
            let is_plausible = belief::is_plausible(reported, computed);
            is_believed &= is_plausible;
            // Where nothing else is known of its cost, any number is better than none; but not that it is free.
            if is_plausible && (self.reports_dollars() || computed.is_none() && !reported.is_zero()) {
                return Bill { billed, cost: Ok(reported), known: Known::Reported, is_believed };
            }
        }
        let known = if billed.is_estimated { Known::Estimated } else { Known::Computed };
        Bill { billed, cost: cost(pay), known, is_believed }
    }

    fn reports_dollars(&self) -> bool {
        match &self.settings.believes {
            Some(believes) => believes(&self.about.deployment),
            None => {
                let About { deployment, model, .. } = &self.about;
                providers(deployment, model.as_deref()).into_iter().any(belief::reports_dollars)
            }
        }
    }

    pub(super) fn price(&self) -> Result<&Price, Unpriced> {
        let model = self.about.model.as_ref().ok_or(Unpriced::MODEL)?;
        model.price.as_ref().ok_or(Unpriced::PRICE)
    }

    pub(super) fn cost_of(&self, tokens: &Tokens, terms: &Terms, pay: Pay) -> Result<Decimal, Unpriced> {
        Ok(pay(self.price()?, &quantities(tokens), terms)?)
    }

    pub(super) fn terms(&self, told: Option<&str>) -> Terms {
        Terms { service: self.tier(told), at: self.at }
    }

    pub(super) fn tier(&self, told: Option<&str>) -> ServiceTier {
        told.and_then(ServiceTier::from_name).or(self.service_tier).unwrap_or_default()
    }

    pub(super) fn expected(&self) -> Expected {
        let About { operation, model, expected, .. } = &self.about;
        let input = match (self.prompt.get(), expected) {
            (None, Some(expected)) => expected.input,
            _ => self.prompt().map_or(0, |prompt| prompt.total()),
        };
        let most = self.output_bound.total(model.as_ref().and_then(|model| model.max_output));
        let output = match most {
            _ if *operation == Operation::Embedding => 0,
            Some(most) if self.output_bound.each.is_some() => most,
            most => {
                let usual =
                    expected.map_or_else(|| self.settings.outputs.average(*operation), |expected| expected.output);
                usual.min(most.unwrap_or(u64::MAX))
            }
        };
        Expected { input, output }
    }

    /// The tokens of the prompt, counted once; nothing where the request cannot be read, or is not kept.
    fn prompt(&self) -> Option<&Prompt> {
        if let Some(request) = self.request.as_ref().filter(|_| self.prompt.get().is_none()) {
            let About { deployment, model, operation, .. } = &self.about;
            let name = model.as_ref().map_or(deployment.model(), |model| &model.id);
            let [_, provider] = providers(deployment, model.as_deref());
            let _ = self.prompt.set(prompt(*operation, request, Tokenizer::of(provider, name)));
        }
        self.prompt.get()
    }

    /// The same, where the audit has asked for it.
    pub(crate) fn audited_prompt(&self) -> Option<&Prompt> {
        self.prompt().filter(|_| self.is_audited)
    }
}

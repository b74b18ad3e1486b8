//! An entry as a line of JSON, and back.

use std::{borrow::Cow, time::Duration};

use jiff::Timestamp;
use llm_layers_catalogue::ServiceTier;
use llm_layers_core::{Alias, Caller, Deployment, Operation, metering::Tokens};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::name;
use crate::{Entry, Known, Outcome, Unpriced, answer::plain};

#[derive(Serialize, Deserialize)]
pub(super) struct Line<'a> {
    at: Timestamp,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    caller: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    alias: Option<Cow<'a, str>>,
    #[serde(borrow)]
    deployment: Cow<'a, str>,
    #[serde(borrow)]
    provider: Cow<'a, str>,
    #[serde(borrow)]
    model: Cow<'a, str>,
    #[serde(borrow)]
    operation: Cow<'a, str>,
    tokens: Kinds,
    /// A decimal in a string, for readers that take numbers for floats.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    cost_usd: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    unpriced: Option<Cow<'a, str>>,
    /// What the provider has said.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    reported_usd: Option<Cow<'a, str>>,
    #[serde(borrow)]
    known: Cow<'a, str>,
    #[serde(borrow)]
    outcome: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(borrow)]
    service_tier: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_word_us: Option<u64>,
    took_us: u64,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    request_id: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Kinds {
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_input: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_1h: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio_input: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_audio_input: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_input: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio_output: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_output: Option<u64>,
}

/// The operations that have entries.
const OPERATIONS: [Operation; 5] =
    [Operation::ChatCompletion, Operation::Completion, Operation::Embedding, Operation::Response, Operation::Message];

impl<'a> Line<'a> {
    pub(super) fn of(entry: &'a Entry) -> Self {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Self {
            at: Timestamp::try_from(entry.at).unwrap_or_default(),
            caller: entry.caller.as_ref().map(|caller| name(caller.name()).into()),
            alias: entry.alias.as_ref().map(|alias| name(alias.name()).into()),
            deployment: name(entry.deployment.name()).into(),
            provider: name(entry.deployment.provider()).into(),
            model: name(entry.deployment.model()).into(),
            operation: entry.operation.as_str().into(),
            tokens: Kinds::of(&entry.tokens),
            cost_usd: entry.cost.as_ref().ok().map(|cost| plain(*cost).into()),
            unpriced: entry.cost.as_ref().err().map(|unpriced| unpriced.reason().into()),
            reported_usd: entry.reported.map(|cost| plain(cost).into()),
            known: entry.known.name().into(),
            outcome: entry.outcome.name().into(),
            status: entry.status,
            service_tier: entry.service_tier.name().into(),
            first_word_us: entry.first_word.map(micros),
            took_us: micros(entry.took),
            request_id: entry.request_id.as_deref().map(|id| name(id).into()),
        }
    }

    /// The entry, or the member that makes no sense.
    pub(super) fn entry(self) -> Result<Entry, &'static str> {
        let operation = OPERATIONS.into_iter().find(|operation| operation.as_str() == self.operation);
        let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.name() == self.outcome);
        let known = Known::ALL.into_iter().find(|known| known.name() == self.known);
        let cost = match (self.cost_usd, self.unpriced) {
            (Some(cost), _) => Ok(Decimal::from_str_exact(&cost).map_err(|_| "cost_usd")?),
            (None, Some(reason)) => Err(Unpriced::new(reason.into_owned())),
            (None, None) => return Err("cost_usd"),
        };
        let reported = self.reported_usd.map(|cost| Decimal::from_str_exact(&cost)).transpose();
        Ok(Entry {
            at: self.at.into(),
            caller: self.caller.map(|name| Caller::new(&*name)),
            alias: self.alias.map(|name| Alias::new(&*name)),
            deployment: Deployment::new(&*self.deployment, &*self.provider, &*self.model),
            operation: operation.ok_or("operation")?,
            tokens: self.tokens.tokens(),
            cost,
            reported: reported.map_err(|_| "reported_usd")?,
            known: known.ok_or("known")?,
            outcome: outcome.ok_or("outcome")?,
            status: self.status,
            service_tier: ServiceTier::from_name(&self.service_tier).ok_or("service_tier")?,
            first_word: self.first_word_us.map(Duration::from_micros),
            took: Duration::from_micros(self.took_us),
            request_id: self.request_id.map(|id| id.into()),
        })
    }
}

impl Kinds {
    fn of(tokens: &Tokens) -> Self {
        Self {
            input: tokens.input,
            cached_input: tokens.cached_input,
            cache_write: tokens.cache_write,
            cache_write_1h: tokens.cache_write_1h,
            audio_input: tokens.audio_input,
            cached_audio_input: tokens.cached_audio_input,
            image_input: tokens.image_input,
            output: tokens.output,
            reasoning: tokens.reasoning,
            audio_output: tokens.audio_output,
            image_output: tokens.image_output,
        }
    }

    fn tokens(&self) -> Tokens {
        let mut tokens = Tokens::default();
        tokens.input = self.input;
        tokens.cached_input = self.cached_input;
        tokens.cache_write = self.cache_write;
        tokens.cache_write_1h = self.cache_write_1h;
        tokens.audio_input = self.audio_input;
        tokens.cached_audio_input = self.cached_audio_input;
        tokens.image_input = self.image_input;
        tokens.output = self.output;
        tokens.reasoning = self.reasoning;
        tokens.audio_output = self.audio_output;
        tokens.image_output = self.image_output;
        tokens
    }
}

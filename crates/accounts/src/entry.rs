use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use llm_layers_catalogue::{Quantities, ServiceTier, UnknownPrice};
use llm_layers_core::{Alias, Caller, Deployment, Operation, metering::Tokens};
use rust_decimal::Decimal;

use crate::quantities::quantities;

/// One attempt at a provider: who made it, what it used, and what it cost.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// When it began.
    pub at: SystemTime,
    /// Who called, where a layer above has said so.
    pub caller: Option<Caller>,
    /// The model that the client asked for, where a router chose another.
    pub alias: Option<Alias>,
    /// What was asked: its name, the provider, and the model by the provider's name.
    pub deployment: Deployment,
    /// What was asked for.
    pub operation: Operation,
    /// The tokens, in OpenAI's sense: input and output include the other kinds.
    pub tokens: Tokens,
    /// What it cost, in US dollars, or why that is not known.
    pub cost: Result<Decimal, Unpriced>,
    /// What the provider has said that it cost (`usage.cost`), whether that was believed or not.
    pub reported: Option<Decimal>,
    /// How tokens and cost are known.
    pub known: Known,
    /// How it ended.
    pub outcome: Outcome,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// The service tier that it is billed by: the answer's word, else the request's.
    pub service_tier: ServiceTier,
    /// The time to the first word of the answer, if one came.
    pub first_word: Option<Duration>,
    /// The time to the last byte.
    pub took: Duration,
    /// The provider's name for the call, for questions about its bill.
    pub request_id: Option<Box<str>>,
}

impl Entry {
    /// An attempt of which nothing is known yet but what was asked.
    #[must_use]
    pub fn new(at: SystemTime, deployment: Deployment, operation: Operation) -> Self {
        Self {
            at,
            caller: None,
            alias: None,
            deployment,
            operation,
            tokens: Tokens::new(0, 0),
            cost: Ok(Decimal::ZERO),
            reported: None,
            known: Known::Computed,
            outcome: Outcome::Complete,
            status: None,
            service_tier: ServiceTier::Standard,
            first_word: None,
            took: Duration::ZERO,
            request_id: None,
        }
    }

    /// The day on which it began, in UTC, as bills have it.
    #[must_use]
    pub fn day(&self) -> Date {
        let at = Timestamp::try_from(self.at).unwrap_or_default();
        at.to_zoned(TimeZone::UTC).date()
    }

    /// The tokens by kinds of which no token is in two.
    #[must_use]
    pub fn quantities(&self) -> Quantities {
        quantities(&self.tokens)
    }
}

/// How the tokens and the cost of an attempt are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// The provider has told the cost.
    Reported,
    /// The provider has told the tokens; the cost is computed by the catalogue's prices.
    Computed,
    /// Not all tokens were told: some are estimated by what was asked and what was seen.
    Estimated,
}

impl Known {
    pub(crate) const ALL: [Self; 3] = [Self::Reported, Self::Computed, Self::Estimated];

    /// `reported`, `computed`, `estimated`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Computed => "computed",
            Self::Estimated => "estimated",
        }
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The answer came whole.
    Complete,
    /// There was none, or an error, or it broke off.
    Failed,
    /// Whoever waited for it has gone: the client hung up, or another attempt was faster.
    Cancelled,
}

impl Outcome {
    pub(crate) const ALL: [Self; 3] = [Self::Complete, Self::Failed, Self::Cancelled];

    /// `complete`, `failed`, `cancelled`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why the cost of an attempt is not known. Never the same as free.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unpriced(Cow<'static, str>);

impl Unpriced {
    /// Nothing is known of the model.
    pub const MODEL: Self = Self(Cow::Borrowed("unknown model"));
    /// The model is known, and no price of it.
    pub const PRICE: Self = Self(Cow::Borrowed("unknown price"));

    pub(crate) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0
    }
}

impl From<UnknownPrice> for Unpriced {
    fn from(unknown: UnknownPrice) -> Self {
        Self::new(format!("unknown price of {}", unknown.meter))
    }
}

impl fmt::Display for Unpriced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unpriced {}

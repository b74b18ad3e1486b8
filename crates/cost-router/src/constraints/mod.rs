//! What a deployment must be and do before it may be chosen.

mod constraint;
mod fixed;

use std::time::Duration;

use llm_layers_catalogue::Tier;
use rust_decimal::Decimal;

pub use constraint::Constraint;
pub(crate) use fixed::Fixed;
pub use llm_layers_catalogue::{Hours, HoursError};

/// What a deployment must be and do: an alias's, or a request's own. They hold for fallbacks, too.
///
/// What is not known of a deployment is taken for the worst where a rule is about trust or money (region, training,
/// logging, tier, price): a promise cannot be kept by a guess.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    pub(crate) regions: Option<Vec<Box<str>>>,
    pub(crate) deny_regions: Vec<Box<str>>,
    pub(crate) providers: Option<Vec<Box<str>>>,
    pub(crate) deny_providers: Vec<Box<str>>,
    pub(crate) min_tier: Option<Tier>,
    pub(crate) max_cost: Option<Decimal>,
    pub(crate) max_input_price: Option<Decimal>,
    pub(crate) max_output_price: Option<Decimal>,
    pub(crate) max_p99: Option<Duration>,
    pub(crate) hours: Option<Hours>,
    pub(crate) no_training: bool,
    pub(crate) no_logging: bool,
}

impl Constraints {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows deployments in these regions only. `eu` takes in `eu-central-1`; names are compared without case. A
    /// deployment that may answer from several must be allowed in all of them, one of which none is known in none.
    #[must_use]
    pub fn regions<N: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.regions = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Refuses deployments that may answer from any of these regions, and those of which none is known.
    #[must_use]
    pub fn deny_regions<N: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.deny_regions = names.into_iter().map(Into::into).collect();
        self
    }

    /// Allows these providers only. Names are compared without case.
    #[must_use]
    pub fn providers<N: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.providers = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Refuses these providers.
    #[must_use]
    pub fn deny_providers<N: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.deny_providers = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the quality tier that a deployment must have at least.
    #[must_use]
    pub const fn min_tier(mut self, tier: Tier) -> Self {
        self.min_tier = Some(tier);
        self
    }

    /// Sets what a call may cost, in US dollars, by what it is expected to cost.
    #[must_use]
    pub const fn max_cost(mut self, usd: Decimal) -> Self {
        self.max_cost = Some(usd);
        self
    }

    /// Sets what a million input tokens may cost, in US dollars, at the time of the call.
    #[must_use]
    pub const fn max_input_price(mut self, usd: Decimal) -> Self {
        self.max_input_price = Some(usd);
        self
    }

    /// Sets what a million output tokens may cost, in US dollars, at the time of the call.
    #[must_use]
    pub const fn max_output_price(mut self, usd: Decimal) -> Self {
        self.max_output_price = Some(usd);
        self
    }

    /// Sets how long the 99th percentile of the time to the first word may be, or, for calls that are not streamed, that
    /// of the time to the whole answer. A deployment of which it is not known passes.
    #[must_use]
    pub const fn max_p99(mut self, time: Duration) -> Self {
        self.max_p99 = Some(time);
        self
    }

    /// Sets when deployments may be used at all.
    #[must_use]
    pub fn hours(mut self, hours: Hours) -> Self {
        self.hours = Some(hours);
        self
    }

    /// Refuses deployments that are not known not to train on what they are told.
    #[must_use]
    pub const fn no_training(mut self) -> Self {
        self.no_training = true;
        self
    }

    /// Refuses deployments that are not known to keep nothing of what they are told.
    #[must_use]
    pub const fn no_logging(mut self) -> Self {
        self.no_logging = true;
        self
    }
}

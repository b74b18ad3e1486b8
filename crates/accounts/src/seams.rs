//! What else wants to know of attempts: budgets before, audits after.

use std::{fmt, sync::Arc, time::SystemTime};

use http::HeaderValue;
use llm_layers_catalogue::Model;
use llm_layers_core::{Alias, Caller, Deployment, Eventually, Failure, metering::Reading};
use llm_layers_tokens::{OutputBound, Prompt};
use rust_decimal::Decimal;

use crate::{Entry, Unpriced, attempt::Attempt};

/// Grants money before an attempt, and takes what it really cost afterwards.
pub trait Spending: Send + Sync + 'static {
    /// Reserves the expected cost of an attempt, or refuses it: the failure is the client's answer.
    fn reserve<'a>(&'a self, asked: Asked<'a>) -> Reserving<'a>;
}

/// What an attempt asks of the budgets.
#[derive(Clone, Copy)]
pub struct Asked<'a>(&'a Attempt);

impl<'a> Asked<'a> {
    pub(crate) const fn of(attempt: &'a Attempt) -> Self {
        Self(attempt)
    }

    /// Who calls.
    #[must_use]
    pub const fn caller(&self) -> Option<&'a Caller> {
        self.0.about().caller.as_ref()
    }

    /// The model that the client asked for, where a router chose another.
    #[must_use]
    pub const fn alias(&self) -> Option<&'a Alias> {
        self.0.about().alias.as_ref()
    }

    /// What is to be asked.
    #[must_use]
    pub const fn deployment(&self) -> &'a Deployment {
        &self.0.about().deployment
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> SystemTime {
        self.0.at()
    }

    /// The cost that is expected, in US dollars.
    ///
    /// It takes time to find out, for the prompt is counted: to be asked only where it matters.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn cost(&self) -> Result<Decimal, Unpriced> {
        self.0.expected_cost()
    }
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("deployment", self.deployment()).field("at", &self.at()).finish_non_exhaustive()
    }
}

/// A grant, or the failure that the client is answered with.
pub type Granted = Result<Box<dyn Grant>, Box<Failure>>;

/// A reservation, at once or when somebody else was asked.
pub type Reserving<'a> = Eventually<'a, Granted>;

/// What was reserved. Dropped, it is given back: no provider was asked.
pub trait Grant: Send + 'static {
    /// What the attempt cost takes the place of what was reserved.
    fn settle(self: Box<Self>, entry: &Entry);
}

/// Looks at each finished attempt.
pub trait Audit: Send + Sync + 'static {
    /// Whether the prompt of an attempt that begins is to be [counted](Finished::prompt) when it is over: its request is
    /// kept until then. Default: yes.
    fn wants_prompt(&self) -> bool {
        true
    }

    /// What is known against a deployment before its answer is over: the header `x-llm-warning` of a stream. Default:
    /// nothing.
    fn standing(&self, _deployment: &Deployment) -> Option<HeaderValue> {
        None
    }

    /// An attempt is over. What is returned becomes the header `x-llm-warning` of an answer whose head has not gone out.
    fn finished(&self, attempt: &Finished<'_>) -> Option<HeaderValue>;
}

impl<A: Audit + ?Sized> Audit for Arc<A> {
    fn wants_prompt(&self) -> bool {
        (**self).wants_prompt()
    }

    fn standing(&self, deployment: &Deployment) -> Option<HeaderValue> {
        (**self).standing(deployment)
    }

    fn finished(&self, attempt: &Finished<'_>) -> Option<HeaderValue> {
        (**self).finished(attempt)
    }
}

/// An attempt that is over, and what was seen of it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Finished<'a> {
    /// Its entry in the ledger.
    pub entry: &'a Entry,
    /// What is known of the model.
    pub model: Option<&'a Model>,
    /// The most tokens that the answer was to have, as the request has set it.
    pub output_bound: OutputBound,
    /// What the answer has told and shown.
    pub reading: &'a Reading,
    pub(crate) attempt: &'a Attempt,
}

impl Finished<'_> {
    /// The prompt, counted; nothing where the request could not be read, or nobody
    /// [wanted](Audit::wants_prompt) it when the attempt began.
    #[must_use]
    pub fn prompt(&self) -> Option<Prompt> {
        self.attempt.audited_prompt().copied()
    }
}

impl fmt::Debug for Finished<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finished").field("entry", self.entry).field("reading", self.reading).finish_non_exhaustive()
    }
}

//! What else wants to know of attempts: budgets before, audits after.

use std::{fmt, pin::Pin, time::SystemTime};

use http::HeaderValue;
use llm_layers_core::{Alias, Caller, Deployment, Failure, metering::Reading};
use llm_layers_tokens::{Prompt, Tokenizer};
use llm_layers_wire::json::Object;
use rust_decimal::Decimal;

use crate::{Entry, Unpriced};

/// Grants money before an attempt, and takes what it really cost afterwards.
pub trait Spending: Send + Sync + 'static {
    /// Reserves the expected cost of an attempt, or refuses it: the failure is the client's answer.
    fn reserve(&self, asked: Asked) -> Reserving<'_>;
}

/// What an attempt asks of the budgets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Asked {
    /// Who calls.
    pub caller: Option<Caller>,
    /// The model that the client asked for, where a router chose another.
    pub alias: Option<Alias>,
    /// What is to be asked.
    pub deployment: Deployment,
    /// When.
    pub at: SystemTime,
    /// The cost that is expected, in US dollars, or why it is not known.
    pub cost: Result<Decimal, Unpriced>,
}

/// A grant, or the failure that the client is answered with.
pub type Granted = Result<Box<dyn Grant>, Box<Failure>>;

/// A reservation, at once or when somebody else was asked.
pub enum Reserving<'a> {
    /// It is decided.
    Now(Granted),
    /// It will be.
    Later(Pin<Box<dyn Future<Output = Granted> + Send + 'a>>),
}

impl fmt::Debug for Reserving<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now(Ok(_)) => "Now(Ok)",
            Self::Now(Err(_)) => "Now(Err)",
            Self::Later(_) => "Later",
        })
    }
}

/// What was reserved. Dropped, it is given back: no provider was asked.
pub trait Grant: Send + 'static {
    /// What the attempt cost takes the place of what was reserved.
    fn settle(self: Box<Self>, entry: &Entry);
}

/// Looks at each finished attempt.
pub trait Audit: Send + Sync + 'static {
    /// An attempt is over. What is returned becomes the header `x-llm-warning` of an answer whose head has not gone out.
    fn finished(&self, attempt: &Finished<'_>) -> Option<HeaderValue>;
}

/// An attempt that is over, and what was seen of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Finished<'a> {
    /// Its entry in the ledger.
    pub entry: &'a Entry,
    /// What was asked for; nothing where it could not be read.
    pub request: Option<&'a Object>,
    /// The most tokens that the answer was to have, if the request has set a bound.
    pub output_bound: Option<u64>,
    /// What the answer has told and shown.
    pub reading: &'a Reading,
}

impl Finished<'_> {
    /// Counts the prompt, at each call anew; nothing where the request could not be read.
    #[must_use]
    pub fn prompt(&self) -> Option<Prompt> {
        let Entry { deployment, operation, .. } = self.entry;
        let tokenizer = Tokenizer::of(deployment.provider(), deployment.model());
        self.request.map(|request| llm_layers_tokens::prompt(*operation, request, tokenizer))
    }
}

use std::{fmt, sync::Arc, time::SystemTime};

use http::{Response, StatusCode};
use jiff::{Timestamp, tz::TimeZone};
use llm_layers_core::{Body, Failure, Rejection};
use llm_layers_wire::openai;

use super::{Per, Status};

/// When to ask again for what nobody can tell now.
const SOON: std::time::Duration = std::time::Duration::from_secs(1);

/// A call that a budget does not let through. It says which and until when, and nothing of amounts: they may be others'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub(super) Box<Reason>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    UsedUp {
        budget: Arc<str>,
        /// Such as ``of caller `a` ``.
        subject: String,
        per: Per,
        at: SystemTime,
        renews: Option<SystemTime>,
        status: Status,
    },
    /// Nobody knows what it would cost.
    Unpriced { budget: Arc<str>, subject: String },
    /// Nobody knows what is left.
    Away,
}

impl Refused {
    pub(super) fn new(reason: Reason) -> Self {
        Self(Box::new(reason))
    }

    /// The name of the budget, where it was one that refused, and not its store that is away.
    #[must_use]
    pub fn budget(&self) -> Option<&str> {
        match &*self.0 {
            Reason::UsedUp { budget, .. } | Reason::Unpriced { budget, .. } => Some(budget),
            Reason::Away => None,
        }
    }

    /// When there is money again, where that can be told.
    #[must_use]
    pub fn renews(&self) -> Option<SystemTime> {
        match &*self.0 {
            Reason::UsedUp { renews, .. } => *renews,
            _ => None,
        }
    }

    /// What the client is told: 402 or 429 `insufficient_quota`; 402 `unknown_price`; 503 where the store is away.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        let message = self.to_string();
        // No budget is one deployment's: none that costs something would do, but one of a known price may.
        let rejection = match &*self.0 {
            Reason::UsedUp { .. } | Reason::Away => Rejection::QuotaExceeded,
            Reason::Unpriced { .. } => Rejection::Limited,
        };
        let quota = |status: StatusCode, code: &str| {
            let error = openai::Error::new("insufficient_quota", message.clone()).with_code(code);
            Failure::new(status, error).with_rejection(rejection)
        };
        match *self.0 {
            Reason::UsedUp { status: Status::PaymentRequired, .. } => {
                quota(StatusCode::PAYMENT_REQUIRED, "insufficient_quota")
            }
            Reason::UsedUp { status: Status::TooManyRequests, at, renews, .. } => {
                let failure = quota(StatusCode::TOO_MANY_REQUESTS, "insufficient_quota");
                match renews.and_then(|renews| renews.duration_since(at).ok()) {
                    Some(wait) => failure.with_retry_after(wait),
                    None => failure,
                }
            }
            Reason::Unpriced { .. } => quota(StatusCode::PAYMENT_REQUIRED, "unknown_price"),
            Reason::Away => {
                let error = openai::Error::new("service_unavailable_error", message).with_code("budgets_unavailable");
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, error).with_rejection(rejection).with_retry_after(SOON)
            }
        }
    }

    /// The answer.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        self.into_failure().into_response()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Reason::UsedUp { subject, per: Per::Total, .. } => {
                write!(f, "The total budget {subject} is used up.")
            }
            Reason::UsedUp { subject, per, renews, .. } => {
                write!(f, "The budget {subject} for this {} is used up.", per.name())?;
                match renews.and_then(|renews| Timestamp::try_from(renews).ok()) {
                    Some(renews) => {
                        write!(f, " It renews at {}.", renews.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
                    }
                    None => Ok(()),
                }
            }
            Reason::Unpriced { subject, .. } => {
                write!(f, "The price of this model is not known, and the budget {subject} needs it.")
            }
            Reason::Away => f.write_str("The budgets cannot be checked at the moment. Please try again in 1s."),
        }
    }
}

impl std::error::Error for Refused {}

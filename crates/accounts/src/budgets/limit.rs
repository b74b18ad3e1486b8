use http::StatusCode;
use rust_decimal::Decimal;

use super::{Per, amount};

/// So much money in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Billionths of a dollar.
    pub(super) nanos: u64,
    pub(super) per: Per,
    pub(super) soft: Option<u64>,
    pub(super) status: Status,
}

/// With what status calls are refused when a budget is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// 402: clients do not try again by themselves.
    #[default]
    PaymentRequired,
    /// 429, as OpenAI does it, with `retry-after` where the budget renews.
    TooManyRequests,
}

impl Limit {
    /// So many US dollars in each such time. Less than nothing is nothing; the most is 9,007,199 dollars.
    #[must_use]
    pub fn new(usd: Decimal, per: Per) -> Self {
        Self { nanos: amount::limit(usd), per, soft: None, status: Status::default() }
    }

    /// Sets from what share of it on calls should be thrifty: `0.8`, say.
    #[must_use]
    pub fn soft_share(mut self, share: Decimal) -> Self {
        let all = amount::usd(self.nanos);
        self.soft = Some(share.checked_mul(all).map_or(self.nanos, amount::limit).min(self.nanos));
        self
    }

    /// Sets from how many US dollars on calls should be thrifty.
    #[must_use]
    pub fn soft_usd(mut self, usd: Decimal) -> Self {
        self.soft = Some(amount::limit(usd).min(self.nanos));
        self
    }

    /// Sets with what status calls are refused. Default 402.
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// The limit, in US dollars.
    #[must_use]
    pub fn usd(&self) -> Decimal {
        amount::usd(self.nanos)
    }

    /// For how long it is good.
    #[must_use]
    pub const fn per(&self) -> Per {
        self.per
    }
}

impl From<Status> for StatusCode {
    fn from(status: Status) -> Self {
        match status {
            Status::PaymentRequired => Self::PAYMENT_REQUIRED,
            Status::TooManyRequests => Self::TOO_MANY_REQUESTS,
        }
    }
}

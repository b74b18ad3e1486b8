use std::ops::AddAssign;

use jiff::civil::Date;
use llm_layers_catalogue::{Meter, Quantities};
use rust_decimal::Decimal;

use super::name;
use crate::{Entry, Known, Outcome};

/// What totals are kept for: a caller, a deployment and a day.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Row {
    /// The day, in UTC.
    pub day: Date,
    /// Who called; empty where nobody has said so.
    pub caller: Box<str>,
    /// The deployment's name.
    pub deployment: Box<str>,
}

impl Row {
    /// This row.
    #[must_use]
    pub fn new(day: Date, caller: impl Into<Box<str>>, deployment: impl Into<Box<str>>) -> Self {
        Self { day, caller: caller.into(), deployment: deployment.into() }
    }

    pub(crate) fn of(entry: &Entry) -> Self {
        let caller = entry.caller.as_ref().map_or("", |caller| name(caller.name()));
        Self::new(entry.day(), caller, name(entry.deployment.name()))
    }
}

/// What several attempts have used and cost together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Attempts.
    pub calls: u64,
    /// Of these, those that failed.
    pub failed: u64,
    /// Of these, those that nobody waited for any more.
    pub cancelled: u64,
    /// Of these, those whose cost is not known. It is not in [`cost`](Self::cost).
    pub unpriced: u64,
    /// Of these, those whose tokens were estimated.
    pub estimated: u64,
    /// Tokens by kind, none in two of them.
    pub tokens: Quantities,
    /// US dollars, as far as they are known.
    pub cost: Decimal,
}

impl Totals {
    pub(crate) fn of(entry: &Entry) -> Self {
        let one = |yes| u64::from(yes);
        Self {
            calls: 1,
            failed: one(entry.outcome == Outcome::Failed),
            cancelled: one(entry.outcome == Outcome::Cancelled),
            unpriced: one(entry.cost.is_err()),
            estimated: one(entry.known == Known::Estimated),
            tokens: entry.quantities(),
            cost: entry.cost.as_ref().copied().unwrap_or_default(),
        }
    }
}

impl AddAssign<&Self> for Totals {
    fn add_assign(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.failed = self.failed.saturating_add(other.failed);
        self.cancelled = self.cancelled.saturating_add(other.cancelled);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
        self.estimated = self.estimated.saturating_add(other.estimated);
        for meter in Meter::ALL {
            let sum = self.tokens.of_mut(meter);
            *sum = sum.saturating_add(other.tokens.of(meter));
        }
        self.cost = self.cost.saturating_add(other.cost);
    }
}

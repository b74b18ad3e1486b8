//! Budgets as the layer asks them.

use llm_layers_core::Failure;
use rust_decimal::Decimal;

use super::{Budgets, Refused, Reservation};
use crate::{Asked, Entry, Grant, Reserving, Spending};

impl Spending for Budgets {
    fn reserve(&self, asked: Asked) -> Reserving<'_> {
        let caller = asked.caller.as_ref().map(|caller| caller.name());
        let alias = asked.alias.as_ref().map(|alias| alias.name());
        let ask = match self.ask(caller, alias, asked.at, asked.cost.ok()) {
            Ok(ask) => ask,
            Err(refused) => return Reserving::Now(granted(Err(refused))),
        };
        if self.is_shared() {
            Reserving::Later(Box::pin(async move { granted(self.decide(ask).await) }))
        } else {
            Reserving::Now(granted(self.decide_here(ask)))
        }
    }
}

impl Grant for Reservation {
    /// What has an unknown cost is counted as nothing: the ledger says so.
    fn settle(self: Box<Self>, entry: &Entry) {
        Reservation::settle(*self, entry.cost.as_ref().copied().unwrap_or(Decimal::ZERO));
    }
}

fn granted(reserved: Result<Reservation, Refused>) -> Result<Box<dyn Grant>, Box<Failure>> {
    match reserved {
        Ok(reservation) => Ok(Box::new(reservation)),
        Err(refused) => Err(Box::new(refused.into_failure())),
    }
}

//! Budgets as the layer asks them.

use llm_layers_core::{Alias, Caller, Failure};

use super::{Budgets, Refused, Reservation};
use crate::{Asked, Entry, Grant, Reserving, Spending};

impl Spending for Budgets {
    fn reserve<'a>(&'a self, asked: Asked<'a>) -> Reserving<'a> {
        let (caller, alias) = (asked.caller().map(Caller::name), asked.alias().map(Alias::name));
        match self.ask(caller, alias, asked.at(), || asked.cost().ok()) {
            Ok(ask) if self.must_wait_for(&ask) => {
                Reserving::Later(Box::pin(async move { granted(self.decide(ask).await) }))
            }
            Ok(ask) => Reserving::Now(granted(self.decide_here(ask))),
            Err(refused) => Reserving::Now(granted(Err(refused))),
        }
    }
}

impl Grant for Reservation {
    /// What has an unknown cost, and had an expected one, is counted as expected. Else it is nothing: the ledger says so.
    fn settle(self: Box<Self>, entry: &Entry) {
        match entry.cost {
            Ok(cost) => Reservation::settle(*self, cost),
            Err(_) => self.settle_as_reserved(),
        }
    }
}

fn granted(reserved: Result<Reservation, Refused>) -> Result<Box<dyn Grant>, Box<Failure>> {
    match reserved {
        Ok(reservation) => Ok(Box::new(reservation)),
        Err(refused) => Err(Box::new(refused.into_failure())),
    }
}

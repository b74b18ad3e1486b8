use std::{borrow::Borrow, collections::BTreeMap, fmt};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Bill, bill::Billed};
use crate::Entry;

/// What the ledger and the bill say of each day of the bill, from its first to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// The days, in their order. One on which neither knows of anything is left out.
    pub days: Vec<Day>,
    /// Calls of the ledger on days that the bill does not reach.
    pub calls_elsewhere: u64,
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Day {
    /// In UTC.
    pub date: Date,
    /// Calls in the ledger.
    pub calls: u64,
    /// Calls whose cost the ledger does not know.
    pub unpriced: u64,
    /// What the calls cost by the ledger, in US dollars.
    pub ledger: Decimal,
    /// What they cost by the bill.
    pub bill: Decimal,
    /// The difference is beyond the tolerance.
    pub is_beyond: bool,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    calls: u64,
    unpriced: u64,
    usd: Decimal,
}

impl Comparison {
    /// Compares. `tolerance` is a share of the larger amount of a day: `0.01` is one per cent.
    pub fn new<E: Borrow<Entry>>(bill: &Bill, entries: impl IntoIterator<Item = E>, tolerance: Decimal) -> Self {
        let mut sums: BTreeMap<Date, Sum> = BTreeMap::new();
        for entry in entries {
            let entry = entry.borrow();
            let sum = sums.entry(entry.day()).or_default();
            sum.calls += 1;
            match &entry.cost {
                Ok(usd) => sum.usd = sum.usd.saturating_add(*usd),
                Err(_) => sum.unpriced += 1,
            }
        }
        let span = bill.span();
        let is_billed = |date: &Date| span.is_some_and(|(first, last)| first <= *date && *date <= last);
        let calls_elsewhere = sums.iter().filter(|(date, _)| !is_billed(date)).map(|(_, sum)| sum.calls).sum();
        let mut days: BTreeMap<Date, (Sum, Billed)> = BTreeMap::new();
        for (date, sum) in sums.into_iter().filter(|(date, _)| is_billed(date)) {
            days.entry(date).or_default().0 = sum;
        }
        for (date, billed) in &bill.days {
            days.entry(*date).or_default().1 = *billed;
        }
        let days = days.into_iter().map(|(date, (sum, billed))| Day::new(date, sum, billed, tolerance)).collect();
        Self { days, calls_elsewhere }
    }

    /// Whether no day is beyond the tolerance.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.days.iter().all(|day| !day.is_beyond)
    }
}

impl Day {
    fn new(date: Date, sum: Sum, billed: Billed, tolerance: Decimal) -> Self {
        let larger = sum.usd.abs().max(billed.usd.abs());
        let most = larger.checked_mul(tolerance).unwrap_or(Decimal::MAX).saturating_add(billed.rounding);
        let difference = sum.usd.saturating_sub(billed.usd).abs();
        Self {
            date,
            calls: sum.calls,
            unpriced: sum.unpriced,
            ledger: sum.usd,
            bill: billed.usd,
            is_beyond: difference > most,
        }
    }

    /// By how much the bill is above the ledger, in US dollars.
    #[must_use]
    pub fn difference(&self) -> Decimal {
        self.bill.saturating_sub(self.ledger)
    }

    /// The same in per cent of the ledger; nothing where the ledger has nothing.
    #[must_use]
    pub fn per_cent(&self) -> Option<Decimal> {
        self.difference().checked_mul(Decimal::ONE_HUNDRED)?.checked_div(self.ledger)
    }
}

/// A table.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:10}  {:>8}  {:>14}  {:>14}  {:>14}  {:>9}",
            "day", "calls", "ledger USD", "bill USD", "difference", "per cent"
        )?;
        for day in &self.days {
            let per_cent = day.per_cent().map_or_else(|| "-".to_owned(), |share| format!("{share:+.2}"));
            let [ledger, bill, difference] = [day.ledger, day.bill, day.difference()].map(|usd| usd.round_dp(6));
            write!(
                f,
                "{}  {:>8}  {ledger:>14.6}  {bill:>14.6}  {difference:>+14.6}  {per_cent:>9}",
                day.date, day.calls
            )?;
            if day.is_beyond {
                f.write_str("  beyond tolerance")?;
            }
            if day.unpriced > 0 {
                write!(f, "  {} calls of unknown cost", day.unpriced)?;
            }
            f.write_str("\n")?;
        }
        if self.calls_elsewhere > 0 {
            writeln!(f, "{} calls of the ledger are on days that the bill does not reach", self.calls_elsewhere)?;
        }
        Ok(())
    }
}

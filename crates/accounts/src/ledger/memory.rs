use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Ledger, Row, Totals};
use crate::Entry;

/// Totals in this process, by caller, deployment and day.
///
/// Cloning it shares them. There are at most [`max_rows`](Self::max_rows): what goes beyond is added to a row of its
/// day whose caller and deployment are both [`OTHER`](Self::OTHER).
#[derive(Clone)]
pub struct MemoryLedger {
    rows: Arc<Mutex<Rows>>,
    max_rows: usize,
}

type Rows = HashMap<Row, Totals, foldhash::fast::RandomState>;

impl MemoryLedger {
    /// The caller and the deployment of what had no room. Parentheses keep it apart from names that people choose.
    pub const OTHER: &str = "(other)";

    /// No totals yet.
    #[must_use]
    pub fn new() -> Self {
        Self { rows: Arc::default(), max_rows: 100_000 }
    }

    /// Sets how many rows there may be, beside one for each day that has more. Default 100,000, of some 300 bytes each.
    #[must_use]
    pub const fn max_rows(mut self, rows: usize) -> Self {
        self.max_rows = rows;
        self
    }

    /// All rows, by day, caller and deployment.
    #[must_use]
    pub fn rows(&self) -> Vec<(Row, Totals)> {
        let mut rows: Vec<_> = self.lock().iter().map(|(row, totals)| (row.clone(), totals.clone())).collect();
        rows.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        rows
    }

    /// The totals of the rows for which `is_wanted` holds.
    ///
    /// ```
    /// use llm_layers_accounts::MemoryLedger;
    ///
    /// let ledger = MemoryLedger::new();
    /// let of_team_a = ledger.totals(|row| &*row.caller == "team-a");
    /// assert_eq!(of_team_a.calls, 0);
    /// ```
    #[must_use]
    pub fn totals(&self, is_wanted: impl Fn(&Row) -> bool) -> Totals {
        let mut sum = Totals::default();
        self.lock().iter().filter(|(row, _)| is_wanted(row)).for_each(|(_, totals)| sum += totals);
        sum
    }

    /// Forgets the rows for which `is_kept` does not hold: days that have been written down elsewhere.
    pub fn retain(&self, is_kept: impl Fn(&Row) -> bool) {
        self.lock().retain(|row, _| is_kept(row));
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for MemoryLedger {
    fn record(&self, entry: &Entry) {
        let (row, totals) = (Row::of(entry), Totals::of(entry));
        let mut rows = self.lock();
        let row = if rows.len() < self.max_rows || rows.contains_key(&row) {
            row
        } else {
            Row::new(row.day, Self::OTHER, Self::OTHER)
        };
        *rows.entry(row).or_default() += &totals;
    }
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLedger").field("rows", &self.lock().len()).field("max_rows", &self.max_rows).finish()
    }
}

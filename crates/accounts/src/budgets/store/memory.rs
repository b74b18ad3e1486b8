use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Claim, Taken, claim::Id};
use crate::budgets::Window;

/// What is spent and reserved, in this process.
///
/// A budget's key has one row, of the window that runs; past ones are forgotten. So many rows are kept at most; the
/// keys for which there is no room share one row of each budget, and its limit.
pub(in crate::budgets) struct MemoryStore {
    rows: Mutex<Rows>,
    most: usize,
}

#[derive(Default)]
struct Rows {
    by_id: HashMap<Id, Row, foldhash::fast::RandomState>,
    /// Before this second no row is past.
    none_past_before: u64,
}

#[derive(Clone, Copy)]
struct Row {
    window: Window,
    spent: u64,
    reserved: u64,
    /// What is reserved in the shared store, as it told last.
    reserved_there: u64,
}

impl Row {
    const fn new(window: Window) -> Self {
        Self { window, spent: 0, reserved: 0, reserved_there: 0 }
    }
}

/// Some 20 MB.
const MOST: usize = 100_000;

impl MemoryStore {
    pub(in crate::budgets) fn new() -> Self {
        Self::with_most(MOST)
    }

    fn with_most(most: usize) -> Self {
        Self { rows: Mutex::default(), most }
    }

    /// Reserves in all budgets or in none.
    pub(in crate::budgets) fn reserve_now(&self, claims: &mut [Claim], amount: u64) -> Taken {
        let mut rows = self.lock();
        for (index, claim) in claims.iter_mut().enumerate() {
            if let Some(row) = rows.of(claim, self.most) {
                claim.tell(row.spent, row.reserved);
            }
            if claim.used() >= claim.limit() {
                return Taken::Refused(index);
            }
        }
        for claim in claims {
            if let Some(row) = rows.by_id.get_mut(&claim.id) {
                row.reserved = row.reserved.saturating_add(amount);
                claim.tell(row.spent, row.reserved);
            }
        }
        Taken::All(None)
    }

    /// A call is over for which so much was reserved here.
    pub(in crate::budgets) fn settle_now(&self, claims: &[Claim], amount: u64, cost: u64) {
        self.change(claims, |row| {
            row.reserved = row.reserved.saturating_sub(amount);
            row.spent = row.spent.saturating_add(cost);
        });
    }

    /// A call is over for which something was reserved elsewhere.
    pub(in crate::budgets) fn spend(&self, claims: &[Claim], cost: u64) {
        self.change(claims, |row| row.spent = row.spent.saturating_add(cost));
    }

    /// Takes over what a shared store has told.
    pub(in crate::budgets) fn learn(&self, claims: &[Claim]) {
        let mut rows = self.lock();
        for claim in claims {
            if let Some(row) = rows.of(&mut claim.clone(), self.most) {
                (row.spent, row.reserved_there) = (claim.spent, claim.reserved);
            }
        }
    }

    /// Tells the claims what is known.
    pub(in crate::budgets) fn look_now(&self, claims: &mut [Claim]) {
        let rows = self.lock();
        for claim in claims {
            let own = rows.by_id.get(&claim.id);
            // Where there is no room for it, it counts with the others.
            let shared = || rows.by_id.get(&claim.id.others()).filter(|_| rows.by_id.len() >= self.most);
            let row = own.or_else(shared).filter(|row| !row.is_past(claim)).copied();
            let row = row.unwrap_or(Row::new(claim.window));
            claim.tell(row.spent, row.reserved.saturating_add(row.reserved_there));
        }
    }

    /// What counts in a window that is past is forgotten.
    fn change(&self, claims: &[Claim], change: impl Fn(&mut Row)) {
        let mut rows = self.lock();
        for claim in claims {
            if let Some(row) = rows.by_id.get_mut(&claim.id).filter(|row| row.window == claim.window) {
                change(row);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Row {
    fn is_past(&self, claim: &Claim) -> bool {
        self.window.start < claim.window.start
    }
}

impl Rows {
    /// The row that a claim counts in, and the claim is told if it is another than its own: that of all others where
    /// there is no room, and a later window where its clock is behind.
    fn of(&mut self, claim: &mut Claim, most: usize) -> Option<&mut Row> {
        if !self.by_id.contains_key(&claim.id) {
            if self.by_id.len() >= most {
                self.forget_past(claim.now);
            }
            if self.by_id.len() >= most {
                claim.id = claim.id.others();
            }
            if let Some(end) = claim.window.end {
                self.none_past_before = if self.by_id.is_empty() { end } else { self.none_past_before.min(end) };
            }
            self.by_id.entry(claim.id.clone()).or_insert(Row::new(claim.window));
        }
        let row = self.by_id.get_mut(&claim.id)?;
        if row.is_past(claim) {
            *row = Row::new(claim.window);
        }
        claim.window = row.window;
        Some(row)
    }

    fn forget_past(&mut self, now: u64) {
        if now < self.none_past_before {
            return;
        }
        self.by_id.retain(|_, row| row.window.end.is_none_or(|end| end > now));
        self.none_past_before = self.by_id.values().filter_map(|row| row.window.end).min().unwrap_or(now);
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("rows", &self.lock().by_id.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use rust_decimal::Decimal;

    use super::*;
    use crate::budgets::{Limit, Per, store::Names};

    const HOUR: u64 = 3600;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn claim(caller: &str, at: SystemTime) -> Claim {
        let id = Id::new("caller".into(), Per::Hour, Names::new(Some(caller), None));
        Claim::new(id, Limit::new(Decimal::ONE, Per::Hour), at)
    }

    fn reserve(store: &MemoryStore, caller: &str, seconds: u64) -> ([Claim; 1], bool) {
        let mut claims = [claim(caller, at(seconds))];
        let is_taken = store.reserve_now(&mut claims, 600_000_000) == Taken::All(None);
        (claims, is_taken)
    }

    #[test]
    fn those_for_whom_there_is_no_room_share_a_row_until_others_are_past() {
        let store = MemoryStore::with_most(2);
        for caller in ["a", "b", "c"] {
            assert!(reserve(&store, caller, 0).1, "{caller}");
        }
        let (claims, _) = reserve(&store, "d", 1);
        assert!(!reserve(&store, "e", 2).1, "c and d have used up what they share");
        assert!(reserve(&store, "a", 3).1, "who was there has a row");
        store.settle_now(&claims, 600_000_000, 0);
        assert!(reserve(&store, "e", 4).1, "what is free again is there for all of them");
        assert!(store.lock().by_id.len() <= 3);
        let mut asked = [claim("f", at(4))];
        store.look_now(&mut asked);
        assert_eq!(asked[0].used(), 1_200_000_000, "who is new is told what the others share");
        assert!(reserve(&store, "e", HOUR).1);
        assert_eq!(store.lock().by_id.len(), 1, "all the others were past");
    }

    #[test]
    fn a_late_settlement_does_not_count_in_the_next_window() {
        let store = MemoryStore::new();
        let (early, _) = reserve(&store, "a", HOUR - 1);
        let (late, _) = reserve(&store, "a", HOUR);
        store.settle_now(&early, 600_000_000, 999_999_999);
        let row = |store: &MemoryStore| store.lock().by_id.values().map(|row| (row.spent, row.reserved)).next();
        assert_eq!(row(&store), Some((0, 600_000_000)));
        store.settle_now(&late, 600_000_000, 5);
        assert_eq!(row(&store), Some((5, 0)));
    }

    #[test]
    fn a_clock_that_steps_back_counts_in_the_later_window_and_leaves_nothing() {
        let store = MemoryStore::new();
        reserve(&store, "a", HOUR);
        let (behind, is_taken) = reserve(&store, "a", HOUR - 1);
        assert!(is_taken);
        assert!(!reserve(&store, "a", HOUR).1);
        store.settle_now(&behind, 600_000_000, 0);
        assert!(reserve(&store, "a", HOUR).1);
    }
}

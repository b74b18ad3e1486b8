use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Away, Reason};

/// What waits beyond this is lost, the oldest first.
const MOST: usize = 10_000;
/// So many go with one call: little beside the way to the server and back.
const BATCH: usize = 64;

/// What is still to be told to the server, and goes with the next call of the same process.
///
/// At most 10,000 wait, and at most 64 go with one call.
pub struct Outbox<T> {
    waiting: Mutex<VecDeque<T>>,
}

/// Something that a server is told.
pub trait Again: Sized {
    /// What of it is to be told once more when nobody knows whether it has arrived. Nothing where it must not be told
    /// twice: it is lost then.
    fn again(self) -> Option<Self>;

    /// So many were not told, or in part only: there was no room, the server refused them, or they must not be told
    /// again.
    fn lost(number: usize);
}

impl<T: Again> Outbox<T> {
    /// Puts something behind what waits.
    pub fn add(&self, told: impl IntoIterator<Item = T>) {
        let mut waiting = self.lock();
        waiting.extend(told);
        let beyond = cut(&mut waiting);
        drop(waiting);
        lost::<T>(beyond);
    }

    /// The calls that it takes to send what waits now.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.lock().len().div_ceil(BATCH)
    }

    /// Takes the oldest, to go with a call, and beside them what is to be told if nobody knows whether the call itself
    /// has arrived: that a reservation is given back, say.
    pub fn send(&self, if_unsure: Vec<T>) -> Sent<'_, T> {
        let mut waiting = self.lock();
        let number = waiting.len().min(BATCH);
        let batch = waiting.drain(..number).collect();
        Sent { outbox: self, batch, if_unsure }
    }

    /// Puts back what never left.
    fn put_back(&self, batch: Vec<T>) {
        let mut waiting = self.lock();
        batch.into_iter().rev().for_each(|told| waiting.push_front(told));
        let beyond = cut(&mut waiting);
        drop(waiting);
        lost::<T>(beyond);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cut<T>(waiting: &mut VecDeque<T>) -> usize {
    let beyond = waiting.len().saturating_sub(MOST);
    waiting.drain(..beyond);
    beyond
}

fn lost<T: Again>(number: usize) {
    if number > 0 {
        T::lost(number);
    }
}

/// What is on its way with a call. Dropped without a word of the server, it may have arrived or not: what may be told
/// [again](Again::again) is.
#[must_use]
pub struct Sent<'a, T: Again> {
    outbox: &'a Outbox<T>,
    batch: Vec<T>,
    if_unsure: Vec<T>,
}

impl<T: Again> Sent<'_, T> {
    /// What the server is told.
    #[must_use]
    pub fn batch(&self) -> &[T] {
        &self.batch
    }

    /// The call has come to its end. What has arrived is given back.
    ///
    /// What the server refuses is lost: it would refuse it again, and all calls with it.
    pub fn settle<A>(mut self, answered: &Result<A, Away>) -> Vec<T> {
        let batch = std::mem::take(&mut self.batch);
        match answered.as_ref().map_err(Away::reason) {
            Ok(_) => {
                self.if_unsure.clear();
                batch
            }
            Err(Reason::CoolingDown) => {
                self.if_unsure.clear();
                self.outbox.put_back(batch);
                Vec::new()
            }
            Err(Reason::Refused) => {
                self.if_unsure.clear();
                lost::<T>(batch.len());
                Vec::new()
            }
            Err(_) => {
                self.batch = batch;
                Vec::new()
            }
        }
    }
}

impl<T: Again> Drop for Sent<'_, T> {
    fn drop(&mut self) {
        let told = self.batch.len() + self.if_unsure.len();
        if told == 0 {
            return;
        }
        let again: Vec<T> = self.batch.drain(..).chain(self.if_unsure.drain(..)).filter_map(T::again).collect();
        lost::<T>(told - again.len());
        self.outbox.add(again);
    }
}

impl<T> Default for Outbox<T> {
    fn default() -> Self {
        Self { waiting: Mutex::default() }
    }
}

impl<T> fmt::Debug for Outbox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

impl<T: Again> fmt::Debug for Sent<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent").field("batch", &self.batch.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static LOST: Cell<usize> = const { Cell::new(0) };
    }

    /// Odd ones must not be told twice.
    struct Told(u32);

    impl Again for Told {
        fn again(self) -> Option<Self> {
            self.0.is_multiple_of(2).then_some(self)
        }

        fn lost(number: usize) {
            LOST.set(LOST.get() + number);
        }
    }

    fn outbox(told: impl IntoIterator<Item = u32>) -> Outbox<Told> {
        LOST.set(0);
        let outbox = Outbox::default();
        outbox.add(told.into_iter().map(Told));
        outbox
    }

    fn waiting(outbox: &Outbox<Told>) -> Vec<u32> {
        outbox.lock().iter().map(|told| told.0).collect()
    }

    #[test]
    fn what_becomes_of_a_call_decides_what_is_told_again() {
        let away = |reason| Err(Away::new(reason));
        for (answered, left, arrived, lost) in [
            (Ok(()), vec![], vec![1, 2], 0),
            (away(Reason::CoolingDown), vec![1, 2], vec![], 0),
            (away(Reason::TimedOut), vec![2, 4], vec![], 1),
            (away(Reason::Unreachable), vec![2, 4], vec![], 1),
            (away(Reason::Unavailable), vec![2, 4], vec![], 1),
            (away(Reason::Refused), vec![], vec![], 2),
        ] {
            let outbox = outbox([1, 2]);
            let sent = outbox.send(vec![Told(4)]);
            assert_eq!((sent.batch().len(), outbox.calls()), (2, 0));
            let told: Vec<_> = sent.settle(&answered).into_iter().map(|told| told.0).collect();
            assert_eq!((waiting(&outbox), told, LOST.get()), (left, arrived, lost), "{answered:?}");
        }
        let outbox = outbox([1, 2]);
        drop(outbox.send(vec![Told(4)]));
        assert_eq!((waiting(&outbox), LOST.get()), (vec![2, 4], 1), "nobody waited for the answer");
    }

    #[test]
    fn what_never_left_stands_before_what_came_since() {
        let outbox = outbox([1, 2]);
        let sent = outbox.send(Vec::new());
        outbox.add([Told(3)]);
        sent.settle::<()>(&Err(Away::new(Reason::CoolingDown)));
        assert_eq!(waiting(&outbox), [1, 2, 3]);
    }

    #[test]
    fn it_is_bounded_and_the_oldest_go() {
        let outbox = outbox(0..MOST as u32 + 50);
        assert_eq!((waiting(&outbox).len(), waiting(&outbox)[0], LOST.get()), (MOST, 50, 50));
        let sent = outbox.send(Vec::new());
        assert_eq!((sent.batch().len(), outbox.calls()), (BATCH, (MOST - BATCH).div_ceil(BATCH)));
        outbox.add((0..BATCH as u32).map(Told));
        sent.settle::<()>(&Err(Away::new(Reason::CoolingDown)));
        assert_eq!((waiting(&outbox).len(), LOST.get()), (MOST, 50 + BATCH), "also when something comes back");
    }
}

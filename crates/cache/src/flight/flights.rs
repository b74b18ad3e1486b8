//! The flights that can be boarded, by key.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::{
    Bounds, Calling, Landing, Seat,
    passenger::Passenger,
    shared::{FailUnlessDone, Flight},
    source::Source,
};
use crate::Key;

/// The flights that are under way.
#[derive(Default)]
pub(crate) struct Flights {
    board: Arc<Board>,
}

/// Each flight is here from its beginning until nobody can join any more, or nobody is left.
///
/// This lock is taken before that of a flight's state, never while that is held.
#[derive(Default)]
pub(super) struct Board(Mutex<HashMap<Key, Weak<Flight>, foldhash::fast::RandomState>>);

impl Flights {
    /// Takes a place in the flight of this key, which begins with this call if there is none.
    ///
    /// `begin` is called at once, and by who begins alone; the call that it gives is polled by whoever waits for it.
    pub(crate) fn board(&self, key: Key, bounds: Bounds, begin: impl FnOnce() -> (Calling, Landing)) -> Seat {
        let (passenger, is_first) = self.passenger(key, bounds);
        if is_first {
            // Others may have boarded already: they wait for what comes now.
            let unless_done = FailUnlessDone(Some(passenger.flight()));
            let (calling, landing) = begin();
            unless_done.done();
            passenger.flight().begin(Source::new(calling, landing, bounds));
        }
        Seat { is_first, passenger }
    }

    /// Somebody on the flight of this key, and whether it is a new one.
    fn passenger(&self, key: Key, bounds: Bounds) -> (Passenger, bool) {
        let mut flights = self.board.lock();
        if let Some(passenger) = flights.get(&key).and_then(Weak::upgrade).and_then(Passenger::board) {
            return (passenger, false);
        }
        let passenger = Passenger::begin(key, bounds, Arc::clone(&self.board));
        flights.insert(key, Arc::downgrade(passenger.flight()));
        (passenger, true)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.board.lock().len()
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<Flight>, foldhash::fast::RandomState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a flight, unless another one has taken its place.
    pub(super) fn remove(&self, flight: &Arc<Flight>) {
        if let Entry::Occupied(entry) = self.lock().entry(flight.key)
            && std::ptr::eq(entry.get().as_ptr(), Arc::as_ptr(flight))
        {
            entry.remove();
        }
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}

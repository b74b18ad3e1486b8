use std::{
    sync::Arc,
    task::{Context, Poll},
};

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::{json::Object, sse::Event};

use super::{
    Bounds,
    flights::Board,
    shared::Flight,
    source::Broke,
    state::{Found, Given},
};
use crate::{Key, shape::Shape};

/// Somebody on board. Dropping it leaves, and the last who leaves ends the flight.
pub(super) struct Passenger {
    flight: Arc<Flight>,
    seat: usize,
    /// The number of the event that is read next. `None` for who reads none.
    at: Option<u64>,
}

/// What a follower is given.
pub(super) enum Passed {
    Event(Event),
    /// The last event: the follower was too slow.
    TooSlow(Event),
    Broke(Broke),
    Complete,
}

impl Passenger {
    /// Begins a flight.
    pub(super) fn begin(key: Key, bounds: Bounds, board: Arc<Board>) -> Self {
        let (flight, seat, at) = Flight::new(key, bounds, board);
        Self { flight: Arc::new(flight), seat, at: Some(at) }
    }

    /// Boards a flight, if that is possible yet.
    pub(super) fn board(flight: Arc<Flight>) -> Option<Self> {
        let (seat, at) = flight.lock().board()?;
        Some(Self { flight, seat, at: Some(at) })
    }

    pub(super) fn flight(&self) -> &Arc<Flight> {
        &self.flight
    }

    pub(super) fn poll_head(&self, cx: &mut Context<'_>) -> Poll<Given> {
        self.flight.poll(self.seat, cx, |state| state.head(self.seat))
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Passed> {
        let Some(at) = &mut self.at else { return Poll::Ready(Passed::Complete) };
        let found = self.flight.poll(self.seat, cx, |state| state.read(at));
        found.map(|found| match found {
            Found::Event(event) => Passed::Event(event),
            Found::Lost => Passed::TooSlow(too_slow(self.flight.bounds.shape, *at)),
            Found::Complete => Passed::Complete,
            Found::Broke(why) => Passed::Broke(why),
        })
    }

    /// Reads no more events, and so holds none up.
    pub(super) fn skip_events(&mut self) {
        if let Some(at) = self.at.take() {
            self.flight.lock().skip(at);
        }
    }

    pub(super) fn poll_whole(&self, cx: &mut Context<'_>) -> Poll<Option<Object>> {
        self.flight.poll(self.seat, cx, |state| state.whole())
    }
}

impl Drop for Passenger {
    fn drop(&mut self) {
        // What is taken along is dropped when the lock is not held any more: there may be seats in it.
        let (_waker, rest) = self.flight.lock().leave(self.seat, self.at);
        if rest.is_some() {
            self.flight.leave_board();
        }
    }
}

/// Behind so many events.
fn too_slow(shape: Shape, events: u64) -> Event {
    let operation = match shape {
        Shape::Chat => Operation::ChatCompletion,
        Shape::Text => Operation::Completion,
        Shape::Message => Operation::Message,
        Shape::Response => Operation::Response,
    };
    Failure::bad_gateway("The answer was read too slowly: others read it as well, and it is not kept for so long.")
        .with_code("cache_follower_too_slow")
        .to_event_after(operation, events)
}

//! Equal calls at the same time: one of them goes, and all are answered.
//!
//! A flight has no owner. Whoever is polled and has read all that there is asks for more, for everybody: so a caller
//! who hangs up is replaced without a word, and one who is slow makes nobody wait. There is no task and no channel.
//!
//! | module | |
//! | --- | --- |
//! | `flights` | the flights that can be joined, by key |
//! | `passenger` | somebody on board |
//! | `shared` | the flight: one lock, and the source, which is polled outside of it by one at a time |
//! | `state` | what is done under the lock |
//! | `log` | the events that have passed, and how far each reader is |
//! | `source` | the call and the body that it brings; the recording and the landing |
//! | `arrive` | what comes of the call: whether it can be shared |
//!
//! An event costs each who reads it a lock and a copy that shares the text. With 100 to 1,000 who follow that was 0.4
//! to 0.6 µs for each of them, and 2.4 µs with one alone, recording included (November 2026, two busy cores, events of
//! 220 bytes). The chunk that the recorder has read is copied along: that is 0.2 µs, to read it once more is 0.5 µs,
//! and whoever hides the usage from a client reads each.

mod arrive;
mod flights;
mod log;
mod passenger;
mod shared;
mod source;
mod state;
#[cfg(test)]
mod tests;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use http::{Response, response::Parts};
use llm_layers_core::{Body, BoxError};
use llm_layers_wire::{
    json::Object,
    sse::{self, Event},
};

pub(crate) use self::flights::Flights;
use self::{
    passenger::{Passed, Passenger},
    state::Given,
};
use crate::shape::Shape;

/// The call that a flight makes: `None` where it has ended in an error that only its beginner is told.
pub(crate) type Calling = Pin<Box<dyn Future<Output = Option<Response<Body>>> + Send>>;

/// What is done with a whole answer that succeeded, once, when the last of it is there and before anybody is told so.
/// The head is as it came: that of a stream, where it was one.
pub(crate) type Landing = Box<dyn FnOnce(Response<Object>) + Send>;

/// How a flight reads what it brings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) shape: Shape,
    /// What is kept of an answer for those who come late, in bytes; who comes later still, or is further behind, is not
    /// taken along. Of a stream it is what its events take in memory, several times their text.
    pub(crate) max_bytes: usize,
    pub(crate) sse_limits: sse::Limits,
}

/// A place in a flight. Dropping it leaves the flight to the others; the last who leaves ends it.
pub(crate) struct Seat {
    /// Whether this is who began it.
    pub(crate) is_first: bool,
    passenger: Passenger,
}

/// What a passenger is given.
pub(crate) enum Landed {
    /// An answer that is a JSON object, an error perhaps, and all there.
    Whole(Response<Object>),
    /// A stream, from its first event.
    Stream(Response<Follower>),
    /// An answer that cannot be shared: for who began the flight, or if they have left for the first who asks.
    Alone(Response<Body>),
    /// There is none for this passenger.
    Nothing,
}

/// A stream of the events of a flight.
///
/// It ends in an event that tells of an error where its reader is too slow, and in an error where the source breaks
/// off.
pub(crate) struct Follower {
    passenger: Passenger,
    is_over: bool,
}

impl Seat {
    /// Waits for the head of the answer, and for all of it where it is no stream.
    pub(crate) async fn landed(self) -> Landed {
        let Self { passenger, .. } = self;
        match poll_fn(|cx| passenger.poll_head(cx)).await {
            Given::Whole(response) => Landed::Whole(Arc::unwrap_or_clone(response)),
            Given::Stream(head) => {
                let follower = Follower { passenger, is_over: false };
                Landed::Stream(Response::from_parts(Parts::clone(&head), follower))
            }
            Given::Alone(response) => Landed::Alone(*response),
            Given::Nothing => Landed::Nothing,
        }
    }
}

impl Follower {
    /// The whole answer, at the end of the stream: for who has not asked for a stream. `None` where it broke off, or
    /// has not come to its proper end.
    pub(crate) async fn whole(mut self) -> Option<Object> {
        self.passenger.skip_events();
        poll_fn(|cx| self.passenger.poll_whole(cx)).await
    }
}

impl Stream for Follower {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let passed = ready!(self.passenger.poll_next(cx));
        self.is_over = !matches!(passed, Passed::Event(_));
        Poll::Ready(match passed {
            Passed::Event(event) | Passed::TooSlow(event) => Some(Ok(event)),
            Passed::Broke(why) => Some(Err(why.into())),
            Passed::Complete => None,
        })
    }
}

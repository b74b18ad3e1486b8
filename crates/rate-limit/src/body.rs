//! Answers whose usage is read as they pass, and at whose end a call is over.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};
use llm_layers_core::{Body, BoxError, End, Events, Failure};
use llm_layers_wire::{
    json::{Limits, Object},
    openai::Chunk,
    sse::{self, Event},
};

use crate::{reservation::Reservation, usage};

/// A longer whole answer is not remembered for its usage: what was reserved stays.
const MAX_REMEMBERED: usize = 4 << 20;

/// A stream of events: each is looked at when it passes.
pub(crate) fn events(body: Body, limits: sse::Limits, reservation: Reservation) -> Body {
    Body::from_events(Metered { inner: body.into_events(limits), reservation })
}

/// A whole answer in JSON: its frames pass at once, and are remembered until the usage can be read.
pub(crate) fn whole(body: Body, mut reservation: Reservation) -> Body {
    if let Some(object) = body.as_object() {
        reservation.see_object(object);
        return until_end(body, reservation);
    }
    Body::new(Remembering { inner: body, reservation, said: Some(Vec::new()), length: 0 })
}

/// An answer of which only the end matters.
pub(crate) fn until_end(body: Body, mut reservation: Reservation) -> Body {
    body.on_end(move |_| reservation.end(End::Complete))
}

struct Metered {
    inner: Events,
    reservation: Reservation,
}

impl Stream for Metered {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let mut event = ready!(Pin::new(&mut self.inner).poll_next(cx));
            match &mut event {
                Some(Ok(event)) => {
                    self.reservation.see_event(event);
                    if Failure::is_told_by(event) || event.chunk().is_some_and(Chunk::is_error) {
                        self.reservation.end(End::Failed);
                    }
                    if self.reservation.hides_usage() && !usage::hide(event) {
                        continue;
                    }
                }
                Some(Err(_)) => self.reservation.end(End::Failed),
                None => self.reservation.end(End::Complete),
            }
            return Poll::Ready(event);
        }
    }
}

struct Remembering {
    inner: Body,
    reservation: Reservation,
    /// The frames so far, which share their bytes with those that went on; gone when they are too many.
    said: Option<Vec<Bytes>>,
    length: usize,
}

impl Remembering {
    fn remember(&mut self, frame: &Frame<Bytes>) {
        let Some(data) = frame.data_ref() else { return };
        // A frame of one byte is not held for one byte.
        self.length = self.length.saturating_add(data.len() + size_of::<Bytes>());
        if self.length > MAX_REMEMBERED {
            self.said = None;
        } else if let Some(said) = &mut self.said {
            said.push(data.clone());
        }
    }

    fn complete(&mut self) {
        let said = self.said.take().unwrap_or_default();
        if let Ok(object) = Object::parse_with(join(said), &Limits::LENIENT) {
            self.reservation.see_object(&object);
        }
        self.reservation.end(End::Complete);
    }
}

fn join(mut frames: Vec<Bytes>) -> Bytes {
    match frames.len() {
        0 | 1 => frames.pop().unwrap_or_default(),
        _ => {
            let mut joined = BytesMut::with_capacity(frames.iter().map(Bytes::len).sum());
            frames.iter().for_each(|frame| joined.extend_from_slice(frame));
            joined.freeze()
        }
    }
}

impl HttpBody for Remembering {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match &frame {
            Some(Ok(data)) => {
                self.remember(data);
                // With a known length the end is never polled for.
                if self.inner.is_end_stream() {
                    self.complete();
                }
            }
            // A whole answer was made before it was sent, whatever became of it on its way.
            Some(Err(_)) => self.reservation.end_as_reserved(),
            None => self.complete(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Remembering {
    fn drop(&mut self) {
        self.reservation.end_as_reserved();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use llm_layers_testkit::{body::TestBody, body_conformance};

    use super::*;
    use crate::{estimate::Tokens, store::MemoryStore};

    fn reservation() -> Reservation {
        Reservation::new(Vec::new(), Arc::new(MemoryStore::new()), Tokens::default(), false)
    }

    fn whole_answer(body: TestBody) -> Body {
        whole(Body::new(body), reservation())
    }

    fn other_answer(body: TestBody) -> Body {
        until_end(Body::new(body), reservation())
    }

    body_conformance!(whole = llm_layers_testkit::body::Conformance::new(whole_answer));
    body_conformance!(other = llm_layers_testkit::body::Conformance::new(other_answer));
}

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Frame, SizeHint};

use super::Events;
use crate::BoxError;

/// Writes events out, as many to a frame as are ready, so that a burst of them costs one write.
pub(super) struct Encoder {
    events: Option<Events>,
    failed: Option<BoxError>,
}

/// Frames grow no larger than this by joining events: enough for a full write, little to hold.
const FULL: usize = 16 << 10;

/// What a frame will hold: the bytes of one event as they are, or several joined.
enum Pending {
    Nothing,
    One(Bytes),
    Joined(BytesMut),
}

impl Encoder {
    pub(super) fn new(events: Events) -> Self {
        Self { events: Some(events), failed: None }
    }

    pub(super) fn into_events(self) -> Events {
        self.events.unwrap_or_else(|| Events::new(Over { failed: self.failed }))
    }

    pub(super) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut pending = Pending::Nothing;
        while let Some(events) = &mut self.events {
            match Pin::new(events).poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => {
                    let full = pending.add(event.to_bytes());
                    if full {
                        break;
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    self.events = None;
                    self.failed = Some(error);
                }
                Poll::Ready(None) => self.events = None,
                Poll::Pending => {
                    return match pending.finish() {
                        Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                        None => Poll::Pending,
                    };
                }
            }
        }
        let frame = pending.finish().map(|bytes| Ok(Frame::data(bytes)));
        Poll::Ready(frame.or_else(|| self.failed.take().map(Err)))
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.events.is_none() && self.failed.is_none()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        if self.events.is_none() { SizeHint::with_exact(0) } else { SizeHint::default() }
    }
}

impl Pending {
    /// Adds an event's bytes; says whether it is time to send.
    fn add(&mut self, bytes: Bytes) -> bool {
        match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => {
                let full = bytes.len() >= FULL;
                *self = Self::One(bytes);
                full
            }
            Self::One(first) => {
                let mut joined = BytesMut::with_capacity((2 * (first.len() + bytes.len())).max(2 << 10));
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&bytes);
                let full = joined.len() >= FULL;
                *self = Self::Joined(joined);
                full
            }
            Self::Joined(mut joined) => {
                joined.extend_from_slice(&bytes);
                let full = joined.len() >= FULL;
                *self = Self::Joined(joined);
                full
            }
        }
    }

    fn finish(self) -> Option<Bytes> {
        let bytes = match self {
            Self::Nothing => return None,
            Self::One(bytes) => bytes,
            Self::Joined(joined) => joined.freeze(),
        };
        (!bytes.is_empty()).then_some(bytes)
    }
}

/// The events of a body that has been read to its end, but for the error that was held behind them.
struct Over {
    failed: Option<BoxError>,
}

impl Stream for Over {
    type Item = Result<llm_layers_wire::sse::Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.failed.take().map(Err))
    }
}

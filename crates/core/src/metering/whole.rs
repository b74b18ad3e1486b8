//! Whole answers in JSON: their frames pass at once, and are remembered until the usage can be read.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use llm_layers_wire::json::{Limits, Object};
use tokio::time::Instant;

use super::{Observe, observe::Watch};
use crate::{Body, BoxError, End};

pub(super) fn metered<O: Observe>(body: Body, max: usize, watch: Watch<O>) -> Body {
    Body::new(Remembering { inner: body, watch, said: Some(Vec::new()), length: 0, max })
}

struct Remembering<O: Observe> {
    inner: Body,
    watch: Watch<O>,
    /// The frames so far, which share their bytes with those that went on; gone when they are too many.
    said: Option<Vec<Bytes>>,
    length: usize,
    max: usize,
}

impl<O: Observe> Unpin for Remembering<O> {}

impl<O: Observe> Remembering<O> {
    fn remember(&mut self, frame: &Frame<Bytes>) {
        let Some(data) = frame.data_ref() else { return };
        self.watch.reading.first_word.get_or_insert_with(Instant::now);
        // A frame of one byte is not held for one byte.
        self.length = self.length.saturating_add(data.len() + size_of::<Bytes>());
        if self.length > self.max {
            self.said = None;
        } else if let Some(said) = &mut self.said {
            said.push(data.clone());
        }
    }

    fn complete(&mut self) {
        if let Some(said) = self.said.take()
            && let Ok(object) = Object::parse_with(join(said), &Limits::LENIENT)
        {
            self.watch.reading.object(&object);
        }
        self.watch.end(End::Complete);
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

impl<O: Observe> HttpBody for Remembering<O> {
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
            Some(Err(_)) => self.watch.end(End::Failed),
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

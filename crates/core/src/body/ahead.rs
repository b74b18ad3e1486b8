use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::{Body, Kind};
use crate::BoxError;

impl Body {
    /// Reads what there is of the body, up to so many bytes and a frame, which stay in it. If that was all,
    /// [`try_clone`](Self::try_clone) gives the body once more.
    ///
    /// When the future is dropped before it is done, what was read stays in the body as well. A body with trailers is
    /// kept as a stream.
    ///
    /// # Errors
    /// It broke off. The body is empty then.
    pub async fn read_ahead(&mut self, max: usize) -> Result<(), BoxError> {
        if self.is_replayable() {
            return Ok(());
        }
        let announced = usize::try_from(self.size_hint().lower()).unwrap_or(usize::MAX).min(max).min(1 << 20);
        let mut reading = Reading { body: self, read: Read::default() };
        while reading.read.len() <= max && !reading.body.is_end_stream() {
            let Some(frame) = poll_fn(|cx| Pin::new(&mut *reading.body).poll_frame(cx)).await else {
                *reading.body = Self::empty();
                break;
            };
            match frame {
                Ok(frame) => match frame.into_data() {
                    Ok(data) => reading.read.push(data, announced),
                    Err(frame) => {
                        reading.read.trailers = frame.into_trailers().ok();
                        *reading.body = Self::empty();
                    }
                },
                Err(error) => {
                    reading.read = Read::default();
                    *reading.body = Self::empty();
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// Puts what was read back into the body, also when it is dropped midway.
struct Reading<'a> {
    body: &'a mut Body,
    read: Read,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let Read { first, joined, trailers } = std::mem::take(&mut self.read);
        let read = if joined.is_empty() { first } else { joined.freeze() };
        if self.body.is_end_stream() && trailers.is_none() {
            *self.body = Body::from(read);
        } else if !read.is_empty() || trailers.is_some() {
            let body = std::mem::take(self.body);
            *self.body = Body { kind: Kind::Stream(Box::pin(ReadAhead { read, trailers, body })) };
        }
    }
}

/// What was read. The first frame is not copied: mostly it is the only one. Many small ones would take many times
/// their length, each by itself.
#[derive(Default)]
struct Read {
    first: Bytes,
    joined: BytesMut,
    trailers: Option<HeaderMap>,
}

impl Read {
    fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    fn push(&mut self, data: Bytes, announced: usize) {
        if self.len() == 0 {
            self.first = data;
            return;
        }
        if self.joined.is_empty() {
            self.joined.reserve(announced.max(self.first.len() + data.len()));
            self.joined.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.joined.extend_from_slice(&data);
    }
}

/// A body whose beginning has been read.
struct ReadAhead {
    read: Bytes,
    trailers: Option<HeaderMap>,
    body: Body,
}

impl HttpBody for ReadAhead {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if !self.read.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.read)))));
        }
        match self.trailers.take() {
            Some(trailers) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            None => Pin::new(&mut self.body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.trailers.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (read, rest) = (self.read.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(read));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint
    }
}

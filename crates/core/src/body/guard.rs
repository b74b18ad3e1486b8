use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};
use llm_layers_wire::sse::Event;

use super::{Body, Events, Kind};
use crate::{BoxError, Failure};

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// All of it was sent.
    Complete,
    /// It broke off with an error, or, a stream of events, ended in one that tells of an error.
    Failed,
    /// It was dropped before its end: whoever read it has gone. Neither a success nor a failure of its source.
    Cancelled,
}

impl Body {
    /// Calls `f` once, when the body has ended, in whatever way.
    ///
    /// Success, usage and latency of a streamed answer are known only then. A body that is over
    /// already calls it at once.
    ///
    /// ```
    /// use std::sync::mpsc::channel;
    /// use llm_layers_core::{Body, End};
    ///
    /// let (ended, end) = channel();
    /// let body = Body::from("never read").on_end(move |how| ended.send(how).expect("a receiver"));
    /// drop(body);
    /// assert_eq!(end.recv()?, End::Cancelled);
    /// # Ok::<(), std::sync::mpsc::RecvError>(())
    /// ```
    #[must_use]
    pub fn on_end(self, f: impl FnOnce(End) + Send + 'static) -> Self {
        if self.is_end_stream() {
            f(End::Complete);
            return self;
        }
        let guard = Guard { f: Some(f) };
        match self.kind {
            // Still a stream of events for the next layer.
            Kind::Events(encoder) => Self::from_events(Guarded { inner: encoder.into_events(), guard }),
            kind => Self { kind: Kind::Stream(Box::pin(Guarded { inner: Self { kind }, guard })) },
        }
    }
}

struct Guard<F: FnOnce(End)> {
    f: Option<F>,
}

impl<F: FnOnce(End)> Guard<F> {
    fn end(&mut self, how: End) {
        if let Some(f) = self.f.take() {
            f(how);
        }
    }
}

impl<F: FnOnce(End)> Drop for Guard<F> {
    fn drop(&mut self) {
        self.end(End::Cancelled);
    }
}

struct Guarded<B, F: FnOnce(End)> {
    inner: B,
    guard: Guard<F>,
}

impl<B, F: FnOnce(End)> Unpin for Guarded<B, F> {}

impl<F: FnOnce(End)> HttpBody for Guarded<Body, F> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match &frame {
            // With a known length the end is never polled for.
            Some(Ok(_)) if self.inner.is_end_stream() => self.guard.end(End::Complete),
            Some(Ok(_)) => {}
            Some(Err(_)) => self.guard.end(End::Failed),
            None => self.guard.end(End::Complete),
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

impl<F: FnOnce(End)> Stream for Guarded<Events, F> {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = ready!(Pin::new(&mut self.inner).poll_next(cx));
        match &event {
            // The last word of a stream that has failed.
            Some(Ok(event)) if Failure::is_told_by(event) => self.guard.end(End::Failed),
            Some(Ok(_)) => {}
            Some(Err(_)) => self.guard.end(End::Failed),
            None => self.guard.end(End::Complete),
        }
        Poll::Ready(event)
    }
}

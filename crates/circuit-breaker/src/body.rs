use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};
use llm_layers_core::{Body, BoxError, End, Events, Failure, FailureKind, opening::Said, retry_after};
use llm_layers_wire::sse::{Decoder, Event, Limits};
use tokio::time::Instant;

use crate::{Classify, Permit, Verdict, future::is_overrun};

/// Watches a body for how the call ends, and for when a stream says its first word.
pub(crate) fn watch(body: Body, permit: Permit, classify: Arc<dyn Classify>, kind: Kind) -> Body {
    let is_timed = permit.is_timed();
    let mut watcher = Watcher { permit: Some(permit), classify, awaits: kind == Kind::Stream, is_timed, given: None };
    if kind != Kind::Plain && body.is_events() {
        return Body::from_events(Watched { inner: body.into_events(Limits::DEFAULT), watcher, decoder: None });
    }
    if body.is_end_stream() || (kind == Kind::Plain && body.is_in_memory()) {
        // Nothing that is left to come can fail.
        watcher.end(End::Complete);
        return body;
    }
    let decoder = (kind != Kind::Plain).then(Decoder::default);
    Body::new(Watched { inner: body, watcher, decoder })
}

/// What is to be seen in a body besides its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    /// A stream of events, of which an error may be the last.
    Begun,
    /// A stream of events whose first word is waited for, too.
    Stream,
}

struct Watcher {
    /// Gone once the call is judged.
    permit: Option<Permit>,
    classify: Arc<dyn Classify>,
    /// The first word is still to come.
    awaits: bool,
    is_timed: bool,
    /// When the last of it was given to the client, who has not asked for more since.
    given: Option<Instant>,
}

impl Watcher {
    /// The client asks for more.
    fn asked(&mut self) {
        if let (Some(given), Some(permit)) = (self.given.take(), &mut self.permit) {
            permit.forgive(given.elapsed());
        }
    }

    /// The client gets something.
    fn gave(&mut self) {
        if self.is_timed && self.permit.is_some() {
            self.given = Some(Instant::now());
        }
    }

    fn see(&mut self, event: &Event) {
        if Failure::is_told_by(event) {
            self.fail(event);
        } else if is_last(event) {
            // Many clients hang up once they have seen it.
            self.end(End::Complete);
        } else if self.awaits && Said::of(event) == Said::Something {
            self.awaits = false;
            if let Some(permit) = &mut self.permit {
                permit.begin();
            }
        }
    }

    /// The stream tells of an error.
    fn fail(&mut self, event: &Event) {
        let Some(permit) = self.permit.take() else { return };
        let kind = match Said::of(event) {
            Said::Failed(error) => FailureKind::of_error(&error).unwrap_or(FailureKind::Upstream),
            _ => FailureKind::Upstream,
        };
        let wait = || retry_after::from_error(&event.data_bytes()?);
        permit.judge_with(self.classify.error(kind), is_overrun(kind).then(wait).flatten());
    }

    fn end(&mut self, how: End) {
        let Some(permit) = self.permit.take() else { return };
        match (self.classify.end(how), how) {
            // The permit, dropped, tells that nobody has waited for the end.
            (Verdict::Ignore, End::Cancelled) => {}
            (verdict, _) => permit.judge(verdict),
        }
    }
}

/// Whether an event says that all has been said, in any of the three shapes.
fn is_last(event: &Event) -> bool {
    event.data() == Some(b"[DONE]")
        || matches!(event.name(), Some(b"message_stop" | b"response.completed" | b"response.incomplete"))
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.end(End::Cancelled);
    }
}

struct Watched<B> {
    inner: B,
    watcher: Watcher,
    /// Reads along where nobody has decoded the stream; what it makes of it goes nowhere else.
    decoder: Option<Decoder>,
}

impl Watched<Body> {
    fn read_along(&mut self, bytes: &Bytes) {
        let Some(decoder) = &mut self.decoder else { return };
        decoder.push(bytes.clone());
        loop {
            match decoder.next() {
                Ok(Some(event)) => self.watcher.see(&event),
                Ok(None) => break,
                // Somebody sends what is no stream of events. That is not for this layer to judge.
                Err(_) => return self.decoder = None,
            }
        }
        if self.watcher.permit.is_none() {
            self.decoder = None;
        }
    }

    fn read_last(&mut self) {
        if let Some(Ok(Some(event))) = self.decoder.take().map(|mut decoder| decoder.finish()) {
            self.watcher.see(&event);
        }
    }
}

impl HttpBody for Watched<Body> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.watcher.asked();
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.read_along(data);
                }
                // With a known length the end is never polled for.
                if self.inner.is_end_stream() {
                    self.read_last();
                    self.watcher.end(End::Complete);
                }
            }
            Some(Err(_)) => self.watcher.end(End::Failed),
            None => {
                self.read_last();
                self.watcher.end(End::Complete);
            }
        }
        self.watcher.gave();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Stream for Watched<Events> {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.watcher.asked();
        let event = ready!(Pin::new(&mut self.inner).poll_next(cx));
        match &event {
            Some(Ok(event)) => self.watcher.see(event),
            Some(Err(_)) => self.watcher.end(End::Failed),
            None => self.watcher.end(End::Complete),
        }
        self.watcher.gave();
        Poll::Ready(event)
    }
}

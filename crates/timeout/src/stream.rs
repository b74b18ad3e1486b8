use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use llm_layers_core::{BoxError, Events, Failure, Operation, opening::Said};
use llm_layers_wire::sse::Event;

use crate::{Limit, call::Call, engine};

/// A stream of events that ends in an error when a limit runs out.
#[derive(Debug)]
pub(crate) struct TimedEvents {
    /// Gone once the stream is over.
    events: Option<Events>,
    call: Call,
    operation: Operation,
    /// Events with data so far: the Responses API numbers them.
    count: u64,
    /// The answer has said that it is over: what is still missing is the end of the connection.
    is_complete: bool,
}

impl TimedEvents {
    pub(crate) const fn new(events: Events, call: Call, operation: Operation) -> Self {
        Self { events: Some(events), call, operation, count: 0, is_complete: false }
    }

    fn hear(&mut self, event: &Event) {
        let watch = &mut self.call.watch;
        let Some(data) = event.data().filter(|data| !is_ping(event, data)) else { return watch.came() };
        self.count += 1;
        self.is_complete |= ends(event);
        watch.piece();
        let meter = watch.meter();
        if meter.is_listening() && !matches!(Said::of(event), Said::Nothing) {
            meter.said();
        }
        if let Some(window) = meter.speed() {
            window.add(engine::estimate(data));
        }
    }

    /// Lets the provider go, and says why.
    fn expire(&mut self, limit: Limit) -> Option<Result<Event, BoxError>> {
        self.events = None;
        if self.is_complete {
            return None;
        }
        let failure = self.call.expired(limit).failure();
        Some(Ok(failure.to_event_after(self.operation, self.count)))
    }
}

impl Stream for TimedEvents {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(events) = &mut this.events else { return Poll::Ready(None) };
        if let Some(limit) = this.call.watch.overdue() {
            return Poll::Ready(this.expire(limit));
        }
        match Pin::new(events).poll_next(cx) {
            Poll::Ready(Some(Ok(event))) => {
                this.hear(&event);
                Poll::Ready(Some(Ok(event)))
            }
            Poll::Ready(end) => {
                this.events = None;
                Poll::Ready(end)
            }
            Poll::Pending => this.call.watch.poll_expired(cx).map(|limit| this.expire(limit)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // One event may be put behind them.
        let (low, _) = self.events.as_ref().map_or((0, None), Stream::size_hint);
        (low, None)
    }
}

/// Whether an event does no more than keep the connection open.
fn is_ping(event: &Event, data: &[u8]) -> bool {
    event.name() == Some(b"ping") || data.starts_with(br#"{"type":"ping""#) || data.starts_with(br#"{"type": "ping""#)
}

/// Whether nothing of the answer follows an event.
fn ends(event: &Event) -> bool {
    event.is_done()
        || matches!(event.name(), Some(b"message_stop" | b"response.completed" | b"response.incomplete"))
        || Failure::is_told_by(event)
}

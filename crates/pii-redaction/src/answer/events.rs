use std::{
    collections::VecDeque,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use llm_layers_core::{BoxError, Events};
use llm_layers_wire::sse::Event;

use super::channels::Channels;
use crate::places;

/// A stream of events in which values are put back, and what the model should not have said is taken out.
pub(super) struct Restored {
    /// Gone once the stream is over.
    events: Option<Events>,
    places: places::Stream,
    channels: Channels,
    /// On their way out.
    ready: VecDeque<Event>,
    /// Reused from event to event.
    made: Vec<Event>,
    /// The stream broke off so, which is told after what was held back.
    error: Option<BoxError>,
    /// That of the next event: the Responses API numbers them.
    number: u64,
}

impl Restored {
    pub(super) fn new(events: Events, channels: Channels) -> Self {
        let places = places::Stream::new(channels.shape());
        Self {
            events: Some(events),
            places,
            channels,
            ready: VecDeque::new(),
            made: Vec::new(),
            error: None,
            number: 0,
        }
    }

    /// Takes over what an event has become, unless the stream must not go on.
    fn take(&mut self) {
        if let Some(failure) = self.channels.blocked() {
            // The model said so in the last of them, or in what was held back.
            self.made.clear();
            self.events = None;
            self.error = None;
            self.ready.push_back(failure.to_event_after(self.channels.shape(), self.number));
            return;
        }
        self.number = self.places.next_number();
        self.ready.extend(self.made.drain(..));
    }

    fn hear(&mut self, event: Event) {
        self.places.event(event, &mut self.channels, &mut self.made);
        self.take();
    }

    /// The stream is over: what is still held back goes out.
    fn end(&mut self, error: Option<BoxError>) {
        self.events = None;
        self.error = error;
        self.places.finish(&mut self.channels, &mut self.made);
        self.take();
        self.channels.tell();
    }
}

impl Stream for Restored {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Some(events) = &mut this.events else {
                return Poll::Ready(mem::take(&mut this.error).map(Err));
            };
            match ready!(Pin::new(events).poll_next(cx)) {
                Some(Ok(event)) => this.hear(event),
                Some(Err(error)) => this.end(Some(error)),
                None => this.end(None),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Events may be held back, and others put in.
        (self.ready.len(), None)
    }
}

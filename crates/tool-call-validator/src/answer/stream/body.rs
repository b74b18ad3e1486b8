use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use llm_layers_core::{BoxError, Events, Operation};
use llm_layers_wire::sse::Event;

use super::{Again, Flow, Shape};
use crate::call::Asking;

/// A stream of events in which no call goes on that is not right.
pub(crate) struct Checked {
    /// Gone once the stream is over, or the model is being asked again.
    events: Option<Events>,
    shape: Box<dyn Shape>,
    /// Asks the model again.
    asking: Box<dyn Asking>,
    operation: Operation,
    ready: VecDeque<Event>,
    made: Vec<Event>,
    error: Option<BoxError>,
}

impl Checked {
    pub(crate) fn new(events: Events, shape: Box<dyn Shape>, asking: Box<dyn Asking>, operation: Operation) -> Self {
        let (ready, made) = (VecDeque::new(), Vec::new());
        Self { events: Some(events), shape, asking, operation, ready, made, error: None }
    }

    fn take(&mut self, flow: Flow) {
        self.ready.extend(self.made.drain(..));
        match flow {
            Flow::On => {}
            Flow::Ask(again) => {
                let _: &Again = &again;
                self.events = None;
            }
            Flow::Stop(failure) => {
                self.events = None;
                self.error = None;
                self.ready.push_back(failure.to_event_after(self.operation, self.shape.next_number()));
            }
        }
    }
}

impl Stream for Checked {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Some(events) = &mut this.events else { return Poll::Ready(this.error.take().map(Err)) };
            let flow = match ready!(Pin::new(events).poll_next(cx)) {
                Some(Ok(event)) => this.shape.event(event, &mut this.made),
                Some(Err(error)) => {
                    this.error = Some(error);
                    this.events = None;
                    this.shape.finish(&mut this.made)
                }
                None => {
                    this.events = None;
                    this.shape.finish(&mut this.made)
                }
            };
            this.take(flow);
        }
    }
}

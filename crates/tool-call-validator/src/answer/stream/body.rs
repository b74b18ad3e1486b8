use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use http::Response;
use llm_layers_core::{Body, BoxError, Events, Failure};
use llm_layers_wire::sse::Event;

use super::{Again, Flow, Shape, shape};
use crate::{
    call::{self, Asked, Asking, Watch},
    reask,
};

/// A stream of events in which no call goes on that is not right.
pub(crate) struct Checked {
    source: Source,
    shape: Box<dyn Shape>,
    watch: Watch,
    /// Asks the model again, where that is allowed.
    asking: Option<Box<dyn Asking>>,
    /// What the answers have used that were not good enough.
    spent: Option<Bytes>,
    /// On their way out.
    ready: VecDeque<Event>,
    /// Reused from event to event.
    made: Vec<Event>,
    /// The stream broke off so, which is told after what is on its way.
    error: Option<BoxError>,
}

/// Where the next event comes from.
enum Source {
    Events(Events),
    /// The model is to be asked again. What is left of its answer is let come to its end: cut off, it would look as if
    /// the client had gone.
    Ending(Events, Box<Again>),
    /// The model is being asked again.
    Asking(Asked),
    Over,
}

impl Checked {
    pub(crate) fn new(events: Events, shape: Box<dyn Shape>, watch: Watch, asking: Option<Box<dyn Asking>>) -> Self {
        let (source, ready, made) = (Source::Events(events), VecDeque::new(), Vec::new());
        Self { source, shape, watch, asking, spent: None, ready, made, error: None }
    }

    /// Takes over what an event has become.
    fn take(&mut self, flow: Flow) {
        self.ready.extend(self.made.drain(..));
        match flow {
            Flow::On => {}
            Flow::Ask(again) => {
                self.watch.judged(false);
                match std::mem::replace(&mut self.source, Source::Over) {
                    Source::Events(events) => self.source = Source::Ending(events, again),
                    _ => self.ask(&again),
                }
            }
            Flow::Stop(failure) => {
                self.stop(&failure);
                self.end();
            }
        }
    }

    /// The last word is this error.
    fn stop(&mut self, failure: &Failure) {
        let operation = self.watch.contract.operation;
        self.ready.push_back(failure.to_event_after(operation, self.shape.next_number()));
    }

    fn ask(&mut self, again: &Again) {
        match self.asking.as_mut().and_then(|asking| asking.ask(&again.turn, &again.judgement)) {
            Some(asked) => {
                self.source = Source::Asking(asked);
                self.spent = reask::sum_known(self.spent.take(), again.usage.clone());
            }
            None => self.go_on_without(),
        }
    }

    /// There is no other answer.
    fn go_on_without(&mut self) {
        self.source = Source::Over;
        if self.asking.is_some() {
            self.watch.not_answered();
        }
        let flow = self.shape.otherwise(&mut self.made);
        self.ready.extend(self.made.drain(..));
        if let Flow::Stop(failure) = flow {
            self.stop(&failure);
        }
        self.tell();
    }

    /// The answer to the question asked again.
    fn answered(&mut self, response: Option<Response<Body>>) {
        let (contract, settings) = (&self.watch.contract, &self.watch.settings);
        let next = response.filter(call::is_stream).and_then(|response| {
            let shape = shape(contract, settings, self.watch.reasks + 1, self.spent.clone())?;
            Some((response, shape))
        });
        let Some((response, shape)) = next else { return self.go_on_without() };
        self.watch.answered_by(response.extensions());
        self.watch.reasks += 1;
        self.shape = shape;
        self.source = Source::Events(response.into_body().into_events(self.watch.settings.sse_limits));
    }

    /// Nothing else will come, but for what is on its way. The stream has been judged to its end.
    fn end(&mut self) {
        self.source = Source::Over;
        let invalid = self.tell();
        self.watch.judged(invalid == 0);
    }

    /// Tells what the stream was like, and gives how many calls were invalid.
    fn tell(&mut self) -> usize {
        let outcome = self.shape.outcome();
        let invalid = outcome.invalid;
        self.watch.tell(outcome);
        invalid
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
            match &mut this.source {
                Source::Events(events) => match ready!(Pin::new(events).poll_next(cx)) {
                    Some(Ok(event)) => {
                        let flow = this.shape.event(event, &mut this.made);
                        this.take(flow);
                    }
                    Some(Err(error)) => {
                        this.error = Some(error);
                        this.shape.broken(&mut this.made);
                        this.take(Flow::On);
                        this.source = Source::Over;
                        this.tell();
                    }
                    None => {
                        this.source = Source::Over;
                        let flow = this.shape.finish(&mut this.made);
                        let is_over = matches!(flow, Flow::On);
                        this.take(flow);
                        if is_over {
                            this.end();
                        }
                    }
                },
                Source::Ending(events, _) => {
                    if ready!(Pin::new(events).poll_next(cx)).is_some_and(|event| event.is_ok()) {
                        continue;
                    }
                    if let Source::Ending(_, again) = std::mem::replace(&mut this.source, Source::Over) {
                        this.ask(&again);
                    }
                }
                Source::Asking(asked) => {
                    let response = ready!(asked.as_mut().poll(cx));
                    this.answered(response);
                }
                Source::Over => return Poll::Ready(this.error.take().map(Err)),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Events are held, and others put in.
        (self.ready.len(), None)
    }
}

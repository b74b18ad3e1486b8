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
use memchr::memchr2;

use super::{
    Again, Flow, Shape,
    rest::{Rest, is_the_end},
    shape,
};
use crate::{
    call::{self, Asked, Asking, Watch},
    errors, reask,
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
    /// An answer that has been judged is let come to its end; then the model is asked again, if this says so.
    Ending(Rest, Option<Box<Again>>),
    /// The model is being asked again.
    Asking(Asked),
    Over,
}

impl Checked {
    pub(crate) fn new(events: Events, shape: Box<dyn Shape>, watch: Watch, asking: Option<Box<dyn Asking>>) -> Self {
        let (source, ready, made) = (Source::Events(events), VecDeque::new(), Vec::new());
        Self { source, shape, watch, asking, spent: None, ready, made, error: None }
    }

    /// Takes over what an event has become. `is_the_end` tells whether the model has said all.
    fn take(&mut self, flow: Flow, is_the_end: impl FnOnce() -> bool) {
        self.ready.extend(self.made.drain(..));
        match flow {
            Flow::On => {}
            Flow::Ask(again) => {
                self.watch.judged(false);
                match std::mem::replace(&mut self.source, Source::Over) {
                    Source::Events(events) => self.source = Source::Ending(Rest::new(events), Some(again)),
                    _ => self.ask(&again),
                }
            }
            Flow::Stop(failure) => {
                self.stop(&failure);
                let source = std::mem::replace(&mut self.source, Source::Over);
                self.end();
                // In the middle it is cut off, so that nothing more is paid for.
                if let Source::Events(events) = source
                    && is_the_end()
                {
                    self.source = Source::Ending(Rest::new(events), None);
                }
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
                        if Failure::is_told_by(&event) {
                            this.watch.disapprove();
                        }
                        let data = event.data_bytes();
                        let flow = if holds_bare_json(&event) {
                            Flow::Stop(Box::new(errors::unreadable_answer()))
                        } else {
                            this.shape.event(event, &mut this.made)
                        };
                        let operation = this.watch.contract.operation;
                        this.take(flow, || data.is_some_and(|data| is_the_end(operation, &data)));
                    }
                    Some(Err(error)) => {
                        // Others may read on, what was not judged here.
                        this.watch.disapprove();
                        this.error = Some(error);
                        this.shape.broken(&mut this.made);
                        this.take(Flow::On, || false);
                        this.source = Source::Over;
                        this.tell();
                    }
                    None => {
                        this.source = Source::Over;
                        let flow = this.shape.finish(&mut this.made);
                        let is_over = matches!(flow, Flow::On);
                        this.take(flow, || false);
                        if is_over {
                            this.end();
                        }
                    }
                },
                Source::Ending(rest, again) => {
                    ready!(Pin::new(rest).poll(cx));
                    let again = again.take();
                    this.source = Source::Over;
                    if let Some(again) = again {
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

/// Whether JSON stands in an event that is in none of its fields. What reads events overlooks it; who takes the whole for
/// a plain answer, or goes by lines, does not.
fn holds_bare_json(event: &Event) -> bool {
    let mut rest = event.raw().map(|raw| &raw[..]);
    while let Some(lines) = rest {
        let end = memchr2(b'\r', b'\n', lines).unwrap_or(lines.len());
        let line = lines.get(..end).unwrap_or_default();
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii_start();
        // Of objects, or of a list of them.
        if line.strip_prefix(b"[").unwrap_or(line).trim_ascii_start().starts_with(b"{") {
            return true;
        }
        rest = lines.get(end + 1..);
    }
    false
}

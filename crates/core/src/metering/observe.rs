use std::borrow::Borrow;

use llm_layers_wire::sse::Event;
use tokio::time::Instant;

use super::Reading;
use crate::{End, opening::Said};

/// Who is told what an answer has used. A closure of a [`Reading`] and an [`End`] is one.
pub trait Observe: Send + 'static {
    /// An event of a stream that has been read and is about to go on. It may be changed (say so by
    /// [`Metering::edits_events`](super::Metering::edits_events)); `false` takes it out of the stream.
    fn event(&mut self, _event: &mut Event, _reading: &Reading) -> bool {
        true
    }

    /// The answer is over. Called once, also when it was dropped: [`End::Cancelled`], unless it had said all by then.
    fn end(self, reading: &Reading, end: End);
}

impl<F: FnOnce(&Reading, End) + Send + 'static> Observe for F {
    fn end(self, reading: &Reading, end: End) {
        self(reading, end);
    }
}

/// An answer under way: what is known of it, and who is to be told. Dropped, it is over.
pub(super) struct Watch<O: Observe, R: Borrow<Reading> = Reading> {
    pub(super) reading: R,
    observer: Option<O>,
}

impl<O: Observe> Watch<O> {
    /// Reads an event, and shows it to the observer. Says whether it goes on.
    pub(super) fn event(&mut self, event: &mut Event) -> bool {
        let Some(observer) = &mut self.observer else { return true };
        self.reading.event(event);
        if self.reading.first_word.is_none() && Said::of(event) == Said::Something {
            self.reading.first_word = Some(Instant::now());
        }
        observer.event(event, &self.reading)
    }
}

impl<O: Observe, R: Borrow<Reading>> Watch<O, R> {
    pub(super) const fn new(observer: O, reading: R) -> Self {
        Self { reading, observer: Some(observer) }
    }

    pub(super) fn end(&mut self, end: End) {
        let Some(observer) = self.observer.take() else { return };
        let reading = self.reading.borrow();
        // Who leaves behind the last word has had all of them.
        let end = if end == End::Cancelled && reading.is_over { End::Complete } else { end };
        let end = if reading.is_error { End::Failed } else { end };
        observer.end(reading, end);
    }
}

impl<O: Observe, R: Borrow<Reading>> Drop for Watch<O, R> {
    fn drop(&mut self) {
        self.end(End::Cancelled);
    }
}

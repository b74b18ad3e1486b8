//! Streams: each event is looked at as it passes.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use llm_layers_wire::{openai::Chunk, sse::Event};

use super::{Metering, Observe, hide_usage, observe::Watch};
use crate::{Body, BoxError, End, Events, Failure};

pub(super) fn metered<O: Observe>(body: Body, metering: &Metering, watch: Watch<O>) -> Body {
    let inner = body.into_events(metering.sse_limits);
    Body::from_events(Metered { inner, watch, hides_usage: metering.hides_usage })
}

struct Metered<O: Observe> {
    inner: Events,
    watch: Watch<O>,
    hides_usage: bool,
}

impl<O: Observe> Unpin for Metered<O> {}

impl<O: Observe> Stream for Metered<O> {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let mut event = ready!(Pin::new(&mut this.inner).poll_next(cx));
            match &mut event {
                Some(Ok(event)) => {
                    let fails = Failure::is_told_by(event) || event.chunk().is_some_and(Chunk::is_error);
                    let goes_on = this.watch.event(event);
                    if fails {
                        this.watch.end(End::Failed);
                    }
                    if !goes_on || this.hides_usage && !hide_usage(event) {
                        continue;
                    }
                }
                Some(Err(_)) => this.watch.end(End::Failed),
                None => this.watch.end(End::Complete),
            }
            return Poll::Ready(event);
        }
    }
}

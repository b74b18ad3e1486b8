//! Drives a stream through its translation, one event at a time, as the client asks for it.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::Stream;
use llm_layers_core::{Body, BoxError, Events, Failure};
use llm_layers_wire::sse::Event;

use crate::{
    Provider, observe,
    translate::{Flow, Translate},
};

/// Opens a stream: waits for the first event that matters, so that an error before it becomes an answer with a
/// status of its own, which retry and routers understand. No more than that is read ahead.
pub(crate) async fn open(
    events: Events,
    translate: Box<dyn Translate>,
    provider: Arc<Provider>,
) -> Result<Body, Failure> {
    let mut stream = Translated::new(events, translate, Some(provider));
    let mut patience = None;
    poll_fn(|cx| {
        if let Poll::Ready(opened) = stream.poll_opened(cx) {
            return Poll::Ready(opened);
        }
        if stream.taken == 0 {
            return Poll::Pending;
        }
        // It has begun, and says nothing that matters: greetings, comments that keep the connection alive.
        let patience = patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(PATIENCE)));
        ready!(patience.as_mut().poll(cx));
        stream.opening = false;
        Poll::Ready(Ok(()))
    })
    .await?;
    Ok(Body::from_events(stream))
}

/// A stream that a layer below has opened already: nothing of it is waited for.
pub(crate) fn follow(events: Events, translate: Box<dyn Translate>) -> Body {
    Body::from_events(Translated::new(events, translate, None))
}

struct Translated {
    /// Gone once it is over: nothing more of it is wanted, and the provider is let go.
    events: Option<Events>,
    translate: Box<dyn Translate>,
    /// Whose failures are counted.
    provider: Option<Arc<Provider>>,
    /// Where the translation puts its events; empty between calls, kept for its memory.
    scratch: Vec<Event>,
    ready: VecDeque<Event>,
    failed: Option<Failure>,
    opening: bool,
    /// How many events the opening took.
    taken: usize,
}

/// How long a stream that has begun is held back for an error that may follow its greeting. Clients that were told
/// nothing for longer give up.
const PATIENCE: Duration = Duration::from_secs(1);

/// Nothing that matters is ever this far from the beginning: a provider that sends more may not be held back for it.
const MAX_HELD: usize = 32;

impl Translated {
    const fn new(events: Events, translate: Box<dyn Translate>, provider: Option<Arc<Provider>>) -> Self {
        Self {
            events: Some(events),
            translate,
            provider,
            scratch: Vec::new(),
            ready: VecDeque::new(),
            failed: None,
            opening: true,
            taken: 0,
        }
    }

    fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        while self.opening && self.events.is_some() && self.taken < MAX_HELD {
            ready!(self.poll_step(cx));
            self.taken += 1;
        }
        match self.failed.take() {
            Some(failure) if self.opening => Poll::Ready(Err(failure)),
            failed => {
                self.failed = failed;
                self.opening = false;
                Poll::Ready(Ok(()))
            }
        }
    }

    /// Takes one event of the provider's, whatever comes of it.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(events) = &mut self.events else { return Poll::Ready(()) };
        let flow = match ready!(Pin::new(events).poll_next(cx)) {
            Some(Ok(event)) => self.translate.event(event, &mut self.scratch),
            end => {
                self.events = None;
                let flow = self.translate.end(end.and_then(Result::err), &mut self.scratch);
                self.ready.extend(self.scratch.drain(..));
                self.follow(flow);
                return Poll::Ready(());
            }
        };
        self.ready.extend(self.scratch.drain(..));
        self.follow(flow);
        Poll::Ready(())
    }

    fn follow(&mut self, flow: Flow) {
        match flow {
            Flow::Opening => {}
            Flow::Going => self.opening = false,
            Flow::Over => {
                self.opening = false;
                self.events = None;
            }
            Flow::Failed(failure) => {
                if let Some(provider) = &self.provider {
                    observe::stream_failed(provider, failure.error().code.as_deref().unwrap_or("unknown"));
                }
                self.events = None;
                self.failed = Some(failure);
            }
        }
    }
}

impl Stream for Translated {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if let Some(failure) = self.failed.take() {
                return Poll::Ready(Some(Ok(self.translate.told(&failure))));
            }
            if self.events.is_none() {
                return Poll::Ready(None);
            }
            ready!(self.poll_step(cx));
        }
    }
}

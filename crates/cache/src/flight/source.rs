//! Where a flight's answer comes from. Polled by one at a time, outside of all locks: all that is not ours runs here.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use http::{Response, response::Parts};
use llm_layers_core::{Body, BoxError, Events, Failure};
use llm_layers_wire::{json::Object, sse::Event};

use super::{
    Bounds, Calling, Landing,
    arrive::{Arrived, arrive},
};
use crate::shape::Recorder;

pub(super) struct Source {
    stage: Stage,
    /// Gone once it is called.
    landing: Option<Landing>,
    bounds: Bounds,
}

enum Stage {
    Call(Pin<Box<dyn Future<Output = Arrived> + Send>>),
    Stream {
        head: Arc<Parts>,
        events: Events,
        /// Gone once the stream has told of an error, or that it is over.
        recorder: Option<Recorder>,
        /// What the recorder has left.
        whole: Option<Box<Object>>,
    },
}

/// What comes, one by one. After an [`End`] and all heads but that of a stream nothing follows.
pub(super) enum News {
    Head(Head),
    Event(Event),
    /// An event that tells of an error.
    Error(Event),
    End(End),
}

/// What is known first.
pub(super) enum Head {
    Whole(Arc<Response<Object>>),
    Stream(Arc<Parts>),
    /// Empty once somebody has taken it.
    Alone(Option<Box<Response<Body>>>),
    Nothing,
}

/// How a stream has ended.
pub(super) enum End {
    /// By itself. With the whole answer, if it came to its proper end.
    Complete(Option<Object>),
    Broke(Broke),
}

/// Why a stream broke off, for each of those who follow it.
#[derive(Clone, Debug)]
pub(super) struct Broke(Arc<BoxError>);

impl Source {
    pub(super) fn new(calling: Calling, landing: Landing, bounds: Bounds) -> Self {
        Self { stage: Stage::Call(Box::pin(arrive(calling, bounds))), landing: Some(landing), bounds }
    }

    /// What is next. The last of an answer is told when the answer has landed: whoever calls after that finds what is
    /// kept.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<News> {
        match &mut self.stage {
            Stage::Call(call) => {
                let arrived = ready!(call.as_mut().poll(cx));
                Poll::Ready(News::Head(self.arrived(arrived)))
            }
            Stage::Stream { events, recorder, .. } => {
                let next = ready!(Pin::new(events).poll_next(cx));
                Poll::Ready(match next {
                    Some(Ok(event)) if Failure::is_told_by(&event) => {
                        *recorder = None;
                        News::Error(event)
                    }
                    Some(Ok(event)) => {
                        if let Some(recorder) = recorder {
                            recorder.push(&event);
                        }
                        // Clients hang up once they have read this, and what would follow says nothing.
                        if event.is_done() {
                            self.finish();
                        }
                        // What was read of it takes less than half of the room in a copy: 1,000 bytes for 2,360.
                        News::Event(event.clone())
                    }
                    Some(Err(error)) => News::End(End::Broke(error.into())),
                    None => News::End(self.ended()),
                })
            }
        }
    }

    fn arrived(&mut self, arrived: Arrived) -> Head {
        match arrived {
            Arrived::Whole(response) => {
                if response.status().is_success() {
                    self.land(|| response.clone());
                }
                Head::Whole(Arc::new(response))
            }
            Arrived::Stream(head, events) => {
                let head = Arc::new(head);
                let recorder = Some(Recorder::new(self.bounds.shape, self.bounds.max_bytes));
                self.stage = Stage::Stream { head: Arc::clone(&head), events, recorder, whole: None };
                Head::Stream(head)
            }
            Arrived::Alone(response) => Head::Alone(Some(Box::new(response))),
            Arrived::Nothing => Head::Nothing,
        }
    }

    fn ended(&mut self) -> End {
        self.finish();
        let Stage::Stream { whole, .. } = &mut self.stage else { return End::Complete(None) };
        End::Complete(whole.take().map(|whole| *whole))
    }

    /// Lands, if what has come is a whole answer.
    fn finish(&mut self) {
        let Stage::Stream { head, recorder, whole, .. } = &mut self.stage else { return };
        let Some(recorder) = recorder.take() else { return };
        *whole = recorder.finish().map(Box::new);
        let (head, whole) = (Arc::clone(head), whole.clone());
        if let Some(whole) = whole.filter(|_| head.status.is_success()) {
            self.land(|| Response::from_parts(Parts::clone(&head), *whole));
        }
    }

    fn land(&mut self, response: impl FnOnce() -> Response<Object>) {
        if let Some(landing) = self.landing.take() {
            landing(response());
        }
    }
}

impl News {
    /// Whether nothing follows.
    pub(super) const fn is_last(&self) -> bool {
        match self {
            Self::Head(head) => !matches!(head, Head::Stream(_)),
            Self::Event(_) | Self::Error(_) => false,
            Self::End(_) => true,
        }
    }
}

impl Broke {
    pub(super) fn panicked() -> Self {
        Self(Arc::new("what gave the answer has panicked".into()))
    }
}

impl From<BoxError> for Broke {
    fn from(error: BoxError) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for Broke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer that is shared broke off")
    }
}

impl std::error::Error for Broke {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&**self.0)
    }
}

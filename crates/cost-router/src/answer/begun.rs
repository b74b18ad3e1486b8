use std::{
    borrow::Cow,
    collections::VecDeque,
    future::poll_fn,
    mem,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use http::Response;
use llm_layers_core::{
    Body, BoxError, Events,
    opening::{Hold, Said},
};
use llm_layers_wire::sse::Event;

use super::{Form, Name, name, plain::LIMITS, refusal};
use crate::engine;

/// What is known of an answer that has [begun](llm_layers_core::opening::open).
#[derive(Debug, Default)]
pub(crate) struct Begun {
    /// The model that the provider names.
    pub(crate) model: Option<String>,
    /// The provider will not answer this prompt, and has said nothing else.
    pub(crate) is_refused: bool,
    /// By what the provider knows the answer from now on, where that is wanted.
    pub(crate) ids: Vec<Box<str>>,
}

/// What is to be looked for, beside the model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// By what the provider knows the answer.
    pub(crate) ids: bool,
    /// Whether it is one.
    pub(crate) refusals: bool,
}

impl Begun {
    /// Looks at an answer, as far as it is there. It stays whole.
    pub(crate) async fn of(response: &mut Response<Body>, hold: &Hold, wanted: Wanted) -> Self {
        match Form::of(response) {
            Form::Stream => Self::of_stream(response.body_mut(), hold, wanted).await,
            Form::Plain => Self::of_plain(response.body_mut(), wanted).await,
            Form::Unread => Self::default(),
        }
    }

    /// Looks at a stream.
    pub(crate) async fn of_stream(body: &mut Body, hold: &Hold, wanted: Wanted) -> Self {
        let mut events = mem::take(body).into_events(hold.sse_limits);
        let peeked = peek(&mut events, hold.max_events).await;
        let come = || peeked.iter().flatten().flatten();
        let begun = Self {
            model: come().find_map(name::of_event).map(Cow::into_owned),
            is_refused: wanted.refusals && refusal::is_stream(come()),
            ids: if wanted.ids { come().find_map(ids_of_event).unwrap_or_default() } else { Vec::new() },
        };
        *body = Body::from_events(Peeked { peeked, events });
        begun
    }

    async fn of_plain(body: &mut Body, wanted: Wanted) -> Self {
        // What is not in memory is longer than anybody waits for.
        if !body.is_replayable() {
            return Self::default();
        }
        match body.object(&LIMITS).await {
            Ok(object) => Self {
                model: object.text("model").map(Cow::into_owned),
                is_refused: wanted.refusals && refusal::is_whole(object),
                ids: if wanted.ids { engine::ids(object) } else { Vec::new() },
            },
            Err(_) => Self::default(),
        }
    }

    /// Looks at a plain answer, and puts a name into it. Where nothing else is wanted of it, it is read as far as its
    /// name and no further.
    pub(crate) async fn renamed(response: &mut Response<Body>, name: &Name, wanted: Wanted) -> Self {
        if !wanted.ids && !wanted.refusals && response.body().as_bytes().is_some() {
            let model = name.put_into_text(response);
            return Self { model, ..Self::default() };
        }
        let begun = Self::of_plain(response.body_mut(), wanted).await;
        name.put_into(response);
        begun
    }
}

/// Those of OpenAI's `response.created`.
fn ids_of_event(event: &Event) -> Option<Vec<Box<str>>> {
    let response = name::wrapped(event.chunk()?.object(), "response")?;
    Some(engine::ids(&response))
}

/// What a stream gave when it was asked for an event; `None` is its end.
type Given = Option<Result<Event, BoxError>>;

/// What is there already, up to the first word.
async fn peek(events: &mut Events, max: usize) -> VecDeque<Given> {
    let mut peeked = VecDeque::new();
    poll_fn(|cx| {
        while peeked.len() <= max
            && let Poll::Ready(given) = Pin::new(&mut *events).poll_next(cx)
        {
            let goes_on = matches!(&given, Some(Ok(event)) if Said::of(event) == Said::Nothing);
            peeked.push_back(given);
            if !goes_on {
                break;
            }
        }
        Poll::Ready(())
    })
    .await;
    peeked
}

/// A stream whose beginning has been looked at.
struct Peeked {
    peeked: VecDeque<Given>,
    events: Events,
}

impl Stream for Peeked {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.peeked.pop_front() {
            Some(given) => Poll::Ready(given),
            None => Pin::new(&mut self.events).poll_next(cx),
        }
    }
}

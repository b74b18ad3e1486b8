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
    Body, BoxError, Events, Failure, FailureKind, head,
    opening::{Hold, Said},
};
use llm_layers_wire::{json::Limits, sse::Event};

use super::{Name, name, refusal};
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
        if !response.status().is_success() {
            return Self::default();
        }
        if head::is_event_stream(response.headers()) {
            let mut events = mem::take(response.body_mut()).into_events(hold.sse_limits);
            let peeked = peek(&mut events, hold.max_events).await;
            let come = || peeked.iter().flatten().flatten();
            let begun = Self {
                model: come().find_map(name::of_event).map(Cow::into_owned),
                is_refused: wanted.refusals && refusal::is_stream(come()),
                ids: if wanted.ids { come().find_map(ids_of_event).unwrap_or_default() } else { Vec::new() },
            };
            *response.body_mut() = Body::from_events(Peeked { peeked, events });
            return begun;
        }
        // What is not in memory is longer than anybody waits for.
        if !head::is_json(response.headers()) || !response.body().is_replayable() {
            return Self::default();
        }
        match response.body_mut().object(&Limits::LENIENT.with_max_bytes(MAX_PLAIN)).await {
            Ok(object) => Self {
                model: object.text("model").map(Cow::into_owned),
                is_refused: wanted.refusals && refusal::is_whole(object),
                ids: if wanted.ids { engine::ids(object) } else { Vec::new() },
            },
            Err(_) => Self::default(),
        }
    }
}

/// Those of OpenAI's `response.created`.
fn ids_of_event(event: &Event) -> Option<Vec<Box<str>>> {
    let response = name::wrapped(event.chunk()?.object(), "response")?;
    Some(engine::ids(&response))
}

/// A longer plain answer passes as it comes.
const MAX_PLAIN: usize = 32 << 20;

/// Waits for all of a plain answer, where the name in it is to be changed: it may stand at the end.
pub(crate) async fn read_plain(response: &mut Response<Body>) {
    let is_plain = response.status().is_success() && head::is_json(response.headers());
    if !is_plain || http_body::Body::size_hint(response.body()).lower() > MAX_PLAIN as u64 {
        return;
    }
    if response.body_mut().read_ahead(MAX_PLAIN).await.is_err() {
        let failure = Failure::bad_gateway("The provider's answer broke off.").with_kind(FailureKind::Unreachable);
        *response = failure.into_response();
    }
}

impl Name {
    /// Puts this name into a plain answer.
    pub(crate) fn put_into(&self, response: &mut Response<Body>) {
        let Some(renamed) = response.body().as_object().and_then(|object| self.renamed(object)) else { return };
        let body = Body::from(renamed);
        head::body_replaced(response.headers_mut(), &body);
        *response.body_mut() = body;
    }
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

//! What a flight has brought, on its way to one of those who wait for it.

use std::{
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

use futures_core::Stream;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    response::Parts,
};
use llm_layers_core::{Body, BoxError, Cost, FailureKind, Rejection, head, metering};
use llm_layers_wire::{json::Object, openai::Usage, sse::Event};

#[cfg(feature = "semantic")]
use super::Standing;
use super::{Context, Wants, keep::for_nothing};
#[cfg(feature = "semantic")]
use crate::semantic::Found;
use crate::{
    control::{Outcome, Told},
    flight::Follower,
    layer::Shared,
    shape::{Shape, Unfit},
};

/// An answer that has come, and what one of those who wait for it has asked for.
pub(super) struct Arrival<'a> {
    pub(super) context: &'a Context,
    pub(super) shape: Shape,
    pub(super) wants: Wants,
    /// Whether it is this one's own call.
    pub(super) outcome: Outcome,
}

/// What an answer says of a failure that is the same for all who asked.
const OF_FAILURES: [HeaderName; 4] =
    [CONTENT_TYPE, RETRY_AFTER, HeaderName::from_static("retry-after-ms"), HeaderName::from_static("x-should-retry")];

impl Arrival<'_> {
    /// An answer that is all there. `None` if it is not for this one.
    pub(super) fn whole(&self, response: Response<Object>) -> Option<(Outcome, Response<Body>)> {
        let (head, mut answer) = response.into_parts();
        #[cfg(feature = "semantic")]
        if let Some(Found { entry, score, key }) = head.extensions.get() {
            if self.context.judge(entry) != Standing::Fresh {
                return None;
            }
            let told = Told { key: Some(*key), score: Some(*score), ..Told::new(Outcome::Hit) };
            self.context.shared.state.counters.found_by_meaning();
            return Some((Outcome::Hit, self.context.serve(entry, self.shape, self.wants, told)));
        }
        let is_answer = head.status.is_success();
        if !is_answer && self.outcome.is_free() && is_of_one(&head) {
            return None;
        }
        let mut told = Told { key: Some(self.context.key), ..Told::new(self.outcome) };
        if is_answer && self.outcome.is_free() {
            told.saved = self.saved(&head, &mut answer);
        }
        let mut head = self.head(head);
        let is_streamed =
            is_answer && self.wants.stream && self.shape.check(&answer, &Object::new()) != Err(Unfit::Malformed);
        let body = if is_streamed {
            set_stream(&mut head.headers);
            self.context.replay(&answer, self.shape, self.wants)
        } else {
            Body::from(answer)
        };
        Some(self.told(head, body, &told))
    }

    /// A stream. `None` if it is not for this one: who has asked for no stream needs it whole, and not all can be put
    /// together.
    pub(super) async fn stream(&self, response: Response<Follower>) -> Option<(Outcome, Response<Body>)> {
        let (head, events) = response.into_parts();
        let mut told = Told { key: Some(self.context.key), ..Told::new(self.outcome) };
        if self.wants.stream {
            let saves = self.outcome.is_free().then(|| self.context.shared.clone());
            let shown = Shown { events, hides_usage: !self.wants.usage, saves };
            return Some(self.told(self.head(head), Body::from_events(shown), &told));
        }
        let mut answer = events.whole().await?;
        if self.outcome.is_free() {
            told.saved = self.saved(&head, &mut answer);
        }
        let mut head = self.head(head);
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Some(self.told(head, Body::from(answer), &told))
    }

    /// The answer to a call that nobody shares.
    pub(super) fn alone(&self, mut response: Response<Body>) -> (Outcome, Response<Body>) {
        Told { key: Some(self.context.key), ..Told::new(Outcome::Miss) }.write(&mut response);
        (Outcome::Miss, response)
    }

    fn told(&self, mut head: Parts, body: Body, told: &Told) -> (Outcome, Response<Body>) {
        head::body_replaced(&mut head.headers, &body);
        let mut response = Response::from_parts(head, body);
        told.write(&mut response);
        (self.outcome, response)
    }

    /// The head, as this one may see it: what else stands in it is about the call of another.
    fn head(&self, head: Parts) -> Parts {
        if !self.outcome.is_free() {
            return head;
        }
        let (mut own, ()) = Response::new(()).into_parts();
        own.status = head.status;
        if head.status.is_success() {
            if head::is_event_stream(&head.headers) {
                set_stream(&mut own.headers);
            } else {
                own.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            return own;
        }
        for name in OF_FAILURES {
            if let Some(value) = head.headers.get(&name) {
                own.headers.insert(name, value.clone());
            }
        }
        if let Some(kind) = head.extensions.get::<FailureKind>() {
            own.extensions.insert(*kind);
        }
        own
    }

    /// What this one need not pay, of which the answer tells no more.
    fn saved(&self, head: &Parts, answer: &mut Object) -> Option<rust_decimal::Decimal> {
        let reading = metering::Reading::of(answer);
        let cost = head.extensions.get().map(|Cost(cost)| *cost).or_else(|| reading.cost());
        let tokens = reading.tokens();
        let (input, output) = (tokens.input.unwrap_or_default(), tokens.output.unwrap_or_default());
        self.context.shared.state.counters.saved_tokens(input, output, cost);
        for_nothing(answer);
        cost
    }
}

/// Whether a failure is about who made the call, and not about what was asked: their key, their budget, their time.
fn is_of_one(head: &Parts) -> bool {
    let of_key = [StatusCode::UNAUTHORIZED, StatusCode::PAYMENT_REQUIRED, StatusCode::FORBIDDEN];
    head.extensions.get::<Rejection>().is_some() || of_key.contains(&head.status)
}

fn set_stream(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
}

/// A flight's events, as one client has asked for them.
struct Shown {
    events: Follower,
    hides_usage: bool,
    /// Who takes note of what is not paid, where it is not.
    saves: Option<Shared>,
}

impl Stream for Shown {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let mut event = match ready!(Pin::new(&mut self.events).poll_next(cx)) {
                Some(Ok(event)) => event,
                other => return Poll::Ready(other),
            };
            self.save(&mut event);
            if !self.hides_usage || metering::hide_usage(&mut event) {
                return Poll::Ready(Some(Ok(event)));
            }
        }
    }
}

impl Shown {
    /// Takes note of the usage that an event tells, and takes off what it cost: few tell any, and the others are not looked
    /// into.
    fn save(&self, event: &mut Event) {
        let Some(shared) = &self.saves else { return };
        if event.data().is_none_or(|data| memchr::memmem::find(data, b"\"usage\":{").is_none()) {
            return;
        }
        let Some(chunk) = event.chunk() else { return };
        if let Ok(Some(usage)) = chunk.object().read::<Usage>("usage") {
            let cost = metering::Reading::of(chunk.object()).cost();
            shared.state.counters.saved_tokens(usage.prompt_tokens, usage.completion_tokens, cost);
        }
        if chunk.object().contains("usage") {
            event.edit_chunk(|chunk| for_nothing(chunk.object_mut()));
        }
    }
}

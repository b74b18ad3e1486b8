//! Asking for an answer, together with whoever asks the same.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context as Task, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_TYPE},
};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Cost, Failure, FailureKind, encoding, head, metering};
use llm_layers_wire::{json::Object, sse::Event};
use tower_service::Service;

use super::{
    Context, Wants,
    keep::{Keeping, for_nothing},
};
#[cfg(feature = "semantic")]
use crate::semantic::{Found, Meaning};
use crate::{
    Entry,
    control::{Outcome, Told},
    flight::{Bounds, Calling, Flights, Follower, Landed, Landing},
    observe,
    shape::{Shape, Unfit},
};

/// A request for which there is no fresh entry.
pub(super) struct Flying<S> {
    pub(super) service: S,
    pub(super) context: Context,
    pub(super) request: Request<Body>,
    pub(super) shape: Shape,
}

/// An error from below, which goes to whoever began the flight.
type Slot<E> = Arc<Mutex<Option<E>>>;

impl<S, RB> Flying<S>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    /// Asks, or joins who is asking the same. `stale` is better than an error.
    pub(super) async fn fly(self, wants: Wants, stale: Option<Entry>) -> Result<Response<Body>, S::Error> {
        let (context, shape, bounds) = (self.context.clone(), self.shape, self.bounds());
        let own = Flights::default();
        // Who wants no entry wants no share in another's answer either.
        let joins = context.shared.settings.coalesce && context.control.reads;
        let flights = if joins { &context.shared.state.flights } else { &own };
        let slot = Slot::<S::Error>::default();
        let mut left = Some(self);
        let seat = flights.board(context.key, bounds, || match left.take() {
            Some(flying) => flying.begin(Arc::clone(&slot), true),
            None => (Box::pin(std::future::ready(None)), Box::new(drop)),
        });
        let outcome = if seat.is_first { Outcome::Miss } else { Outcome::Coalesced };
        let landed = seat.landed().await;
        let arrival = Arrival { context: &context, shape, wants, outcome };
        let answered = match landed {
            Landed::Whole(response) => Ok(arrival.whole(response)),
            Landed::Stream(response) => Ok((outcome, arrival.stream(response).await)),
            Landed::Alone(response) => Ok((Outcome::Miss, arrival.alone(response))),
            // Whoever made the call has been told why there is nothing. The others make their own.
            Landed::Nothing => match left {
                Some(Self { mut service, request, .. }) => match service.call(request).await {
                    Ok(response) => Ok((Outcome::Miss, arrival.alone(response.map(Body::new)))),
                    Err(error) => Err(Some(error)),
                },
                None => Err(slot.lock().unwrap_or_else(PoisonError::into_inner).take()),
            },
        };
        let has_failed = answered.as_ref().map_or(true, |(_, response)| is_failure(response.status()));
        let counters = &context.shared.state.counters;
        match (stale, answered) {
            (Some(entry), _) if has_failed => {
                counters.answered(context.operation, Outcome::Stale);
                let told = Told { key: Some(context.key), ..Told::new(Outcome::Stale) };
                Ok(context.serve(&entry, shape, wants, told))
            }
            (_, Ok((outcome, response))) => {
                counters.answered(context.operation, outcome);
                Ok(response)
            }
            (_, Err(error)) => {
                counters.answered(context.operation, Outcome::Miss);
                error.map_or_else(|| Ok(broken_off().into_response()), Err)
            }
        }
    }

    /// Asks anew for what is stale, beside the calls.
    pub(super) fn refresh(self) {
        let (context, bounds) = (self.context.clone(), self.bounds());
        let mut left = Some(self);
        let seat = context.shared.state.flights.board(context.key, bounds, || match left.take() {
            Some(flying) => flying.begin(Slot::default(), false),
            None => (Box::pin(std::future::ready(None)), Box::new(drop)),
        });
        // Others are at it already.
        if !seat.is_first {
            return;
        }
        let is_taken = context.shared.state.background.run(async move {
            if let Landed::Stream(response) = seat.landed().await {
                let mut events = pin!(response.into_body());
                while poll_fn(|cx| events.as_mut().poll_next(cx)).await.is_some() {}
            }
        });
        if !is_taken {
            observe::dropped("refresh");
        }
    }

    fn bounds(&self) -> Bounds {
        let settings = &self.context.shared.settings;
        Bounds { shape: self.shape, max_bytes: settings.max_entry, sse_limits: settings.sse_limits }
    }

    /// The call, and what becomes of its answer. Who refreshes an answer wants one of its own.
    fn begin(self, slot: Slot<S::Error>, by_meaning: bool) -> (Calling, Landing) {
        let Self { mut service, context, request, shape } = self;
        let body = request.body().as_object().cloned().unwrap_or_default();
        #[cfg(feature = "semantic")]
        let meaning = Meaning::of(&context, &body);
        #[cfg(not(feature = "semantic"))]
        let _ = by_meaning;
        let landing: Landing = if context.control.stores {
            let keeping = Keeping {
                shape,
                request: body,
                #[cfg(feature = "semantic")]
                meaning: meaning.clone(),
                context: context.clone(),
            };
            Box::new(move |answer| keeping.land(answer))
        } else {
            Box::new(drop)
        };
        #[cfg(feature = "semantic")]
        let asked = if by_meaning { meaning.ask(service.clone(), &request) } else { None };
        let calling = async move {
            #[cfg(feature = "semantic")]
            if let Some(asked) = asked
                && let Some(found) = meaning.find(asked, &context).await
            {
                return Some(found);
            }
            match service.call(prepare(&context, request)).await {
                Ok(response) => Some(response.map(Body::new)),
                Err(error) => {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    None
                }
            }
        };
        (Box::pin(calling), landing)
    }
}

/// Makes sure that the answer can be read, and tells what it has used: a plain answer does, and an entry is one.
fn prepare(context: &Context, request: Request<Body>) -> Request<Body> {
    let (mut head, mut body) = request.into_parts();
    head.headers.insert(ACCEPT_ENCODING, encoding::ACCEPTED);
    if let Some(object) = body.as_object() {
        let mut object = object.clone();
        if metering::ask_for_usage(Some(context.operation), &mut object) {
            body = Body::from(object);
            head::body_replaced(&mut head.headers, &body);
        }
    }
    Request::from_parts(head, body)
}

/// Failures that an old answer is better than: the provider's, and the lack of one.
pub(crate) fn is_failure(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

fn broken_off() -> Failure {
    Failure::bad_gateway("The provider's answer broke off.").with_kind(FailureKind::Unreachable)
}

/// An answer that has come, on its way to one of those who wait for it.
struct Arrival<'a> {
    context: &'a Context,
    shape: Shape,
    wants: Wants,
    outcome: Outcome,
}

impl Arrival<'_> {
    fn whole(&self, response: Response<Object>) -> (Outcome, Response<Body>) {
        let (mut head, mut answer) = response.into_parts();
        let mut told = Told { key: Some(self.context.key), ..Told::new(self.outcome) };
        #[cfg(feature = "semantic")]
        if let Some(Found { entry, score }) = head.extensions.remove() {
            let told = Told { key: told.key, score: Some(score), ..Told::new(Outcome::Hit) };
            self.context.shared.state.counters.found_by_meaning();
            return (Outcome::Hit, self.context.serve(&entry, self.shape, self.wants, told));
        }
        let is_answer = head.status.is_success();
        if is_answer && self.outcome.is_free() {
            told.saved = head.extensions.get().map(|Cost(cost)| *cost);
            let tokens = metering::Reading::of(&answer).tokens();
            let (input, output) = (tokens.input.unwrap_or_default(), tokens.output.unwrap_or_default());
            self.context.shared.state.counters.saved_tokens(input, output, told.saved);
            for_nothing(&mut answer);
        }
        let is_streamed =
            is_answer && self.wants.stream && self.shape.check(&answer, &Object::new()) != Err(Unfit::Malformed);
        let body = if is_streamed {
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            self.context.replay(&answer, self.shape, self.wants)
        } else {
            Body::from(answer)
        };
        head::body_replaced(&mut head.headers, &body);
        let mut response = Response::from_parts(head, body);
        told.write(&mut response);
        (self.outcome, response)
    }

    async fn stream(&self, response: Response<Follower>) -> Response<Body> {
        let (mut head, events) = response.into_parts();
        let body = if self.wants.stream {
            let hides_usage = !self.wants.usage;
            Body::from_events(Shown { events, hides_usage, is_free: self.outcome.is_free() })
        } else {
            let Some(mut answer) = events.whole().await else { return broken_off().into_response() };
            if self.outcome.is_free() {
                for_nothing(&mut answer);
            }
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Body::from(answer)
        };
        head::body_replaced(&mut head.headers, &body);
        let mut response = Response::from_parts(head, body);
        Told { key: Some(self.context.key), ..Told::new(self.outcome) }.write(&mut response);
        response
    }

    fn alone(&self, mut response: Response<Body>) -> Response<Body> {
        Told { key: Some(self.context.key), ..Told::new(Outcome::Miss) }.write(&mut response);
        response
    }
}

/// A flight's events, as one client has asked for them.
struct Shown {
    events: Follower,
    hides_usage: bool,
    is_free: bool,
}

impl Stream for Shown {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let mut event = match ready!(Pin::new(&mut self.events).poll_next(cx)) {
                Some(Ok(event)) => event,
                other => return Poll::Ready(other),
            };
            if self.is_free && costs(&event) {
                event.edit_chunk(|chunk| for_nothing(chunk.object_mut()));
            }
            if !self.hides_usage || metering::hide_usage(&mut event) {
                return Poll::Ready(Some(Ok(event)));
            }
        }
    }
}

/// Whether an event may tell a cost: few do, and the others need not be parsed.
fn costs(event: &Event) -> bool {
    event.data().is_some_and(|data| memchr::memmem::find(data, b"\"cost\"").is_some())
}

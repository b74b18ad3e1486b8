//! Asking for an answer, together with whoever asks the same.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_core::Stream as _;
use http::{Request, Response, StatusCode, header::ACCEPT_ENCODING};
use http_body::Body as HttpBody;
#[cfg(feature = "semantic")]
use llm_layers_core::take_readied;
use llm_layers_core::{Body, BoxError, Eventually, Failure, FailureKind, encoding, head, metering};
use tower_service::Service;

use super::{Context, Standing, Wants, arrival::Arrival, keep::Keeping};
#[cfg(feature = "semantic")]
use crate::semantic::Meaning;
use crate::{
    Entry,
    control::Outcome,
    flight::{Bounds, Calling, Flights, Landed, Landing},
    layer::Shared,
    observe,
    shape::Shape,
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
        let Shared { settings, state } = &context.shared;
        let own = Flights::default();
        // Who wants no entry, or leaves none, shares no other's answer.
        let joins = settings.coalesce && context.control.reads && context.control.stores;
        let flights = if joins { &state.flights } else { &own };
        let slot = Slot::<S::Error>::default();
        let mut left = Some(self);
        let seat = flights.board(context.key, bounds, || match left.take() {
            Some(flying) => flying.begin(Arc::clone(&slot), true),
            None => (Box::pin(std::future::ready(None)), Box::new(drop)),
        });
        let outcome = if seat.is_first { Outcome::Miss } else { Outcome::Coalesced };
        // Between the first look and boarding another flight may have landed.
        if joins
            && seat.is_first
            && let Eventually::Now(Some(entry)) = settings.store.get(&context.key)
            && context.judge(&entry) == Standing::Fresh
        {
            return Ok(context.answer(&entry, shape, wants, Outcome::Hit));
        }
        let arrival = Arrival { context: &context, shape, wants, outcome };
        let given = match seat.landed().await {
            Landed::Whole(response) => arrival.whole(response),
            Landed::Stream(response) => arrival.stream(response).await,
            Landed::Alone(response) => Some(arrival.alone(response)),
            Landed::Nothing => None,
        };
        let answered = match (given, left) {
            (Some(answered), _) => Ok(answered),
            // What has come is for others, or for nobody: this one makes a call of their own.
            (None, Some(Self { mut service, request, .. })) => match service.call(request).await {
                Ok(response) => Ok(arrival.alone(response.map(Body::new))),
                Err(error) => Err(Some(error)),
            },
            (None, None) => Err(slot.lock().unwrap_or_else(PoisonError::into_inner).take()),
        };
        let has_failed = answered.as_ref().map_or(true, |(_, response)| is_failure(response.status()));
        if let Some(entry) = stale.filter(|_| has_failed) {
            return Ok(context.answer(&entry, shape, wants, Outcome::Stale));
        }
        let (outcome, response) = match answered {
            Ok(answered) => answered,
            Err(Some(error)) => {
                state.counters.answered(context.operation, Outcome::Miss);
                return Err(error);
            }
            Err(None) => arrival.alone(broken_off().into_response()),
        };
        state.counters.answered(context.operation, outcome);
        Ok(response)
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
        let is_taken = context.shared.state.background.refresh(async move {
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
        let asked = if by_meaning && meaning.is_known() {
            // The one that was readied asks first: a clone may wait for the very permit that it holds.
            meaning.ask(take_readied(&mut service), &request)
        } else {
            None
        };
        let calling = async move {
            let called = async {
                #[cfg(feature = "semantic")]
                if let Some(asked) = asked {
                    if let Some(found) = meaning.find(asked, &context).await {
                        return Ok(found);
                    }
                    poll_fn(|cx| service.poll_ready(cx)).await?;
                }
                Ok(service.call(prepare(&context, request)).await?.map(Body::new))
            };
            match called.await {
                Ok(response) => Some(response),
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
    // Others tell it unasked, and need not be copied.
    if let Some(mut object) = body.as_object().filter(|object| object.is_true("stream")).cloned() {
        metering::ask_for_usage(Some(context.operation), &mut object);
        if object.is_edited() {
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

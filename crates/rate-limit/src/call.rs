//! One call: what it takes before, and what it has used at its end.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, header::ACCEPT_ENCODING, request::Parts};
use http_body::Body as HttpBody;
use llm_layers_core::{
    Attempts, Body, BoxError, Failure, Operation, ReadError, encoding, head,
    metering::{self, Metering},
};
use tower_service::Service;

use crate::{
    OnStoreFailure, answer,
    estimate::{BYTES_PER_TOKEN, Tokens},
    layer::Settings,
    observe,
    reservation::Reservation,
    store::{Claim, Kind, Store, Taken},
};

/// The future is moved once and kept for as long as the provider takes, with all that any way through it may need: what
/// is rare is boxed, and no argument is kept twice, as an `async fn` does.
pub(crate) fn limited<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Option<Operation>,
    claims: Vec<Claim>,
    request: Request<Body>,
) -> impl Future<Output = Result<Response<Body>, S::Error>>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    async move {
        let mut reservation = match take(&settings, operation, claims, &mut head, &mut body).await {
            Ok(reservation) => reservation,
            Err(refusal) => {
                Box::pin(body.discard_refused(head::awaits_continue(&head.headers))).await;
                return Ok(*refusal);
            }
        };
        settings.admitted.one(operation);
        let response = match service.call(Request::from_parts(head, body)).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                reservation.failed();
                return Err(error);
            }
        };
        Ok(settle(&settings, response, reservation))
    }
}

/// Takes what the call needs, or says why it cannot.
async fn take(
    settings: &Settings,
    operation: Option<Operation>,
    mut claims: Vec<Claim>,
    head: &mut Parts,
    body: &mut Body,
) -> Result<Reservation, Box<Response<Body>>> {
    let (mut tokens, mut hides_usage) = (Tokens::default(), false);
    if claims.iter().any(|claim| claim.limits.token_rate().is_some()) {
        let estimated = estimate(settings, operation, head, body).await;
        (tokens, hides_usage) = estimated.map_err(|failure| failure.into_response())?;
        if body.as_object().is_some_and(|object| object.is_edited()) {
            head::body_replaced(&mut head.headers, body);
        }
        // Usage cannot be read from what is compressed.
        head.headers.insert(ACCEPT_ENCODING, encoding::ACCEPTED);
        claims.iter_mut().for_each(|claim| claim.tokens = tokens.total());
    }
    let refused = |claim: &Claim, kind| observe::refused(&claim.id.rule, kind, operation);
    for claim in &claims {
        if let (Some(kind), Some(rule)) = (hopeless(claim), settings.rule(claim)) {
            refused(claim, kind);
            return Err(Box::new(answer::never_fits(rule, claim, kind)));
        }
    }
    let mut store = &settings.store;
    let fallback: Arc<dyn Store>;
    let taken = match settings.store.take(&mut claims).get().await {
        Ok(taken) => taken,
        Err(_) => {
            observe::store_failed(settings.on_store_failure);
            if settings.on_store_failure == OnStoreFailure::Closed {
                return Err(Box::new(answer::unavailable()));
            }
            fallback = Arc::clone(&settings.fallback) as Arc<dyn Store>;
            store = &fallback;
            settings.fallback.take_now(&mut claims)
        }
    };
    match taken {
        Taken::All => Ok(Reservation::new(claims, Arc::clone(store), tokens, hides_usage)),
        Taken::Refused(refusal) => {
            let Some((claim, rule)) = claims.get(refusal.claim).and_then(|claim| Some((claim, settings.rule(claim)?)))
            else {
                return Err(Box::new(answer::unavailable()));
            };
            refused(claim, refusal.kind);
            let mut response = answer::refused(rule, claim, &refusal);
            if settings.headers {
                answer::write_headers(response.headers_mut(), std::slice::from_ref(claim));
            }
            Err(Box::new(response))
        }
    }
}

/// What of a claim will never be there, however long one waits.
fn hopeless(claim: &Claim) -> Option<Kind> {
    let limits = &claim.limits;
    if limits.max_concurrent() == Some(0) {
        return Some(Kind::Concurrent);
    }
    if limits.request_rate().is_some_and(|rate| rate.burst() == 0) {
        return Some(Kind::Requests);
    }
    limits.token_rate().filter(|rate| claim.tokens > rate.burst() || rate.burst() == 0).map(|_| Kind::Tokens)
}

/// The tokens to reserve, and whether usage is asked for that the client has not asked for.
async fn estimate(
    settings: &Settings,
    operation: Option<Operation>,
    head: &Parts,
    body: &mut Body,
) -> Result<(Tokens, bool), Failure> {
    let by_bytes = |bytes: u64| (Tokens { input: bytes.div_ceil(BYTES_PER_TOKEN), output: 0 }, false);
    let limits = &settings.request_limits;
    if encoding::is_encoded(&head.headers) {
        // Compressed: what is in it, nobody knows before the usage is told.
        let bytes = body.bytes(limits.max_bytes).await?;
        return Ok(by_bytes(bytes.len() as u64));
    }
    match body.object(limits).await {
        Ok(object) => {
            let tokens = settings.estimate.estimate(head, object);
            Ok((tokens, settings.ask_for_usage && metering::ask_for_usage(operation, object)))
        }
        // Others below will say what is wrong with it.
        Err(ReadError::Json(_)) => Ok(by_bytes(body.content_length().unwrap_or_default())),
        Err(error) => Err(error.into()),
    }
}

/// Lets the answer go on its way, with what is needed to know what it has used.
fn settle(settings: &Settings, mut response: Response<Body>, mut reservation: Reservation) -> Response<Body> {
    let is_success = response.status().is_success();
    if response.extensions().get() == Some(&Attempts(0)) {
        reservation.costs_nothing();
    }
    let headers = response.headers_mut();
    // A failure keeps what the provider says of its limits: retry goes by it.
    if settings.headers && (is_success || !answer::has_headers(headers)) {
        answer::remove_headers(headers);
        answer::write_headers(headers, reservation.claims());
    }
    if !is_success {
        // What fails uses no tokens, and yet its place until the last byte.
        if !reservation.lasts() || response.body().is_in_memory() {
            reservation.failed();
            return response;
        }
        return response.map(|answer| answer.on_end(move |_| reservation.failed()));
    }
    let is_told = head::is_event_stream(headers) || head::is_json(headers);
    if is_told && reservation.counts_tokens() {
        let metering = Metering::new().sse_limits(settings.sse_limits).hides_usage(reservation.hides_usage());
        return metering::meter(response, &metering, reservation);
    }
    if reservation.lasts() {
        return response.map(|answer| answer.on_end(move |_| reservation.end_as_reserved()));
    }
    reservation.end_as_reserved();
    response
}

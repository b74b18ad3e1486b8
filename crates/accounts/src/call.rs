//! One call: what is asked before, and what is told afterwards.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, Request, Response, header::ACCEPT_ENCODING, request::Parts};
use http_body::Body as HttpBody;
use llm_layers_core::{
    Alias, Body, BoxError, Caller, Deployment, End, Failure, Operation, ReadError, Rejection, encoding, head,
    metering::{self, Reading},
    opening,
};
use llm_layers_wire::json::{Limits, Object};
use tower_service::Service;

use crate::{
    answer,
    attempt::{About, Attempt},
    layer::Settings,
    request::{self, Wishes},
    seams::Reserving,
};

const WARNING: HeaderName = HeaderName::from_static("x-llm-warning");

pub(crate) async fn accounted<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Operation,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    let (attempt, wishes) = match begin(&settings, operation, &mut head, &mut body).await {
        Ok(begun) => begun,
        Err(failure) => {
            body.discard_refused(head::awaits_continue(&head.headers)).await;
            return Ok(failure.into_response());
        }
    };
    let mut response = match service.call(Request::from_parts(head, body)).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            attempt.failed();
            return Err(error);
        }
    };
    answer::clear(&mut response);
    if response.extensions().get::<Rejection>().is_some() {
        attempt.never_made();
        return Ok(response);
    }
    Ok(follow(&settings, response, attempt, wishes).await)
}

/// Reads the request, and asks the budgets.
async fn begin(
    settings: &Arc<Settings>,
    operation: Operation,
    head: &mut Parts,
    body: &mut Body,
) -> Result<(Attempt, Wishes), Box<Failure>> {
    let known = head.extensions.get::<Deployment>().cloned();
    let is_configured = known.is_some();
    let (deployment, request, wishes) = if encoding::is_encoded(&head.headers) {
        // Layers that read requests see them decoded; here nothing is known of it but its head.
        (known.unwrap_or_else(|| direct(settings, "")), None, Wishes::default())
    } else {
        match body.object(&settings.request_limits).await {
            Ok(object) => {
                let deployment = known.unwrap_or_else(|| direct(settings, &object.text("model").unwrap_or_default()));
                let wishes =
                    request::prepare(object, operation, &deployment, settings.ask_for_usage, settings.usage_cost);
                (deployment, Some(object.clone()), wishes)
            }
            // Others below will say what is wrong with it.
            Err(ReadError::Json(_)) => (known.unwrap_or_else(|| direct(settings, "")), None, Wishes::default()),
            Err(error) => return Err(Box::new(error.into())),
        }
    };
    if request.as_ref().is_some_and(Object::is_edited) {
        head::body_replaced(&mut head.headers, body);
    }
    // Usage cannot be read from what is compressed.
    head.headers.insert(ACCEPT_ENCODING, encoding::ACCEPTED);
    let about = About {
        caller: head.extensions.get::<Caller>().cloned(),
        alias: head.extensions.get::<Alias>().cloned(),
        deployment,
        is_configured,
        operation,
        wants_cost: wishes.wants_cost,
    };
    let mut attempt = Attempt::new(Arc::clone(settings), about, request);
    if let Some(budgets) = &settings.budgets {
        let granted = match budgets.reserve(attempt.asked()) {
            Reserving::Now(granted) => granted,
            Reserving::Later(granted) => granted.await,
        };
        match granted {
            Ok(grant) => attempt.granted(grant),
            // A router above goes to the next deployment then.
            Err(failure) => return Err(Box::new(failure.with_rejection(Rejection::Limited))),
        }
    }
    attempt.begins();
    Ok((attempt, wishes))
}

/// What is asked where no router has said so.
fn direct(settings: &Settings, model: &str) -> Deployment {
    Deployment::new(model, settings.provider.clone(), model)
}

/// Lets the answer go on its way, with what is needed to know what it has used.
async fn follow(
    settings: &Settings,
    mut response: Response<Body>,
    mut attempt: Attempt,
    wishes: Wishes,
) -> Response<Body> {
    attempt.answered(response.status().as_u16(), response.headers());
    let is_plain = response.status().is_success() && head::is_media_type(response.headers(), "application/json");
    if is_plain && !encoding::is_encoded(response.headers()) {
        opening::open(&mut response, &settings.hold).await;
        attempt.answered(response.status().as_u16(), response.headers());
        if let Some(reading) = read(&mut response).await {
            return tell(settings, response, attempt, &reading).await;
        }
    }
    let metering = settings.metering.clone().hides_usage(wishes.hides_usage).edits_events(wishes.wants_cost);
    metering::meter(response, &metering, attempt)
}

/// What an answer tells that is in memory.
async fn read(response: &mut Response<Body>) -> Option<Reading> {
    let body = response.body_mut();
    let length = body.is_replayable().then(|| body.content_length()).flatten()?;
    let limits = Limits::LENIENT.with_max_bytes(usize::try_from(length).unwrap_or(usize::MAX));
    // What is no object stays in the body as it is.
    body.object(&limits).await.ok().map(|object| Reading::of(object))
}

/// Writes down an answer that is known whole, and says in its head what it cost.
async fn tell(
    settings: &Settings,
    mut response: Response<Body>,
    mut attempt: Attempt,
    reading: &Reading,
) -> Response<Body> {
    let end = if reading.is_error() { End::Failed } else { End::Complete };
    let Some((entry, warning)) = attempt.finish(reading, end) else { return response };
    answer::tell(&mut response, &entry, settings.header);
    if let Some(warning) = warning {
        response.headers_mut().append(WARNING, warning);
    }
    if attempt.wants_cost
        && let Ok(cost) = entry.cost
    {
        let (mut head, mut body) = response.into_parts();
        // It is an object already.
        if body.object(&Limits::LENIENT).await.is_ok_and(|object| answer::add_cost(object, cost)) {
            head::body_replaced(&mut head.headers, &body);
        }
        return Response::from_parts(head, body);
    }
    response
}

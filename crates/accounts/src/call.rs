//! One call: what is asked before, and what is told afterwards.

use std::{mem, sync::Arc};

use bytes::Bytes;
use http::{HeaderName, Request, Response, header::ACCEPT_ENCODING, request::Parts};
use http_body::Body as HttpBody;
use llm_layers_catalogue::Model;
use llm_layers_core::{
    Alias, Body, BoxError, Caller, Deployment, End, Failure, FailureKind, Operation, ReadError, Rejection, Unanswered,
    cut, encoding, head,
    metering::{self, Expected, Reading, Shape},
    opening,
};
use llm_layers_wire::json::{Limits, Object};
use rust_decimal::Decimal;
use tower_service::Service;

use crate::{
    answer,
    attempt::{self, About, Attempt},
    belief::OPENROUTER,
    layer::Settings,
    request::{self, Wishes},
    seams::Asked,
};

const WARNING: HeaderName = HeaderName::from_static("x-llm-warning");

/// The future is moved once and kept for as long as the provider takes, with all that any way through it may need: what
/// is large or rare is boxed, and no argument is kept twice, as an `async fn` does.
pub(crate) fn accounted<S, RB>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Operation,
    request: Request<Body>,
) -> impl Future<Output = Result<Response<Body>, S::Error>>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    async move {
        let (attempt, wishes) = match begin(&settings, operation, &mut head, &mut body).await {
            Ok(begun) => begun,
            Err(failure) => {
                Box::pin(body.discard_refused(head::awaits_continue(&head.headers))).await;
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
        match Unmade::of(&response) {
            Some(Unmade::NeverAsked) => attempt.never_made(),
            Some(Unmade::GivenUp) => attempt.given_up(),
            None => follow(&settings, &mut response, attempt, wishes).await,
        }
        Ok(response)
    }
}

/// Why there is no answer of a provider's.
enum Unmade {
    NeverAsked,
    /// A layer below has waited long enough, while the provider worked.
    GivenUp,
}

impl Unmade {
    fn of(response: &Response<Body>) -> Option<Self> {
        let extensions = response.extensions();
        let is_late = extensions.get() == Some(&FailureKind::Timeout);
        match extensions.get::<Rejection>() {
            Some(Rejection::TimedOut) if is_late => Some(Self::GivenUp),
            Some(_) => Some(Self::NeverAsked),
            // A provider that says itself that it was too late is not `Unanswered`.
            None if is_late && extensions.get::<Unanswered>().is_some() => Some(Self::GivenUp),
            None => None,
        }
    }
}

/// Reads the request, and asks the budgets.
async fn begin(
    settings: &Arc<Settings>,
    operation: Operation,
    head: &mut Parts,
    body: &mut Body,
) -> Result<(Box<Attempt>, Wishes), Box<Failure>> {
    let object = if encoding::is_encoded(&head.headers) {
        // Layers that read requests see them decoded; here nothing is known of it but its head.
        None
    } else {
        match body.object(&settings.request_limits).await {
            Ok(object) => Some(object),
            // Others below will say what is wrong with it.
            Err(ReadError::Json(_)) => None,
            Err(error) => return Err(Box::new(error.into())),
        }
    };
    let asking = Asking::of(settings, operation, head, object);
    let wishes = asking.wishes;
    let mut attempt = Box::new(asking.attempt(settings, operation, head, body));
    if let Some(budgets) = &settings.budgets {
        let granted = budgets.reserve(Asked::of(&attempt));
        match granted.get().await {
            Ok(grant) => attempt.granted(grant),
            // Where nothing else is said, a router above goes to the next deployment then.
            Err(failure) => {
                let rejection = failure.rejection().unwrap_or(Rejection::Limited);
                return Err(Box::new(failure.with_rejection(rejection)));
            }
        }
    }
    attempt.begins();
    Ok((attempt, wishes))
}

/// What a request asks for.
struct Asking {
    target: Target,
    /// The request, where it can be read.
    request: Option<Object>,
    wishes: Wishes,
}

impl Asking {
    /// Reads it, and asks the provider for what is needed.
    fn of(settings: &Settings, operation: Operation, head: &Parts, object: Option<&mut Object>) -> Self {
        let known = head.extensions.get::<Deployment>().cloned();
        let Some(object) = object else {
            return Self { target: Target::of(settings, known, ""), request: None, wishes: Wishes::default() };
        };
        let target = Target::of(settings, known, &object.text("model").unwrap_or_default());
        let (asks, adds) = (settings.ask_for_usage, settings.usage_cost);
        let wishes = request::prepare(object, operation, target.is_openrouter(), asks, adds);
        Self { target, request: Some(object.clone()), wishes }
    }

    fn attempt(self, settings: &Arc<Settings>, operation: Operation, head: &mut Parts, body: &Body) -> Attempt {
        let Self { target: Target { deployment, is_configured, model }, request, wishes } = self;
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
            model,
            operation,
            length: body.content_length().unwrap_or_default(),
            expected: head.extensions.get::<Expected>().copied(),
            wants_cost: wishes.wants_cost,
        };
        Attempt::new(Arc::clone(settings), about, request)
    }
}

/// What is asked, and what is known of it.
struct Target {
    deployment: Deployment,
    /// There are but so many of its name: it is no client's word.
    is_configured: bool,
    model: Option<Arc<Model>>,
}

impl Target {
    /// What a router has said, or else the model that the client names.
    fn of(settings: &Settings, known: Option<Deployment>, model: &str) -> Self {
        /// Longer names are no model's.
        const MAX_NAME: usize = 256;
        /// Parentheses keep it apart from names that people choose.
        const UNKNOWN: &str = "(unknown)";
        if let Some(deployment) = known {
            let model = (settings.facts)(&deployment);
            // There is no end of what clients name themselves, either: the entry's model tells what it was.
            let deployment = match deployment.is_configured() {
                true => deployment,
                false => {
                    let asked = cut(deployment.model(), MAX_NAME);
                    Deployment::new(deployment.label(), deployment.provider(), asked)
                }
            };
            return Self { deployment, is_configured: true, model };
        }
        let (asked, provider) = (cut(model, MAX_NAME), &settings.provider);
        let model = (settings.facts)(&Deployment::new(asked, provider.clone(), asked));
        // Clients decorate names as they like, and invent others: there must be no end of rows and labels by them.
        let name = model.as_ref().map_or(UNKNOWN, |model| &*model.id);
        Self { deployment: Deployment::new(name, provider.clone(), asked), is_configured: model.is_some(), model }
    }

    fn is_openrouter(&self) -> bool {
        attempt::providers(&self.deployment, self.model.as_deref()).contains(&OPENROUTER)
    }
}

/// Lets the answer go on its way, with what is needed to know what it has used.
async fn follow(settings: &Settings, response: &mut Response<Body>, mut attempt: Box<Attempt>, wishes: Wishes) {
    let is_plain = attempt.answered(response) == Shape::Whole;
    if is_plain && response.status().is_success() {
        opening::open(response, &settings.hold).await;
        if FailureKind::of(response) == Some(FailureKind::Unreachable) {
            return attempt.broke_off();
        }
        if !response.status().is_success() {
            // It was an error in the guise of an answer.
            attempt.answered(response);
        }
        if let Some(reading) = read(response).await {
            let cost = tell(settings, response, &mut attempt, &reading);
            if let Some(cost) = cost {
                Box::pin(tell_in_usage(response, cost)).await;
            }
            return;
        }
    }
    if response.status().is_success()
        && let Some(warning) = attempt.standing()
    {
        response.headers_mut().append(WARNING, warning);
    }
    let metering = settings.metering.clone().hides_usage(wishes.hides_usage).edits_events(wishes.wants_cost);
    *response = metering::meter(mem::take(response), &metering, attempt);
}

/// What an answer tells that is in memory.
async fn read(response: &mut Response<Body>) -> Option<Arc<Reading>> {
    let body = response.body_mut();
    let length = body.is_replayable().then(|| body.content_length()).flatten()?;
    let limits = Limits::LENIENT.with_max_bytes(usize::try_from(length).unwrap_or(usize::MAX));
    // What is no object stays in the body as it is.
    body.object(&limits).await.ok()?;
    metering::read_whole(response)
}

/// Writes down an answer that is known whole, and says in its head what it cost. Gives the cost, as far as it is known,
/// where the client wants to find it in the answer, too.
fn tell(
    settings: &Settings,
    response: &mut Response<Body>,
    attempt: &mut Attempt,
    reading: &Reading,
) -> Option<Option<Decimal>> {
    let end = if reading.is_error() { End::Failed } else { End::Complete };
    let (entry, warning) = attempt.finish(reading, end)?;
    answer::tell(response, &entry, settings.header);
    if let Some(warning) = warning {
        response.headers_mut().append(WARNING, warning);
    }
    attempt.about().wants_cost.then_some(entry.cost.ok())
}

/// Says in the `usage` of an answer what it cost.
async fn tell_in_usage(response: &mut Response<Body>, cost: Option<Decimal>) {
    // It is an object already.
    let object = response.body_mut().object(&Limits::LENIENT).await;
    if object.is_ok_and(|object| answer::set_cost(object, cost)) {
        let body = mem::take(response.body_mut());
        head::body_replaced(response.headers_mut(), &body);
        *response.body_mut() = body;
    }
}

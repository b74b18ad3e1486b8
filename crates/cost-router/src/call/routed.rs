use std::{future::poll_fn, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body as HttpBody;
use llm_layers_core::{Alias, Body, BoxError, Deadline, Failure, Operation, head, metering};
use llm_layers_wire::json::{Limits, Object};
use tokio::time::timeout_at;
use tower_service::Service;

use super::{attempt::Calling, complexity, stored_for};
use crate::{
    Plan, Route, Step, errors,
    fallback::{Best, Order, Verdict},
    headers::Directives,
    layer::Settings,
    observe,
};

/// Chooses who answers in the name of an alias, and asks one after the other.
pub(super) async fn call<S, RB>(
    inner: &mut S,
    settings: &Settings,
    operation: Operation,
    request: Request<Body>,
    route: Arc<Route>,
    directives: Directives,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    let (mut head, mut body) = request.into_parts();
    head.extensions.insert(Alias::new(route.name()));
    let empty = Object::new();
    let object = body.as_object().unwrap_or(&empty);
    let is_thrifty = settings.thrifty.as_ref().is_some_and(|is_thrifty| is_thrifty(&head));
    let complexity = match route.complexity.is_empty() || is_thrifty {
        true => None,
        false => Some(complexity::of(settings, &head, operation, object).await),
    };
    let wanted = Wanted { directives, is_thrifty, complexity };
    let plan = match plan(settings, operation, &head, object, &route, &wanted) {
        Ok(plan) => plan,
        Err(nothing_left) => return Ok(nothing_left.into_response()),
    };
    let calling = Calling {
        settings,
        plan: &plan,
        name: settings.restores_model.then(|| route.name_in_answers.clone()),
        stored_for: stored_for(operation, &head.extensions, object),
        hides_usage: settings.ask_for_usage && ask_for_usage(operation, &mut head, &mut body).await,
    };
    let deadline = head.extensions.get::<Deadline>().copied();
    let mut order = Order::new(&plan, complexity);
    let mut best = Best::default();
    let mut request = Some((head, body));
    let mut failed: Option<(Step, Verdict)> = None;
    loop {
        // The service was readied for the first attempt.
        if failed.is_some()
            && let Err(error) = ready(inner, deadline).await
        {
            best.keep(Err(error));
            break;
        }
        if deadline.is_some_and(Deadline::is_over) {
            break;
        }
        let Some(step) = order.next() else { break };
        let Some(attempt) = take_or_clone(&mut request, order.may_go_on()) else { break };
        if let Some((step, verdict)) = failed
            && let Some(deployment) = plan.deployment(step)
        {
            observe::fell_back(plan.alias(), deployment, verdict.as_str());
        }
        let (answer, verdict) = calling.ask(inner, step, &order, attempt).await;
        if order.judge(verdict) {
            best.take(answer);
            break;
        }
        best.keep(answer);
        if request.is_none() || !order.may_go_on() {
            break;
        }
        failed = Some((step, verdict));
    }
    best.answer(order.asked()).unwrap_or_else(|| Ok(errors::too_late().into_response()))
}

/// Waits until the service can be called, no longer than there is time for a call.
async fn ready<S>(inner: &mut S, deadline: Option<Deadline>) -> Result<(), S::Error>
where
    S: Service<Request<Body>>,
{
    let ready = poll_fn(|cx| inner.poll_ready(cx));
    match deadline {
        // That there is no time left is seen by whoever looks at the clock next.
        Some(deadline) => timeout_at(deadline.instant(), ready).await.unwrap_or(Ok(())),
        None => ready.await,
    }
}

/// Asks a stream for its usage where its client does not. Says whether the usage is to be hidden from the client.
async fn ask_for_usage(operation: Operation, head: &mut Parts, body: &mut Body) -> bool {
    let Ok(object) = body.object(&Limits::DEFAULT).await else { return false };
    let is_hidden = metering::ask_for_usage(Some(operation), object);
    if object.is_edited() {
        head::body_replaced(&mut head.headers, body);
    }
    is_hidden
}

/// What is wanted of a choice beside what the alias says.
struct Wanted {
    directives: Directives,
    /// The cheapest.
    is_thrifty: bool,
    /// One that is up to a prompt so hard.
    complexity: Option<f32>,
}

fn plan(
    settings: &Settings,
    operation: Operation,
    head: &Parts,
    object: &Object,
    route: &Arc<Route>,
    wanted: &Wanted,
) -> Result<Plan, Failure> {
    let mut call = settings.engine.call(route, head, operation, object, settings.clock.now());
    if let Some(class) = wanted.directives.class {
        call = call.with_class(class);
    }
    if let Some(constraints) = &wanted.directives.constraints {
        call = call.with_constraints(constraints);
    }
    if let Some(complexity) = wanted.complexity {
        call = call.with_preferred(route.complexity.choose(complexity));
    }
    call = call.with_thrift(wanted.is_thrifty);
    settings.engine.plan(&call).map_err(|nothing_left| {
        let constraint = nothing_left.removed().next().map_or("none", |(_, constraint)| constraint.as_str());
        observe::nothing_left(route.name(), constraint);
        errors::nothing_left(&nothing_left)
    })
}

/// The request for an attempt: the request itself, if no other follows.
fn take_or_clone(request: &mut Option<(Parts, Body)>, is_wanted_again: bool) -> Option<Request<Body>> {
    let again = request.as_ref().filter(|_| is_wanted_again).and_then(|(head, body)| {
        // A body that was split into its members can be had again.
        Some(Request::from_parts(head.clone(), body.try_clone()?))
    });
    again.or_else(|| request.take().map(|(head, body)| Request::from_parts(head, body)))
}

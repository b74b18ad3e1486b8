use std::{future::poll_fn, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body as HttpBody;
use llm_layers_core::{
    Alias, Body, BoxError, Deadline, Failure, FailureKind, Operation, Rejection, head, metering, opening,
};
use llm_layers_wire::json::{Limits, Object};
use tokio::time::Instant;
use tower_service::Service;

use super::complexity;
use crate::{
    Outcome, Plan, Route, Step,
    answer::{self, Begun, Name, Seen},
    errors,
    fallback::{Best, Order, Verdict},
    headers::{self, Directives},
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
        name: settings.restores_model.then(|| Name::new(route.name())),
        hides_usage: settings.ask_for_usage && ask_for_usage(operation, &mut head, &mut body).await,
    };
    let mut order = Order::new(&plan, complexity);
    let mut best = Best::default();
    let mut request = Some((head, body));
    while let Some(step) = order.next() {
        let Some(attempt) = take_or_clone(&mut request, order.may_go_on()) else { break };
        if order.asked() > 1
            && let Err(error) = poll_fn(|cx| inner.poll_ready(cx)).await
        {
            best.keep(Err(error));
            break;
        }
        let (answer, verdict) = calling.ask(inner, step, &order, attempt).await;
        let is_over = order.judge(verdict);
        let deadline = request.as_ref().and_then(|(head, _)| head.extensions.get::<Deadline>());
        let is_late = deadline.is_some_and(|deadline| deadline.remaining().is_zero());
        if is_over {
            best.take(answer);
            break;
        }
        best.keep(answer);
        if is_late || request.is_none() || !order.may_go_on() {
            break;
        }
        if let Some(deployment) = plan.deployment(step) {
            observe::fell_back(plan.alias(), deployment, verdict.as_str());
        }
    }
    best.answer(order.asked()).unwrap_or_else(|| Ok(errors::too_late().into_response()))
}

/// Asks a stream for its usage where its client does not. Says whether it did.
async fn ask_for_usage(operation: Operation, head: &mut Parts, body: &mut Body) -> bool {
    let asked = match body.object(&Limits::DEFAULT).await {
        Ok(object) => metering::ask_for_usage(Some(operation), object),
        Err(_) => false,
    };
    if asked {
        head::body_replaced(&mut head.headers, body);
    }
    asked
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
        errors::nothing_left(nothing_left.to_string(), nothing_left.is_the_requests())
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

/// What all attempts of a call have in common.
struct Calling<'a> {
    settings: &'a Settings,
    plan: &'a Plan,
    name: Option<Name>,
    /// Usage was asked for, and not by the client.
    hides_usage: bool,
}

impl Calling<'_> {
    /// Asks one deployment, and says what its answer is worth.
    async fn ask<S, RB>(
        &self,
        inner: &mut S,
        step: Step,
        order: &Order<'_>,
        mut request: Request<Body>,
    ) -> (Result<Response<Body>, S::Error>, Verdict)
    where
        S: Service<Request<Body>, Response = Response<RB>>,
        RB: HttpBody<Data = Bytes> + Send + 'static,
        RB::Error: Into<BoxError>,
    {
        let Self { settings, plan, name, hides_usage } = self;
        let deployment = plan.deployment(step);
        if let Some(deployment) = deployment {
            request.extensions_mut().insert(deployment.clone());
        }
        let call = plan.begin(step);
        let started = Instant::now();
        let mut response = match inner.call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                if let Some(call) = call {
                    call.end(Outcome::Failure(FailureKind::Unreachable));
                }
                return (Err(error), Verdict::Error);
            }
        };
        opening::open(&mut response, &settings.hold).await;
        if name.is_some() {
            answer::read_plain(&mut response).await;
        }
        let begun = Begun::of(&mut response, &settings.hold).await;
        let verdict = Verdict::of(&mut response, &begun).await;
        let is_answered = verdict == Verdict::Answer && response.status().is_success();
        let counted = match call {
            Some(call) if is_answered => {
                call.first_word(started.elapsed());
                Some(call)
            }
            Some(call) => {
                call.end(outcome(&response, verdict));
                None
            }
            None => None,
        };
        if let Some(deployment) = deployment.filter(|_| is_answered) {
            settings.counters.answered(plan.alias(), deployment, plan.policy(), order.asked());
        }
        // A refusal in the guise of an answer may be the last word, too.
        if response.status().is_success() {
            let seen = Seen { name: name.clone(), hides_usage: *hides_usage, call: counted };
            response = answer::watch(response, &settings.hold, seen);
        }
        if let Some(deployment) = deployment.filter(|_| settings.tells) {
            let headers = response.headers_mut();
            headers::tell_deployment(headers, deployment);
            headers::tell_model(headers, begun.model.as_deref().unwrap_or(deployment.model()));
            headers::tell_route(headers, &order.route(step));
        }
        (Ok(response), verdict)
    }
}

/// What an answer that is none says of its deployment.
fn outcome(response: &Response<Body>, verdict: Verdict) -> Outcome {
    if response.extensions().get::<Rejection>().is_some() {
        return Outcome::Cancelled;
    }
    match FailureKind::of(response) {
        Some(kind) => Outcome::Failure(kind),
        None if verdict == Verdict::Answer => Outcome::Success,
        None => Outcome::Failure(FailureKind::ContentFilter),
    }
}

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Caller, FailureKind, Rejection, opening};
use tower_service::Service;

use crate::{
    Outcome, Plan, Step,
    answer::{self, Begun, Form, Name, Seen, Wanted},
    fallback::{Order, Verdict},
    headers,
    layer::Settings,
};

/// What all attempts of a call have in common.
pub(super) struct Calling<'a> {
    pub(super) settings: &'a Settings,
    pub(super) plan: &'a Plan,
    /// The name in the answer.
    pub(super) name: Option<Name>,
    /// Usage was asked for, and not by the client.
    pub(super) hides_usage: bool,
    /// In whose name the provider keeps the answer, if it does.
    pub(super) stored_for: Option<Option<Caller>>,
}

impl Calling<'_> {
    /// Asks one deployment, and says what its answer is worth.
    pub(super) async fn ask<S, RB>(
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
        let Self { settings, plan, name, hides_usage, stored_for } = self;
        let deployment = plan.deployment(step);
        if let Some(deployment) = deployment {
            request.extensions_mut().insert(deployment.clone());
        }
        // Whoever keeps the accounts need not count again.
        if let Some(expected) = plan.expected(step) {
            request.extensions_mut().insert(expected);
        }
        let call = plan.begin(step);
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
        if name.is_some() && Form::of(&response) == Form::Plain {
            answer::read_plain(&mut response).await;
        }
        let begun =
            Begun::of(&mut response, &settings.hold, Wanted { ids: stored_for.is_some(), refusals: true }).await;
        let verdict = Verdict::of(&mut response, &begun).await;
        let is_answered = verdict == Verdict::Answer && response.status().is_success();
        let counted = match call {
            Some(call) if is_answered => {
                call.first_word_now();
                Some(call)
            }
            Some(call) => {
                call.end(outcome(&response, verdict));
                None
            }
            None => None,
        };
        if let Some(deployment) = deployment.filter(|_| is_answered) {
            plan.count_answer(step, order.asked());
            if let Some(caller) = stored_for {
                settings.engine.remember(caller.as_ref(), &begun.ids, deployment);
            }
        }
        // A refusal in the guise of an answer may be the last word, too.
        if response.status().is_success() {
            let seen = Seen { name: name.clone(), hides_usage: *hides_usage, call: counted };
            response = answer::watch(response, &settings.hold, seen);
        }
        if let Some(deployment) = deployment {
            response.extensions_mut().insert(deployment.clone());
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

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Request, Response};
use llm_layers_core::{Body, Deadline, Deployment, FailureKind, retry_after};
use tokio::time::Sleep;
use tower::retry::{Policy, backoff::Backoff};

use crate::{
    attempts,
    backoff::FullJitter,
    layer::Settings,
    observe,
    rules::{Failed, Reason, Wait},
};

const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// What tower's retry is told to do, for one call.
#[derive(Clone)]
pub(crate) struct CallPolicy {
    settings: Arc<Settings>,
    backoff: FullJitter,
    /// How often the service below was called.
    calls: u32,
    /// How many attempts that makes: layers below may have made more of a call, or none.
    attempts: u32,
}

impl CallPolicy {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self { backoff: settings.backoff(), settings, calls: 1, attempts: 0 }
    }

    /// How an answer is a failure; `None` for a success, and for a refusal of a layer below.
    fn failed(&self, response: &Response<Body>) -> Option<Failed> {
        if attempts::is_refusal(response) {
            return None;
        }
        let headers = response.headers();
        Some(Failed {
            kind: FailureKind::of(response)?,
            wait: retry_after::from_headers(headers, self.settings.clock.now()),
            should_retry: match headers.get(SHOULD_RETRY).map(HeaderValue::as_bytes) {
                Some(b"true") => Some(true),
                Some(b"false") => Some(false),
                _ => None,
            },
        })
    }

    /// The wait before the next attempt, if there is one.
    fn wait(&mut self, failed: &Failed, deadline: Option<Deadline>) -> Result<Sleep, Reason> {
        let wait = match self.settings.rules.judge(failed, self.calls)? {
            Wait::Asked(wait) => self.backoff.asked(wait),
            Wait::Backoff => self.backoff.next_backoff(),
        };
        if deadline.is_some_and(|deadline| deadline.instant() <= wait.deadline()) {
            return Err(Reason::Deadline);
        }
        if self.settings.budget.as_ref().is_some_and(|budget| !budget.withdraw()) {
            return Err(Reason::Budget);
        }
        Ok(wait)
    }

    /// No attempt follows: this is the answer.
    fn answered(&self, response: &mut Response<Body>, deployment: Option<&Deployment>) {
        attempts::set(response, self.attempts);
        if attempts::is_refusal(response) {
            return;
        }
        if let Some(budget) = &self.settings.budget {
            budget.deposit();
        }
        if self.calls > 1 {
            observe::recovered(deployment, self.calls);
        }
    }

    /// No attempt follows: this failure is the answer.
    fn given_up(&self, response: &mut Response<Body>, reason: Reason) {
        attempts::set(response, self.attempts);
        // Clients that retry what was retried here multiply the load on a provider that has too much of it already.
        let spent = reason == Reason::Budget || (reason == Reason::Attempts && self.calls > 1);
        if spent && self.settings.stops_clients {
            response.headers_mut().entry(SHOULD_RETRY).or_insert(HeaderValue::from_static("false"));
        }
    }
}

impl<E> Policy<Request<Body>, Response<Body>, E> for CallPolicy {
    type Future = Sleep;

    fn retry(&mut self, request: &mut Request<Body>, result: &mut Result<Response<Body>, E>) -> Option<Sleep> {
        let deployment = request.extensions().get();
        self.attempts = self.attempts.saturating_add(result.as_ref().map_or(1, attempts::of));
        let failed = match result {
            Ok(response) => match self.failed(response) {
                Some(failed) => failed,
                None => {
                    self.answered(response, deployment);
                    return None;
                }
            },
            Err(_) => Failed { kind: FailureKind::Unreachable, wait: None, should_retry: None },
        };
        match self.wait(&failed, request.extensions().get().copied()) {
            Ok(wait) => {
                observe::retried(deployment, failed.kind, self.calls, &wait);
                self.calls += 1;
                Some(wait)
            }
            Err(reason) => {
                observe::given_up(deployment, failed.kind, self.calls, reason);
                if let Ok(response) = result {
                    self.given_up(response, reason);
                }
                None
            }
        }
    }

    fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
        crate::replay::clone(request)
    }
}

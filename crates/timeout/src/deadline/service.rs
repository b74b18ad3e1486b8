use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deadline, Deployment, Failure, Operation, head};
use tower_service::Service;

use super::{header, layer::Settings};
use crate::{Limit, ResponseFuture, call::Call, observe, watch::Watch};

/// The service of [`DeadlineLayer`](crate::DeadlineLayer).
#[derive(Clone)]
pub struct EnforceDeadline<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> EnforceDeadline<S> {
    pub(super) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, RB> Service<Request<B>> for EnforceDeadline<S>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut request = request.map(Body::new);
        let operation = Operation::of(&request);
        if operation.is_none() && !self.settings.all_requests {
            return ResponseFuture::pass(self.inner.call(request));
        }
        let time = match header::take(request.headers_mut()) {
            Ok(asked) => self.settings.time(asked),
            Err(failure) => {
                observe::refused();
                return refuse(request, failure);
            }
        };
        let earlier = request.extensions().get::<Deadline>().copied();
        let own = time.map(Deadline::after);
        let Some(deadline) = earlier.into_iter().chain(own).min() else {
            return ResponseFuture::pass(self.inner.call(request));
        };
        let call = Call {
            watch: Watch::deadline(deadline.instant()),
            operation,
            deployment: request.extensions().get::<Deployment>().cloned(),
            sse_limits: self.settings.sse_limits,
        };
        if deadline.is_over() {
            return refuse(request, call.expired(Limit::Deadline).failure());
        }
        request.extensions_mut().insert(deadline);
        ResponseFuture::timed(self.inner.call(request), call)
    }
}

/// Answers without a call. What the client is still sending comes to its end, or it would not hear the answer.
fn refuse<F>(request: Request<Body>, failure: Failure) -> ResponseFuture<F> {
    let (head, mut body) = request.into_parts();
    ResponseFuture::refused(async move {
        body.discard_refused(head::awaits_continue(&head.headers)).await;
        failure.into_response()
    })
}

impl<S: fmt::Debug> fmt::Debug for EnforceDeadline<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnforceDeadline").field("inner", &self.inner).field("settings", &self.settings).finish()
    }
}

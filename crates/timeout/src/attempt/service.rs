use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deployment, Operation};
use tower_service::Service;

use super::layer::Settings;
use crate::{ResponseFuture, call::Call, watch::Watch};

/// The service of [`TimeoutLayer`](crate::TimeoutLayer).
#[derive(Clone)]
pub struct Timeout<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> Timeout<S> {
    pub(super) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, RB> Service<Request<B>> for Timeout<S>
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
        let limits = if self.settings.depends_on_request() {
            let (parts, body) = request.into_parts();
            let limits = self.settings.limits(&parts);
            request = Request::from_parts(parts, body);
            limits
        } else {
            self.settings.default_limits()
        };
        // Known for free where a layer above has split the body; not worth a look of one's own.
        let of_stream = request.body().as_object().is_some_and(|object| object.is_true("stream"));
        let call = Call {
            watch: Watch::attempt(limits, of_stream),
            operation,
            deployment: request.extensions().get::<Deployment>().cloned(),
            sse_limits: self.settings.sse_limits,
        };
        ResponseFuture::timed(self.inner.call(request), call)
    }
}

impl<S: fmt::Debug> fmt::Debug for Timeout<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout").field("inner", &self.inner).field("settings", &self.settings).finish()
    }
}

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Operation, ResponseFuture, take_readied};
use tower_service::Service;

use crate::{call, layer::Settings};

/// The service of [`RateLimitLayer`](crate::RateLimitLayer).
#[derive(Clone)]
pub struct RateLimit<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> RateLimit<S> {
    pub(crate) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, RB> Service<Request<B>> for RateLimit<S>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // Who is limited is known with the request only: the decision falls in the call.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let request = request.map(Body::new);
        let operation = Operation::of(&request);
        if !self.settings.limits(operation) {
            return ResponseFuture::pass(self.inner.call(request));
        }
        let (head, body) = request.into_parts();
        let claims = self.settings.claims(operation, &head);
        let request = Request::from_parts(head, body);
        if claims.is_empty() {
            return ResponseFuture::pass(self.inner.call(request));
        }
        let inner = take_readied(&mut self.inner);
        ResponseFuture::work(call::limited(inner, Arc::clone(&self.settings), operation, claims, request))
    }
}

impl<S: fmt::Debug> fmt::Debug for RateLimit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = &self.settings.rules;
        f.debug_struct("RateLimit").field("inner", &self.inner).field("rules", rules).finish()
    }
}

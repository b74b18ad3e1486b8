use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Operation};
use tower_service::Service;

use crate::{errors, future::ResponseFuture, key::Key, layer::Settings};

/// The service of [`CircuitBreakerLayer`](crate::CircuitBreakerLayer).
#[derive(Clone)]
pub struct CircuitBreaker<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> CircuitBreaker<S> {
    pub(crate) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, RB> Service<Request<B>> for CircuitBreaker<S>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone + Send + 'static,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    /// The breakers have no say in it: behind a router that is always ready nobody would wait for them.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let request = request.map(Body::new);
        if Operation::of(&request).is_none() {
            return ResponseFuture::pass(self.inner.call(request));
        }
        let admitted = {
            let key = Key::of_request(&request, self.settings.key_by.as_deref());
            self.settings.breakers.admit(&key)
        };
        match admitted {
            Ok(permit) => {
                ResponseFuture::guarded(self.inner.call(request), permit, Arc::clone(&self.settings.classify))
            }
            Err(refused) => {
                // What the readiness of the service below holds for this call is given back.
                self.inner = self.inner.clone();
                ResponseFuture::refused(errors::refusal(&refused))
            }
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for CircuitBreaker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker").field("inner", &self.inner).finish_non_exhaustive()
    }
}

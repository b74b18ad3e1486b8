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

use crate::{exchange, layer::Settings};

/// The service of [`TranslatorLayer`](crate::TranslatorLayer).
#[derive(Clone)]
pub struct Translator<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> Translator<S> {
    pub(crate) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, RB> Service<Request<B>> for Translator<S>
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
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let request = request.map(Body::new);
        let operation = Operation::of(&request);
        if operation.is_none() && !exchange::is_for_a_provider(&request) {
            return ResponseFuture::pass(self.inner.call(request));
        }
        let inner = take_readied(&mut self.inner);
        let settings = Arc::clone(&self.settings);
        match operation {
            Some(operation) => ResponseFuture::work(exchange::exchange(inner, settings, operation, request)),
            None => ResponseFuture::work(exchange::pass(inner, settings, request)),
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for Translator<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let providers = &self.settings.providers;
        f.debug_struct("Translator").field("inner", &self.inner).field("providers", providers).finish()
    }
}

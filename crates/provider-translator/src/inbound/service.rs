use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Operation, take_readied};
use tower_service::Service;

use super::{Shape, exchange, layer::Settings};
use crate::ResponseFuture;

/// The service of [`InboundLayer`](crate::InboundLayer).
#[derive(Clone)]
pub struct InboundTranslator<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> InboundTranslator<S> {
    pub(super) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }

    /// The shape that a call must be translated from, if any. By default completions pass without being read.
    fn shape(&self, operation: Operation) -> Option<Shape> {
        Shape::of(operation).filter(|shape| *shape != Shape::Completions || self.settings.native.is_some())
    }
}

impl<S, B, RB> Service<Request<B>> for InboundTranslator<S>
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
        let Some((operation, shape)) = operation.and_then(|operation| Some((operation, self.shape(operation)?))) else {
            return ResponseFuture::pass(self.inner.call(request));
        };
        let inner = take_readied(&mut self.inner);
        ResponseFuture::work(exchange::exchange(inner, Arc::clone(&self.settings), operation, shape, request))
    }
}

impl<S: fmt::Debug> fmt::Debug for InboundTranslator<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundTranslator").field("inner", &self.inner).finish_non_exhaustive()
    }
}

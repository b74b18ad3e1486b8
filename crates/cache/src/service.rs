use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Operation, ResponseFuture, take_readied};
use tower_service::Service;

use crate::{call, layer::Shared};

/// The service of [`CacheLayer`](crate::CacheLayer).
#[derive(Clone, Debug)]
pub struct Cache<S> {
    inner: S,
    shared: Shared,
}

impl<S> Cache<S> {
    pub(crate) const fn new(inner: S, shared: Shared) -> Self {
        Self { inner, shared }
    }
}

impl<S, B, RB> Service<Request<B>> for Cache<S>
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
        let Some(operation) = Operation::of_model_call(&request) else {
            return ResponseFuture::pass(self.inner.call(request));
        };
        let inner = take_readied(&mut self.inner);
        ResponseFuture::work(call::call(inner, self.shared.clone(), operation, request))
    }
}

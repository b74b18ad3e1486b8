use std::{
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Operation, ResponseFuture, head, take_readied};
use tower_service::Service;

use crate::{
    call::{self, Call},
    errors,
    layer::Settings,
};

/// The service of [`RedactLayer`](crate::RedactLayer).
#[derive(Clone, Debug)]
pub struct Redact<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> Redact<S> {
    pub(crate) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, RB> Service<Request<B>> for Redact<S>
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
        let operation = Operation::of_model_call(&request);
        let Some(shape) = operation.or_else(|| shape_of(&request)) else {
            if !self.settings.other_calls && !request.body().is_end_stream() {
                let (head, mut body) = request.into_parts();
                return ResponseFuture::work(async move {
                    body.discard_refused(head::awaits_continue(&head.headers)).await;
                    Ok(errors::unsearchable_call().into_response())
                });
            }
            return ResponseFuture::pass(self.inner.call(request));
        };
        let call = Call { settings: Arc::clone(&self.settings), operation, shape, caller: None };
        ResponseFuture::work(call::call(take_readied(&mut self.inner), call, request))
    }
}

/// The words that a call is in which is no operation, and holds prompts in JSON all the same.
fn shape_of<B>(request: &Request<B>) -> Option<Operation> {
    let path = request.uri().path();
    if request.method() != Method::POST || path.starts_with("/providers/") {
        return None;
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let ends_with_any = |tails: &[&str]| tails.iter().any(|tail| path.ends_with(tail));
    if ends_with_any(&["/messages/count_tokens"]) {
        Some(Operation::Message)
    } else if ends_with_any(&["/openai/responses", "/responses/compact", "/responses/input_tokens"]) {
        Some(Operation::Response)
    } else if ends_with_any(&["/moderations", "/images/generations", "/audio/speech", "/rerank"]) {
        Some(Operation::ChatCompletion)
    } else {
        None
    }
}

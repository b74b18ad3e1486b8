use std::{
    future::{Future, poll_fn},
    pin::Pin,
};

use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{
    Body, BoxError, Deadline, Operation, head,
    opening::{self, Hold},
};
use llm_layers_wire::sse;
use tower_service::Service;

use crate::{
    judge::{Judgement, Turn},
    reask,
};

/// A request that is not the same must not look as if it were.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Somebody who can ask the model again.
pub(crate) trait Asking: Send {
    /// Asks for another answer, with what the model has said and what was wrong with it behind the conversation. `None`
    /// if that cannot be asked, or there is no time left for it.
    fn ask(&mut self, turn: &Turn<'_>, judgement: &Judgement) -> Option<Asked>;
}

/// The answer to the request with this behind its conversation; `None` if there is none.
pub(crate) type Asked = Pin<Box<dyn Future<Output = Option<Response<Body>>> + Send>>;

/// The service below, and what it was asked last.
pub(super) struct Asker<S> {
    service: S,
    request: Request<Body>,
    operation: Operation,
    hold: Hold,
}

impl<S> Asker<S> {
    pub(super) fn new(service: S, request: Request<Body>, operation: Operation, limits: sse::Limits) -> Self {
        let mut hold = Hold::default();
        hold.sse_limits = limits;
        Self { service, request, operation, hold }
    }
}

impl<S, RB> Asking for Asker<S>
where
    S: Service<Request<Body>, Response = Response<RB>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    fn ask(&mut self, turn: &Turn<'_>, judgement: &Judgement) -> Option<Asked> {
        if self.request.extensions().get().copied().is_some_and(Deadline::is_over) {
            return None;
        }
        let object = self.request.body().as_object()?;
        let body = Body::from(reask::request(self.operation, object, turn, judgement)?);
        head::body_replaced(self.request.headers_mut(), &body);
        self.request.headers_mut().remove(IDEMPOTENCY_KEY);
        // What is wrong with the next answer goes behind this.
        *self.request.body_mut() = body;
        let request = copy(&self.request)?;
        let (mut service, hold) = (self.service.clone(), self.hold.clone());
        Some(Box::pin(async move {
            poll_fn(|cx| service.poll_ready(cx)).await.ok()?;
            let mut response = service.call(request).await.ok()?.map(Body::new);
            // Up to its first word an answer may still turn out to be an error.
            opening::open(&mut response, &hold).await;
            response.status().is_success().then_some(response)
        }))
    }
}

/// The request once more, with all that layers have told each other by its extensions. `None` if its body is a stream.
pub(super) fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    request.method().clone_into(copy.method_mut());
    request.uri().clone_into(copy.uri_mut());
    *copy.version_mut() = request.version();
    request.headers().clone_into(copy.headers_mut());
    request.extensions().clone_into(copy.extensions_mut());
    Some(copy)
}

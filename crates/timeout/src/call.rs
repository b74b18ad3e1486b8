use bytes::Bytes;
use http::{Response, header::CONTENT_LENGTH};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Deployment, Operation, head};
use llm_layers_wire::sse;

use crate::{Expired, Limit, frames::TimedFrames, observe, stream::TimedEvents, watch::Watch};

/// A call that is being watched, from its beginning to the end of its answer.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) watch: Watch,
    pub(crate) operation: Option<Operation>,
    /// For the metrics alone.
    pub(crate) deployment: Option<Deployment>,
    pub(crate) sse_limits: sse::Limits,
}

impl Call {
    /// Watches over an answer whose head has come.
    pub(crate) fn answer<B>(mut self, response: Response<B>) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut response = response.map(Body::new);
        if response.body().is_in_memory() || !self.watch.has_more() {
            return response;
        }
        let is_stream = response.body().is_events() || head::is_event_stream(response.headers());
        self.watch.head(is_stream);
        let body = std::mem::take(response.body_mut());
        *response.body_mut() = match self.operation {
            // The clients of an operation that is not known have an unknown shape for errors.
            Some(operation) if is_stream => {
                // Events may end in one more than were announced.
                response.headers_mut().remove(CONTENT_LENGTH);
                let events = body.into_events(self.sse_limits);
                Body::from_events(TimedEvents::new(events, self, operation))
            }
            _ => Body::new(TimedFrames::new(body, self)),
        };
        response
    }

    /// A limit has run out.
    pub(crate) fn expired(&self, limit: Limit) -> Expired {
        observe::expired(limit, self.operation, self.deployment.as_ref());
        self.watch.expired(limit)
    }
}

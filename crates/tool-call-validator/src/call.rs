use std::{future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Operation};
use tower_service::Service;

use crate::{
    answer::stream::Again,
    layer::Settings,
};

/// Whether calls of this kind can have tools.
pub(crate) const fn is_checked(operation: Operation) -> bool {
    matches!(operation, Operation::ChatCompletion | Operation::Response | Operation::Message)
}

/// Whether a request may ask for calls or for JSON, as far as that can be told without reading it.
pub(crate) fn may_ask(_operation: Operation, _body: &Body) -> bool {
    true
}

/// Somebody who can ask the model again.
pub(crate) trait Asking: Send {
    /// The answer to the request with this behind its conversation, as a body of events; `None` if it cannot be asked, or
    /// does not answer.
    fn ask(&mut self, again: Box<Again>) -> Pin<Box<dyn Future<Output = Option<Response<Body>>> + Send>>;
}

/// One call, whose answer is checked.
pub(crate) async fn call<S, RB>(
    mut service: S,
    _settings: Arc<Settings>,
    _operation: Operation,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<RB>>,
    RB: HttpBody<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    Ok(service.call(request).await?.map(Body::new))
}

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, Request, Response, header::ACCEPT_ENCODING};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Operation, encoding};
use tower_service::Service;

use crate::{Action, Report, answer, layer::Settings, request};

/// What was found in a request, as its answer tells.
const REDACTED: HeaderName = HeaderName::from_static("x-llm-redacted");

/// Takes out of a call what must not leave, and puts it back into the answer.
pub(crate) async fn call<S, B>(
    mut service: S,
    settings: Arc<Settings>,
    operation: Operation,
    mut request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<B>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let redacted = match request::redact(&settings, operation, &mut request).await {
        Ok(redacted) => redacted,
        Err((failure, report)) => return Ok(told(failure.into_response(), report)),
    };
    let is_read = !redacted.restorer.is_empty() || settings.answers != Action::Ignore;
    if is_read {
        request.headers_mut().insert(ACCEPT_ENCODING, encoding::ACCEPTED);
    }
    let caller = request.extensions().get().cloned();
    let response = service.call(request).await?.map(Body::new);
    // Nothing is done between the answer's head and its body but this.
    drop(service);
    let response = if is_read {
        answer::restore(settings, operation, caller, redacted.restorer, redacted.wants_json, response).await
    } else {
        response
    };
    Ok(told(response, redacted.report))
}

/// Says what was found.
fn told(mut response: Response<Body>, report: Option<Report>) -> Response<Body> {
    if let Some(report) = report {
        if let Some(header) = report.to_header() {
            response.headers_mut().insert(REDACTED, header);
        }
        response.extensions_mut().insert(report);
    } else {
        // Only what was found here is told here.
        response.headers_mut().remove(REDACTED);
    }
    response
}

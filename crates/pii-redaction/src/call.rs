use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, Request, Response, header::ACCEPT_ENCODING};
use http_body::Body as HttpBody;
use llm_layers_core::{Body, BoxError, Caller, Operation, encoding};
use tower_service::Service;

use crate::{Action, Direction, Report, Session, answer, layer::Settings, observe, report, request};

/// What was found in a request, as its answer tells.
const REDACTED: HeaderName = HeaderName::from_static("x-llm-redacted");

/// A call that is searched.
pub(crate) struct Call {
    pub(crate) settings: Arc<Settings>,
    /// `None` for a call that is no operation and holds prompts all the same.
    pub(crate) operation: Option<Operation>,
    /// Whose words it is in.
    pub(crate) shape: Operation,
    pub(crate) caller: Option<Caller>,
}

impl Call {
    /// Whose values get placeholders of their own.
    pub(crate) fn scope(&self) -> &str {
        self.caller.as_ref().map_or("", Caller::name)
    }

    /// Whether what the model itself says is searched.
    pub(crate) fn searches_answers(&self) -> bool {
        self.settings.answers != Action::Ignore
    }

    /// A session for what the model says: nothing of it is put back.
    pub(crate) fn answer_session(&self) -> Session {
        Session::new(&self.settings.answer_rules, self.scope(), Bytes::new())
    }

    /// A session for what the model says and nobody may change.
    pub(crate) fn sealed_session(&self) -> Session {
        Session::new(&Arc::new(self.settings.answer_rules.unchanged()), self.scope(), Bytes::new())
    }

    /// Tells everybody who listens what was found, if anything was.
    pub(crate) fn tell(&self, session: &Session, direction: Direction) -> Option<Report> {
        let report = report::of(session, self.operation, self.caller.clone(), direction)?;
        observe::found(&report);
        self.settings.tell(&report);
        Some(report)
    }
}

/// Takes out of a call what must not leave, and puts it back into the answer.
pub(crate) async fn call<S, B>(
    mut service: S,
    mut call: Call,
    mut request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<B>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    call.caller = request.extensions().get().cloned();
    let redacted = match request::redact(&call, &mut request).await {
        Ok(redacted) => redacted,
        Err(request::Refused { failure, report }) => return Ok(told(failure.into_response(), report)),
    };
    let is_read = !redacted.restorer.is_empty() || call.searches_answers();
    if is_read {
        request.headers_mut().insert(ACCEPT_ENCODING, encoding::ACCEPTED);
    }
    let mut response = service.call(request).await?.map(Body::new);
    drop(service);
    if is_read {
        response = answer::restore(call, redacted.restorer, redacted.wants_json, response).await;
    }
    Ok(told(response, redacted.report))
}

/// Says what was found.
fn told(mut response: Response<Body>, report: Option<Report>) -> Response<Body> {
    // Only what was found here is told here.
    response.headers_mut().remove(REDACTED);
    if let Some(report) = report {
        if let Some(header) = report.to_header() {
            response.headers_mut().insert(REDACTED, header);
        }
        response.extensions_mut().insert(report);
    }
    response
}

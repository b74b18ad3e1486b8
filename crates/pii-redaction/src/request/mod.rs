//! What is done to a request before it goes on.

mod asked;
mod headers;
mod visitor;

use http::{Request, request::Parts};
use llm_layers_core::{Body, Caller, Failure, Operation, encoding, head};
use llm_layers_wire::json::{Object, members};

use self::visitor::Visitor;
use crate::{Direction, Report, Restorer, Session, errors, layer::Settings, observe, places, report};

/// What is known of a request that may go on.
pub(crate) struct Redacted {
    /// What puts back into the answer what was taken out.
    pub(crate) restorer: Restorer,
    /// What was found, if anything was.
    pub(crate) report: Option<Report>,
    /// The answer's text is to be JSON, so that what is put back into it must be escaped.
    pub(crate) wants_json: bool,
}

/// Takes out of a request what must not leave.
///
/// # Errors
/// It must not go on.
pub(crate) async fn redact(
    settings: &Settings,
    operation: Operation,
    request: &mut Request<Body>,
) -> Result<Redacted, (Failure, Option<Report>)> {
    let (mut head, mut body) = std::mem::take(request).into_parts();
    let redacted = redact_parts(settings, operation, &mut head, &mut body).await;
    if redacted.is_err() {
        body.discard_refused(head::awaits_continue(&head.headers)).await;
    }
    *request = Request::from_parts(head, body);
    redacted
}

async fn redact_parts(
    settings: &Settings,
    operation: Operation,
    head: &mut Parts,
    body: &mut Body,
) -> Result<Redacted, (Failure, Option<Report>)> {
    let failed = |failure: Failure| (failure, None);
    let decoded = encoding::decode_request(&mut head.headers, body, settings.limits.max_bytes).await;
    decoded.map_err(|error| failed(error.into()))?;
    let object = body.object(&settings.limits).await.map_err(|error| failed(error.into()))?;

    let wants_json = wants_json(object);
    let caller = head.extensions.get::<Caller>().cloned();
    let scope = caller.as_ref().map_or("", Caller::name);
    let asked = asked::ask(settings, operation, object).await.map_err(failed)?;
    let session = Session::new(&settings.rules, scope, object.to_bytes());
    let mut visitor = Visitor::new(settings, session, asked);
    let changed = places::request(operation, object, &mut visitor).map_err(|_| failed(errors::unwalkable()))?;
    if changed {
        head::body_replaced(&mut head.headers, body);
    }
    if settings.headers {
        headers::redact(head, &mut visitor);
    }

    let Visitor { session, refused, .. } = visitor;
    if let Some(media) = refused {
        return Err(failed(errors::media_blocked(media.as_str())));
    }
    let report = report::of(&session, operation, caller, Direction::Request);
    if let Some(report) = &report {
        observe::found(report);
        settings.tell(report);
        if report.is_blocked() {
            return Err((errors::blocked(report), Some(report.clone())));
        }
    }
    Ok(Redacted { restorer: Restorer::new(session.into_vault()), report, wants_json })
}

/// Whether the answer is to be JSON: `response_format` of a chat, `text.format` of a response, `output_config.format` of a
/// message.
fn wants_json(object: &Object) -> bool {
    let format = object.get("response_format");
    let format = format.or_else(|| member(object.get("text")?, b"format"));
    let format = format.or_else(|| member(object.get("output_config")?, b"format"));
    let kind = format.and_then(|format| member(format, b"type"));
    kind.is_some_and(|kind| kind.starts_with(b"\"json"))
}

/// The value of an object's member, as it stands there.
fn member<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    members(object).find(|(of, _)| *of == name).map(|(_, value)| value)
}

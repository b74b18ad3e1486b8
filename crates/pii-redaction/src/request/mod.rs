//! What is done to a request before it goes on.

mod asked;
mod headers;
mod visitor;

use http::{Request, request::Parts};
use llm_layers_core::{Body, Failure, encoding, head};
use llm_layers_wire::json::{Object, members};

use self::visitor::Visitor;
use crate::{Direction, Report, Restorer, Session, call::Call, errors, places};

/// What is known of a request that may go on.
pub(crate) struct Redacted {
    /// What puts back into the answer what was taken out.
    pub(crate) restorer: Restorer,
    /// What was found, if anything was.
    pub(crate) report: Option<Report>,
    /// The answer's text is to be JSON, so that what is put back into it must be escaped.
    pub(crate) wants_json: bool,
}

/// A request that must not go on.
pub(crate) struct Refused {
    pub(crate) failure: Failure,
    /// What was found before that was known.
    pub(crate) report: Option<Report>,
}

impl<F: Into<Failure>> From<F> for Refused {
    fn from(failure: F) -> Self {
        Self { failure: failure.into(), report: None }
    }
}

/// Takes out of a request what must not leave.
///
/// # Errors
/// It must not go on.
pub(crate) async fn redact(call: &Call, request: &mut Request<Body>) -> Result<Redacted, Refused> {
    let (mut head, mut body) = std::mem::take(request).into_parts();
    let redacted = redact_parts(call, &mut head, &mut body).await;
    if redacted.is_err() {
        body.discard_refused(head::awaits_continue(&head.headers)).await;
    }
    *request = Request::from_parts(head, body);
    redacted
}

async fn redact_parts(call: &Call, head: &mut Parts, body: &mut Body) -> Result<Redacted, Refused> {
    let settings = &*call.settings;
    encoding::decode_request(&mut head.headers, body, settings.limits.max_bytes).await?;
    let object = body.object(&settings.limits).await?;

    let asked = asked::ask(call, object).await?;
    let wants_json = wants_json(object);
    let session = Session::new(&settings.rules, call.scope(), object.to_bytes());
    let mut visitor = Visitor::new(settings, session, asked);
    let walked = places::request(call.shape, object, &mut visitor);
    if walked == Ok(true) {
        head::body_replaced(&mut head.headers, body);
    }
    if settings.headers {
        headers::redact(head, &mut visitor);
    }

    let Visitor { session, refused, .. } = visitor;
    let report = call.tell(&session, Direction::Request);
    let failure = match (&walked, refused, &report) {
        (Err(_), ..) => Some(errors::unwalkable()),
        (_, _, Some(report)) if report.is_blocked() => Some(errors::blocked(report)),
        (_, Some(media), _) => Some(errors::media_blocked(media.as_str())),
        _ => None,
    };
    match failure {
        Some(failure) => Err(Refused { failure, report }),
        None => Ok(Redacted { restorer: Restorer::new(session.into_vault()), report, wants_json }),
    }
}

/// Whether the answer is to be JSON: `response_format` of a chat, `text.format` of a response, `output_config.format` or
/// `output_format` of a message.
fn wants_json(object: &Object) -> bool {
    let nested = |name, inner| object.get(name).and_then(|value| member(value, inner));
    let formats = [
        object.get("response_format"),
        object.get("output_format"),
        nested("text", b"format"),
        nested("output_config", b"format"),
    ];
    let is_json = |format: &[u8]| member(format, b"type").is_some_and(|kind| kind.starts_with(b"\"json"));
    formats.into_iter().flatten().any(is_json)
}

/// The value of an object's member, as it stands there.
fn member<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    members(object).find(|(of, _)| *of == name).map(|(_, value)| value)
}

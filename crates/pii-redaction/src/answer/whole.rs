//! Answers that come in one piece.

use bytes::Bytes;
use http::Response;
use llm_layers_core::{Body, Caller, Failure, Operation, ReadError, encoding, head};
use llm_layers_pii::Text;
use llm_layers_wire::json::{Limits, Object};

use crate::{
    Action, Direction, Escape, Restorer, Session, errors,
    layer::Settings,
    observe,
    places::{self, Place, Visit},
    report,
};

pub(super) async fn restore(
    settings: &Settings,
    operation: Operation,
    caller: Option<Caller>,
    restorer: &Restorer,
    response: Response<Body>,
) -> Response<Body> {
    let (mut head, mut body) = response.into_parts();
    let read = body.bytes(settings.max_answer).await;
    let plain = match read.and_then(|bytes| encoding::decode(&head.headers, bytes, settings.max_answer)) {
        Ok(plain) => plain,
        Err(error) => return unreadable(&error).into_response(),
    };
    let mut visitor = Visitor { settings, restorer, session: Session::new(&settings.answer_rules, "", Bytes::new()) };
    let changed = change(operation, &plain, &mut visitor);
    if let Some(report) = report::of(&visitor.session, operation, caller, Direction::Answer) {
        observe::found(&report);
        settings.tell(&report);
        if report.is_blocked() {
            return errors::answer_blocked(&report).into_response();
        }
    }
    let is_plain = !encoding::is_encoded(&head.headers);
    match changed {
        Some(changed) => body = changed,
        // As it came.
        None if is_plain => return Response::from_parts(head, body),
        None => body = Body::from(plain),
    }
    head::body_replaced(&mut head.headers, &body);
    Response::from_parts(head, body)
}

/// The body with what is to be changed in it; nothing where nothing is.
fn change(operation: Operation, plain: &Bytes, visitor: &mut Visitor<'_>) -> Option<Body> {
    let limits = Limits::LENIENT.with_max_bytes(usize::MAX);
    if let Ok(mut object) = Object::parse_with(plain.clone(), &limits)
        && let Ok(changed) = places::answer(operation, &mut object, visitor)
    {
        return changed.then(|| Body::from(object));
    }
    // An error page, or what else is no JSON.
    let text = std::str::from_utf8(plain).ok()?;
    visitor.text(&Text::from(text), Place::default()).map(Body::from)
}

/// Looks at each text of an answer.
struct Visitor<'a> {
    settings: &'a Settings,
    restorer: &'a Restorer,
    session: Session,
}

impl Visit for Visitor<'_> {
    fn text(&mut self, text: &Text<'_>, place: Place) -> Option<String> {
        let mut screened = None;
        if self.settings.answers != Action::Ignore {
            let mut found = self.settings.find(text);
            if place.sealed {
                self.settings.answer_rules.retain_unchanged(&mut found);
            }
            if !found.is_empty() {
                screened = self.session.redact(text, found, place.raw_json);
            }
        }
        let escape = if place.raw_json { Escape::Json } else { Escape::None };
        self.restorer.restore(screened.as_deref().unwrap_or(text.text), escape).or(screened)
    }
}

fn unreadable(error: &ReadError) -> Failure {
    match error {
        ReadError::TooLarge { limit } => {
            Failure::bad_gateway(format!("The provider's answer is longer than {limit} bytes."))
        }
        ReadError::Encoding(_) => errors::unreadable_answer(),
        _ => Failure::bad_gateway("The provider's answer broke off."),
    }
}

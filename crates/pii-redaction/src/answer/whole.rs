//! Answers that come in one piece.

use bytes::Bytes;
use http::Response;
use llm_layers_core::{Body, Failure, ReadError, encoding, head};
use llm_layers_pii::Text;
use llm_layers_wire::json::{Limits, Object};

use super::right::put_right;
use crate::{
    Direction, Restorer, Session,
    call::Call,
    errors,
    places::{self, Place, Visit},
};

pub(super) async fn restore(call: &Call, restorer: &Restorer, response: Response<Body>) -> Response<Body> {
    let max = call.settings.max_answer;
    let (mut head, mut body) = response.into_parts();
    let read = body.bytes(max).await;
    let plain = match read.and_then(|bytes| encoding::decode(&head.headers, bytes, max)) {
        Ok(plain) => plain,
        Err(error) => return unreadable(&error).into_response(),
    };
    let mut visitor = Visitor { call, restorer, session: call.answer_session() };
    let Ok(changed) = change(&plain, &mut visitor) else { return errors::unreadable_answer().into_response() };
    if let Some(report) = call.tell(&visitor.session, Direction::Answer).filter(|report| report.is_blocked()) {
        return errors::answer_blocked(&report).into_response();
    }
    match changed {
        Some(changed) => body = changed,
        // As it came.
        None if !encoding::is_encoded(&head.headers) => return Response::from_parts(head, body),
        None => body = Body::from(plain),
    }
    head::body_replaced(&mut head.headers, &body);
    Response::from_parts(head, body)
}

/// Nobody could look at it.
struct Unreadable;

/// The body with what is to be changed in it; nothing where nothing is.
fn change(plain: &Bytes, visitor: &mut Visitor<'_>) -> Result<Option<Body>, Unreadable> {
    let limits = Limits::LENIENT.with_max_bytes(usize::MAX);
    if let Ok(mut object) = Object::parse_with(plain.clone(), &limits)
        && let Ok(changed) = places::answer(visitor.call.shape, &mut object, visitor)
    {
        return Ok(changed.then(|| Body::from(object)));
    }
    // An error page, a list of errors, or what else is no JSON object.
    match std::str::from_utf8(plain) {
        Ok(text) => {
            let raw_json = matches!(text.trim_start().as_bytes().first(), Some(b'{' | b'['));
            let place = Place { raw_json, ..Place::default() };
            Ok(visitor.text(&Text::from(text), place).map(Body::from))
        }
        Err(_) if visitor.call.searches_answers() => Err(Unreadable),
        Err(_) => Ok(None),
    }
}

/// Looks at each text of an answer.
struct Visitor<'a> {
    call: &'a Call,
    restorer: &'a Restorer,
    session: Session,
}

impl Visit for Visitor<'_> {
    fn text(&mut self, text: &Text<'_>, place: Place) -> Option<String> {
        put_right(self.call, &mut self.session, self.restorer, text, place)
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

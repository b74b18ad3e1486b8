use bytes::Bytes;
use http::{Response, response::Parts};
use llm_layers_core::{Body, Failure, FailureKind, ReadError, encoding, head};
use llm_layers_wire::json::{Limits, Object};

use super::{Asked, Asking, TOOL_CALLS, Watch, is_stream, watch::refused};
use crate::{
    OnInvalid,
    answer::whole::{self, Answer, Unreadable},
    errors,
    judge::{Decision, Judgement, Turn, Verdict, decide, judge},
    reask,
    report::Outcome,
};

/// An answer in one piece that can be judged.
struct Plain {
    head: Parts,
    /// What goes on if nothing is changed.
    body: Body,
    usage: Option<Bytes>,
    answer: Box<dyn Answer>,
}

/// Checks an answer in one piece, and asks for others where it is to.
pub(super) async fn check(
    mut watch: Watch,
    mut asking: Option<Box<dyn Asking>>,
    response: Response<Body>,
) -> Response<Body> {
    let mut plain = match Plain::read(&watch, response).await {
        Ok(plain) => plain,
        Err(response) => return *response,
    };
    let mut spent = None;
    loop {
        let mut judgements = plain.judge(&watch);
        let mut decision = decide(&watch.settings, &judgements, watch.reasks);
        watch.judged(decision == Decision::Pass);
        if let Decision::Ask { otherwise } = decision {
            let asked = plain.ask(asking.as_mut(), &judgements);
            if let Some(next) = Plain::next(&mut watch, asked).await {
                spent = reask::sum_known(spent, plain.usage);
                plain = next;
                continue;
            }
            if asking.is_some() {
                watch.not_answered();
            }
            decision = match otherwise {
                OnInvalid::Reject => Decision::Reject,
                OnInvalid::Report => Decision::Report,
            };
        }
        plain.answer.note(&mut judgements);
        return plain.finish(&watch, &judgements, decision, spent);
    }
}

impl Plain {
    /// # Errors
    /// What goes on in its place: itself, if there is nothing in it to be judged, or a failure.
    async fn read(watch: &Watch, response: Response<Body>) -> Result<Self, Box<Response<Body>>> {
        let max = watch.settings.max_answer;
        let (mut head, mut body) = response.into_parts();
        let read = body.bytes(max).await.and_then(|bytes| encoding::decode(&head.headers, bytes, max));
        let text = match read {
            Ok(text) => text,
            Err(error) => return Err(Box::new(refused(unreadable(&error), head))),
        };
        if encoding::is_encoded(&head.headers) {
            body = Body::from(text.clone());
            head::body_replaced(&mut head.headers, &body);
        }
        // Calls stand in objects alone. One that cannot be read may hold any.
        let is_object = text.trim_ascii_start().starts_with(b"{");
        let limits = Limits::LENIENT.with_max_bytes(usize::MAX).with_max_members(usize::MAX);
        let object = if is_object { Object::parse_with(text, &limits).map(Some) } else { Ok(None) };
        let read = object.map_err(|_| Unreadable).and_then(|object| {
            let Some(object) = object else { return Ok(None) };
            let answer = whole::read(&object, &watch.contract, &watch.settings)?;
            Ok(answer.map(|answer| (answer, object.get_bytes("usage"))))
        });
        match read {
            Ok(Some((answer, usage))) => Ok(Self { head, body, usage, answer }),
            Ok(None) => Err(Box::new(Response::from_parts(head, body))),
            Err(Unreadable) => Err(Box::new(refused(errors::unreadable_answer(), head))),
        }
    }

    fn judge(&self, watch: &Watch) -> Vec<Judgement> {
        self.answer.turns().iter().map(|turn| judge(&watch.contract, &watch.settings, turn)).collect()
    }

    /// Asks for another answer, if that can be done.
    fn ask(&self, asking: Option<&mut Box<dyn Asking>>, judgements: &[Judgement]) -> Option<Asked> {
        let turns = self.answer.turns();
        let ([turn], [judgement]) = (&turns[..], judgements) else { return None };
        asking?.ask(turn, judgement)
    }

    /// The answer that was asked for, if it is one of the same shape.
    async fn next(watch: &mut Watch, asked: Option<Asked>) -> Option<Self> {
        let mut response = asked?.await.filter(|response| !is_stream(response))?;
        response.headers_mut().remove(TOOL_CALLS);
        let next = Self::read(watch, response).await.ok()?;
        watch.answered_by(&next.head.extensions);
        watch.reasks += 1;
        Some(next)
    }

    fn finish(
        self,
        watch: &Watch,
        judgements: &[Judgement],
        decision: Decision,
        spent: Option<Bytes>,
    ) -> Response<Body> {
        let Self { mut head, mut body, usage, answer } = self;
        let outcome = outcome(&answer.turns(), judgements);
        let faults = outcome.faults.clone();
        let report = watch.tell(outcome);
        let mut response = if decision == Decision::Reject {
            refused(errors::invalid(&faults), head)
        } else {
            if answer.is_misshapen() || spent.is_some() || judgements.iter().any(is_mended) {
                let mut object = answer.mended(judgements);
                if let Some(usage) = spent.and_then(|spent| reask::sum_known(Some(spent), usage)) {
                    // A sum of what was JSON.
                    let _ = object.set_raw("usage", usage);
                }
                body = Body::from(object);
                head::body_replaced(&mut head.headers, &body);
            }
            Response::from_parts(head, body)
        };
        if let Some(report) = report {
            if let Some(header) = report.to_header() {
                response.headers_mut().insert(TOOL_CALLS, header);
            }
            response.extensions_mut().insert(report);
        }
        response
    }
}

fn outcome(turns: &[Turn<'_>], judgements: &[Judgement]) -> Outcome {
    let mut outcome = Outcome::default();
    for (turn, judgement) in turns.iter().zip(judgements) {
        outcome.add(turn, judgement);
    }
    outcome
}

fn is_mended(judgement: &Judgement) -> bool {
    judgement.calls.iter().chain(&judgement.text).any(|verdict| matches!(verdict, Verdict::Mended(_)))
}

fn unreadable(error: &ReadError) -> Failure {
    match error {
        ReadError::TooLarge { limit } => {
            let message = format!("The provider's answer is longer than {limit} bytes, so it cannot be checked.");
            Failure::bad_gateway(message).with_code("unreadable_answer").with_kind(FailureKind::Malformed)
        }
        ReadError::Body(_) => {
            Failure::bad_gateway("The provider's answer broke off.").with_kind(FailureKind::Unreachable)
        }
        _ => errors::unreadable_answer(),
    }
}

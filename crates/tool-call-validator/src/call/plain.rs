use bytes::Bytes;
use http::{Response, response::Parts};
use llm_layers_core::{Body, Failure, FailureKind, ReadError, encoding, head};
use llm_layers_wire::json::Object;
use serde::de::IgnoredAny;

use super::{Asked, Asking, TOOL_CALLS, Watch, watch::refused};
use crate::{
    OnInvalid,
    answer::{
        nested::{LIMITS, Unreadable},
        whole::{self, Answer},
    },
    errors,
    judge::{Decision, Judgement, Turn, Verdict, decide, judge},
    reask,
    report::Outcome,
};

/// An answer in one piece that can be judged.
pub(super) struct Plain {
    head: Parts,
    /// What goes on if nothing is changed.
    body: Body,
    usage: Option<Bytes>,
    answer: Box<dyn Answer>,
}

/// What an answer is that cannot be judged as one piece.
pub(super) enum Other {
    /// Events, all of which have come.
    Events(Response<Body>),
    /// What goes on as it is: nothing is in it to be judged, or it stands in the place of an answer that cannot be.
    Final(Response<Body>),
}

/// Checks an answer in one piece, and asks for others where it is to.
pub(super) async fn check(mut watch: Watch, mut asking: Option<Box<dyn Asking>>, mut plain: Plain) -> Response<Body> {
    let mut spent = None;
    loop {
        let judgements = plain.judge(&watch);
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
        return plain.finish(&watch, &judgements, decision, spent);
    }
}

impl Plain {
    /// # Errors
    /// It is none of these.
    pub(super) async fn read(watch: &Watch, response: Response<Body>) -> Result<Self, Box<Other>> {
        let max = watch.settings.max_answer;
        let (mut head, mut body) = response.into_parts();
        let read = body.bytes(max).await.and_then(|bytes| encoding::decode(&head.headers, bytes, max));
        let text = match read {
            Ok(text) => text,
            Err(error) => return Err(Box::new(Other::Final(refused(unreadable(&error), head)))),
        };
        if encoding::is_encoded(&head.headers) {
            body = Body::from(text.clone());
            head::body_replaced(&mut head.headers, &body);
        }
        let read = match text_of(&text) {
            Text::Object(at) => answer(text.slice(at..), watch),
            Text::Harmless => Ok(None),
            Text::Events => return Err(Box::new(Other::Events(Response::from_parts(head, body)))),
            Text::Unknown => Err(Unreadable),
        };
        match read {
            Ok(Some((answer, usage))) => Ok(Self { head, body, usage, answer }),
            Ok(None) => Err(Box::new(Other::Final(Response::from_parts(head, body)))),
            Err(Unreadable) => Err(Box::new(Other::Final(refused(errors::unreadable_answer(), head)))),
        }
    }

    fn judge(&self, watch: &Watch) -> Vec<Judgement> {
        let turns = self.answer.turns();
        let mut judgements: Vec<_> = turns.iter().map(|turn| judge(&watch.contract, &watch.settings, turn)).collect();
        self.answer.settle(&mut judgements, &watch.settings);
        judgements
    }

    /// Asks for another answer, if that can be done.
    fn ask(&self, asking: Option<&mut Box<dyn Asking>>, judgements: &[Judgement]) -> Option<Asked> {
        let turns = self.answer.turns();
        let ([turn], [judgement]) = (&turns[..], judgements) else { return None };
        asking?.ask(turn, judgement)
    }

    /// The answer that was asked for, if it is one of the same shape.
    async fn next(watch: &mut Watch, asked: Option<Asked>) -> Option<Self> {
        let mut response = asked?.await?;
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
            if spent.is_some() || judgements.iter().any(is_mended) {
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

/// An answer, and its usage.
type Used = (Box<dyn Answer>, Option<Bytes>);

/// The answer that an object is.
fn answer(text: Bytes, watch: &Watch) -> Result<Option<Used>, Unreadable> {
    let object = Object::parse_with(text, &LIMITS).map_err(|_| Unreadable)?;
    let answer = whole::read(&object, &watch.contract, &watch.settings)?;
    Ok(answer.map(|answer| (answer, object.get_bytes("usage"))))
}

/// What a text is, whatever its head says: clients go by what they have asked for.
enum Text {
    /// A JSON object begins here, or what was to be one.
    Object(usize),
    /// No calls can be in it: these stand in objects.
    Harmless,
    /// Server-sent events.
    Events,
    /// What nobody knows, and somebody may find calls in.
    Unknown,
}

fn text_of(text: &[u8]) -> Text {
    const FIELDS: [&[u8]; 5] = [b"data", b"event", b"id", b"retry", b""];
    // Clients overlook the mark, as what reads events does.
    let marked = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let rest = marked.trim_ascii_start();
    if rest.starts_with(b"{") {
        return Text::Object(text.len() - rest.len());
    }
    if memchr::memchr(b'{', rest).is_none() || serde_json::from_slice::<IgnoredAny>(rest).is_ok() {
        return Text::Harmless;
    }
    let mut lines = marked.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty());
    let field = lines.next().and_then(|line| line.split(|byte| *byte == b':').next());
    if field.is_some_and(|field| FIELDS.contains(&field)) { Text::Events } else { Text::Unknown }
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

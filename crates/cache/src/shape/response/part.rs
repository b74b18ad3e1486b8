//! What a stream tells of one part of an item.

use bytes::Bytes;
use llm_layers_wire::json::{Array, Object};

use super::{
    super::{
        UNBOUNDED,
        steps::{Step, inner, joined},
    },
    LIMITS,
};

/// Which of an item's lists a part stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Content,
    /// Of reasoning.
    Summary,
}

impl Place {
    /// The members that say which part an event is about.
    pub(super) fn at(self, item: &Bytes, index: usize) -> Bytes {
        let member = match self {
            Self::Content => "content_index",
            Self::Summary => "summary_index",
        };
        joined(&[item, format!(",\"{member}\":{index}").as_bytes()])
    }

    const fn added_and_done(self) -> [&'static str; 2] {
        match self {
            Self::Content => ["response.content_part.added", "response.content_part.done"],
            Self::Summary => ["response.reasoning_summary_part.added", "response.reasoning_summary_part.done"],
        }
    }
}

/// How the text of a part is told: its member, its pieces, and all of it.
struct Text {
    member: &'static str,
    delta: &'static str,
    done: &'static str,
    has_logprobs: bool,
}

impl Text {
    fn of(place: Place, kind: &str) -> Option<Self> {
        let (member, delta, done) = match (place, kind) {
            (Place::Content, "output_text") => ("text", "response.output_text.delta", "response.output_text.done"),
            (Place::Content, "refusal") => ("refusal", "response.refusal.delta", "response.refusal.done"),
            (Place::Content, "reasoning_text") => {
                ("text", "response.reasoning_text.delta", "response.reasoning_text.done")
            }
            (Place::Summary, "summary_text") => {
                ("text", "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done")
            }
            _ => return None,
        };
        Some(Self { member, delta, done, has_logprobs: kind == "output_text" })
    }
}

/// Adds the events of a part. One that cannot be told in pieces is told whole.
pub(super) fn steps(place: Place, at: &Bytes, raw: &Bytes, steps: &mut Vec<Step>) {
    let [added, done] = place.added_and_done();
    let before = joined(&[at, br#","part":"#]);
    let mut further = Vec::new();
    let begun = Object::parse_with(raw.clone(), &LIMITS).ok().and_then(|part| grow(part, place, at, &mut further));
    let begun = begun.unwrap_or_else(|| {
        further.clear();
        raw.clone()
    });
    steps.push(Step::new(added, before.clone(), begun, "}"));
    steps.append(&mut further);
    steps.push(Step::new(done, before, raw.clone(), "}"));
}

/// Takes out of a part what comes in further events, and leaves what it begins with.
fn grow(mut part: Object, place: Place, at: &Bytes, steps: &mut Vec<Step>) -> Option<Bytes> {
    let Text { member, delta, done, has_logprobs } = Text::of(place, &part.text("type")?)?;
    let raw = part.get_bytes(member)?;
    let inner = inner(&raw)?;
    part.set(member, "");
    // Which piece has which of them is not known any more: the end of the text tells them all.
    let mut logprobs = Bytes::new();
    if has_logprobs {
        let told = take_list(&mut part, "logprobs").unwrap_or_else(|| Bytes::from_static(b"[]"));
        logprobs = joined(&[br#","logprobs":"#, &told]);
    }
    let no_logprobs: &[u8] = if has_logprobs { br#","logprobs":[]"# } else { b"" };
    steps.push(Step::text(delta, joined(&[at, no_logprobs, br#","delta":""#]), inner, "\"}"));
    if let Some(annotations) = take_list(&mut part, "annotations") {
        for (index, annotation) in Array::parse_with(annotations, &UNBOUNDED).ok()?.iter().enumerate() {
            let before = joined(&[at, format!(",\"annotation_index\":{index},\"annotation\":").as_bytes()]);
            steps.push(Step::new("response.output_text.annotation.added", before, annotation, "}"));
        }
    }
    steps.push(Step::new(done, joined(&[at, &logprobs, format!(",\"{member}\":").as_bytes()]), raw, "}"));
    Some(part.to_bytes())
}

/// Empties a member that is a list, and gives what it was.
fn take_list(part: &mut Object, member: &str) -> Option<Bytes> {
    let list = part.get_bytes(member).filter(|raw| raw.starts_with(b"["))?;
    part.set(member, &[(); 0]);
    Some(list)
}

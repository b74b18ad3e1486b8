//! A whole completion as the stream that would have told it.

use bytes::Bytes;
use llm_layers_wire::{
    assemble::pieces,
    json::{Array, Object},
    openai::{Completion, CompletionChoice},
    sse::Event,
};

use crate::shape::{Replay, UNBOUNDED, write::Writer};

/// What all events of a stream tell alike.
const CONSTANT: [&str; 4] = ["id", "created", "model", "system_fingerprint"];

/// One event to be. The text is shared with the completion until the event is made.
enum Step {
    /// Some of a choice's text, as it stands between the quotes.
    Piece {
        choice: u64,
        text: Bytes,
        logprobs: Option<Bytes>,
    },
    /// The end of a choice, with all of its members that were not told before.
    Finish {
        choice: u64,
        members: Bytes,
    },
    Usage(Bytes),
}

/// The pieces of each choice, its end, the usage if it is asked for, and `[DONE]`.
pub(in crate::shape) fn replay(answer: &Object, how: Replay) -> Box<dyn Iterator<Item = Event> + Send> {
    let Ok(completion) = Completion::parse_with(answer.to_bytes(), &UNBOUNDED) else {
        return Box::new(std::iter::empty());
    };
    let mut steps = Vec::new();
    for (position, choice) in (0_u64..).zip(completion.choices()) {
        plan(choice, choice.index().unwrap_or(position), how.piece_chars, &mut steps);
    }
    let usage = answer.get_bytes("usage").filter(|usage| how.include_usage && usage != "null");
    steps.extend(usage.map(Step::Usage));
    let head = Head::new(answer, how.include_usage);
    let mut event = Vec::new();
    let events = steps.into_iter().enumerate().map(move |(at, step)| {
        event.clear();
        head.write_event(&mut event, &step, at == 0);
        Event::new(Bytes::copy_from_slice(&event))
    });
    Box::new(events.chain(std::iter::once_with(Event::done)))
}

fn plan(choice: &CompletionChoice, index: u64, chars: usize, steps: &mut Vec<Step>) {
    let object = choice.object();
    let text = object.get_bytes("text").unwrap_or(Bytes::from_static(b"\"\""));
    // What is no string comes whole, at the end.
    let inner = if text.starts_with(b"\"") { text.slice(1..text.len() - 1) } else { Bytes::new() };
    let ranges: Vec<_> = pieces(&inner, chars).collect();
    let logprobs = object.get_bytes("logprobs").filter(|_| !ranges.is_empty());
    let dealt = logprobs.and_then(|logprobs| deal(logprobs, ranges.len()));
    let are_dealt = dealt.is_some();
    let mut parts = dealt.unwrap_or_default().into_iter();
    for range in ranges {
        let logprobs = parts.next().flatten();
        steps.push(Step::Piece { choice: index, text: inner.slice(range), logprobs });
    }
    let mut members = Vec::new();
    let mut writer = Writer::behind(&mut members);
    for (name, value) in object.iter() {
        match &*name {
            "index" => {}
            "text" if !inner.is_empty() => writer.member(&name, b"\"\""),
            "logprobs" if are_dealt => writer.member(&name, b"null"),
            _ => writer.member(&name, value),
        }
    }
    steps.push(Step::Finish { choice: index, members: Bytes::from(members) });
}

/// Log probabilities in so many parts: lists are dealt out evenly, for nobody knows which token stands in which piece, and
/// what is no list comes with the first part. `None` of what is no object, or has more members than log probabilities have.
fn deal(logprobs: Bytes, count: usize) -> Option<Vec<Option<Bytes>>> {
    const MANY: usize = 16;
    let object = Object::parse_with(logprobs, &UNBOUNDED).ok().filter(|object| object.member_count() <= MANY)?;
    let members: Vec<_> =
        object.iter().map(|(name, value)| (name, value, Array::parse_with(value.to_vec(), &UNBOUNDED).ok())).collect();
    let part = |at: usize| {
        let mut part = Vec::new();
        let mut writer = Writer::new(&mut part);
        let mut any = at == 0;
        for (name, value, list) in &members {
            let Some(list) = list else {
                if at == 0 || *value == b"null" {
                    writer.member(name, value);
                }
                continue;
            };
            let until = |at: usize| list.len() * at / count;
            let share: Vec<Bytes> = (until(at)..until(at + 1)).filter_map(|item| list.get(item)).collect();
            any |= !share.is_empty();
            let out = writer.name(name);
            out.push(b'[');
            out.extend_from_slice(&share.join(&b','));
            out.push(b']');
        }
        writer.finish();
        any.then(|| Bytes::from(part))
    };
    Some((0..count).map(part).collect())
}

/// What all events have in common.
struct Head {
    constant: Vec<u8>,
    /// The members of the first event alone.
    once: Vec<u8>,
    include_usage: bool,
}

impl Head {
    fn new(answer: &Object, include_usage: bool) -> Self {
        let mut head = Self { constant: Vec::new(), once: Vec::new(), include_usage };
        let mut constant = Writer::new(&mut head.constant);
        constant.member("object", b"\"text_completion\"");
        for name in CONSTANT {
            if let Some(value) = answer.get(name) {
                constant.member(name, value);
            }
        }
        let mut once = Writer::behind(&mut head.once);
        for (name, value) in answer.iter() {
            if !CONSTANT.contains(&&*name) && !matches!(&*name, "object" | "choices" | "usage") {
                once.member(&name, value);
            }
        }
        head
    }

    fn write_event(&self, event: &mut Vec<u8>, step: &Step, is_first: bool) {
        event.extend_from_slice(&self.constant);
        if is_first {
            event.extend_from_slice(&self.once);
        }
        let mut writer = Writer::behind(event);
        let out = writer.name("choices");
        out.push(b'[');
        step.write_choice(out);
        out.push(b']');
        match step {
            Step::Usage(usage) => writer.member("usage", usage),
            _ if self.include_usage => writer.member("usage", b"null"),
            _ => {}
        }
        writer.finish();
    }
}

impl Step {
    /// Writes the choice that the event is about, if it is about one.
    fn write_choice(&self, out: &mut Vec<u8>) {
        let (Self::Piece { choice, .. } | Self::Finish { choice, .. }) = self else { return };
        let mut writer = Writer::new(out);
        writer.member("index", choice.to_string().as_bytes());
        match self {
            Self::Finish { members, .. } => out.extend_from_slice(members),
            Self::Piece { text, logprobs, .. } => {
                let out = writer.name("text");
                out.push(b'"');
                out.extend_from_slice(text);
                out.push(b'"');
                writer.member("logprobs", logprobs.as_deref().unwrap_or(b"null"));
                writer.member("finish_reason", b"null");
            }
            Self::Usage(_) => {}
        }
        out.push(b'}');
    }
}

//! What the chunks of a completion will be, in order.

use bytes::Bytes;

use crate::{
    json::{Array, Object},
    openai::CompletionChoice,
};

use super::{
    logprobs::Logprobs,
    merge::{UNBOUNDED, Writer},
    pieces::pieces,
};

/// Base64 is cut where each piece can be decoded alone: the length is a multiple of 4.
const AUDIO_PIECE: usize = 4096;

/// One chunk to be. The text is shared with the completion until the chunk is made.
pub(super) enum Step {
    Delta { choice: u64, delta: Delta, logprobs: Option<Bytes> },
    Finish { choice: u64, logprobs: Option<Bytes>, members: Bytes },
    Usage(Bytes),
    Empty,
}

/// A `delta`: the text that leads to a piece, the piece, the text that closes what was opened.
pub(super) struct Delta {
    before: Bytes,
    piece: Bytes,
    after: &'static [u8],
}

impl Step {
    /// Writes the choice that the chunk is about, if it is about one.
    pub(super) fn write_choice(&self, out: &mut Vec<u8>) {
        let (Self::Delta { choice, logprobs, .. } | Self::Finish { choice, logprobs, .. }) = self else { return };
        let mut writer = Writer::new(out);
        writer.raw("index", choice.to_string().as_bytes());
        match self {
            Self::Delta { delta, .. } => {
                let out = writer.member("delta");
                out.extend_from_slice(&delta.before);
                out.extend_from_slice(&delta.piece);
                out.extend_from_slice(delta.after);
            }
            _ => writer.raw("delta", b"{}"),
        }
        writer.raw("logprobs", logprobs.as_deref().unwrap_or(b"null"));
        match self {
            Self::Finish { members, .. } => writer.out().extend_from_slice(members),
            _ => writer.raw("finish_reason", b"null"),
        }
        writer.finish();
    }
}

/// Adds the steps of one choice, its text in pieces of so many characters.
pub(super) fn plan(choice: &CompletionChoice, index: u64, chars: usize, steps: &mut Vec<Step>) {
    Plan { choice: index, chars, steps }.all(choice);
}

/// The steps of one choice.
struct Plan<'a> {
    choice: u64,
    steps: &'a mut Vec<Step>,
    chars: usize,
}

impl Plan<'_> {
    fn all(&mut self, choice: &CompletionChoice) {
        const OWN: [&str; 9] = [
            "role",
            "content",
            "refusal",
            "reasoning_content",
            "reasoning",
            "reasoning_details",
            "audio",
            "function_call",
            "tool_calls",
        ];
        let message = choice.message();
        let mut logprobs = Logprobs::of(choice.object());
        self.role(message);
        self.text(message, "reasoning_content");
        self.text(message, "reasoning");
        self.whole(message, |name| name == "reasoning_details");
        let at = self.steps.len();
        self.text(message, "content");
        logprobs.deal("content", self.steps.get_mut(at..).unwrap_or_default());
        let at = self.steps.len();
        self.text(message, "refusal");
        logprobs.deal("refusal", self.steps.get_mut(at..).unwrap_or_default());
        self.audio(message);
        self.whole(message, |name| !OWN.contains(&name));
        self.function_call(message);
        self.tool_calls(message);
        let mut members = Vec::new();
        let mut writer = Writer::go_on(&mut members);
        writer.raw("finish_reason", choice.object().get("finish_reason").unwrap_or(b"null"));
        for (name, raw) in choice.object().iter() {
            if !matches!(&*name, "index" | "message" | "logprobs" | "finish_reason") {
                writer.raw(&name, raw);
            }
        }
        self.steps.push(Step::Finish { choice: self.choice, logprobs: logprobs.rest(), members: Bytes::from(members) });
    }

    fn step(&mut self, before: impl Into<Bytes>, piece: Bytes, after: &'static [u8]) {
        let delta = Delta { before: before.into(), piece, after };
        self.steps.push(Step::Delta { choice: self.choice, delta, logprobs: None });
    }

    /// The pieces of a string, each between `before` and `after`.
    fn pieces(&mut self, before: impl Into<Bytes>, inner: &Bytes, chars: usize, after: &'static [u8]) {
        let before = before.into();
        for range in pieces(inner, chars) {
            self.step(before.clone(), inner.slice(range), after);
        }
    }

    fn role(&mut self, message: &Object) {
        let role = message.get("role").unwrap_or(b"\"assistant\"");
        let content: &[u8] = match message.get("content") {
            Some([b'"', ..]) => b"\"\"",
            _ => b"null",
        };
        let mut delta = Vec::new();
        let mut writer = Writer::new(&mut delta);
        writer.raw("role", role);
        writer.raw("content", content);
        writer.finish();
        self.step(delta, Bytes::new(), b"");
    }

    /// A member in pieces if it is a text, else whole. Of `content` and `refusal`, the empty ones go without saying.
    fn text(&mut self, message: &Object, name: &'static str) {
        match message.get_bytes(name) {
            None => {}
            Some(raw) if matches!(name, "content" | "refusal") && raw == "null" => {}
            Some(raw) if name == "content" && raw == "\"\"" => {}
            Some(raw) => match inner(&raw).filter(|inner| !inner.is_empty()) {
                Some(inner) => self.pieces(format!("{{\"{name}\":\""), &inner, self.chars, b"\"}"),
                None => self.whole(message, |other| other == name),
            },
        }
    }

    /// Some members in one chunk, as they are.
    fn whole(&mut self, message: &Object, wanted: impl Fn(&str) -> bool) {
        let mut delta = Vec::new();
        let mut writer = Writer::new(&mut delta);
        let mut any = false;
        for (name, raw) in message.iter().filter(|(name, _)| wanted(name)) {
            writer.raw(&name, raw);
            any = true;
        }
        writer.finish();
        if any {
            self.step(delta, Bytes::new(), b"");
        }
    }

    fn audio(&mut self, message: &Object) {
        let Some(mut audio) = object_at(message, "audio") else {
            return self.whole(message, |name| name == "audio");
        };
        let mut strings = |name: &str| {
            let inner = inner(&audio.get_bytes(name)?).filter(|inner| !inner.is_empty());
            inner.inspect(|_| _ = audio.remove(name))
        };
        let (data, transcript) = (strings("data"), strings("transcript"));
        let expires_at = audio.get_bytes("expires_at");
        audio.remove("expires_at");
        self.step(&b"{\"audio\":"[..], audio.to_bytes(), b"}");
        if let Some(data) = data {
            self.pieces(&b"{\"audio\":{\"data\":\""[..], &data, AUDIO_PIECE, b"\"}}");
        }
        if let Some(transcript) = transcript {
            self.pieces(&b"{\"audio\":{\"transcript\":\""[..], &transcript, self.chars, b"\"}}");
        }
        if let Some(expires_at) = expires_at {
            self.step(&b"{\"audio\":{\"expires_at\":"[..], expires_at, b"}}");
        }
    }

    fn function_call(&mut self, message: &Object) {
        let Some(mut call) = object_at(message, "function_call") else {
            return self.whole(message, |name| name == "function_call");
        };
        let arguments = empty(&mut call, "arguments");
        self.step(&b"{\"function_call\":"[..], call.to_bytes(), b"}");
        self.pieces(&b"{\"function_call\":{\"arguments\":\""[..], &arguments, self.chars, b"\"}}");
    }

    fn tool_calls(&mut self, message: &Object) {
        let calls = message.get_bytes("tool_calls").and_then(|calls| Array::parse_with(calls, &UNBOUNDED).ok());
        let calls: Option<Vec<Object>> =
            calls.and_then(|calls| calls.iter().map(|call| Object::parse_with(call, &UNBOUNDED).ok()).collect());
        let Some(calls) = calls else {
            return self.whole(message, |name| name == "tool_calls");
        };
        for (index, call) in calls.into_iter().enumerate() {
            self.tool_call(index, call);
        }
    }

    fn tool_call(&mut self, index: usize, mut call: Object) {
        let mut fragments = Vec::new();
        for (kind, member) in [("function", "arguments"), ("custom", "input")] {
            if let Some(mut called) = object_at(&call, kind) {
                let arguments = empty(&mut called, member);
                call.put(kind, called.to_bytes());
                fragments.push((kind, member, arguments));
            }
        }
        let mut opening = Vec::new();
        let mut writer = Writer::new(&mut opening);
        writer.raw("index", index.to_string().as_bytes());
        for (name, raw) in call.iter().filter(|(name, _)| name != "index") {
            writer.raw(&name, raw);
        }
        writer.finish();
        self.step(&b"{\"tool_calls\":["[..], Bytes::from(opening), b"]}");
        for (kind, member, arguments) in fragments {
            let before = format!("{{\"tool_calls\":[{{\"index\":{index},\"{kind}\":{{\"{member}\":\"");
            self.pieces(before, &arguments, self.chars, b"\"}}]}");
        }
    }
}

/// A string's text without its quotes.
fn inner(raw: &Bytes) -> Option<Bytes> {
    raw.starts_with(b"\"").then(|| raw.slice(1..raw.len() - 1))
}

/// Empties a member that is a string, and gives what it was.
fn empty(object: &mut Object, name: &str) -> Bytes {
    let text = object.get_bytes(name).and_then(|raw| inner(&raw));
    if text.is_some() {
        object.put(name, Bytes::from_static(b"\"\""));
    }
    text.unwrap_or_default()
}

fn object_at(object: &Object, name: &str) -> Option<Object> {
    Object::parse_with(object.get_bytes(name)?, &UNBOUNDED).ok()
}

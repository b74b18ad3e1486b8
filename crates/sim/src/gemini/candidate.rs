//! Candidates, whole and in chunks.

use serde_json::{Value, json};

use super::usage::Usage;
use super::{Model, Surface, signature};
use crate::answer::{Answer, End, text};
use crate::ids;

/// What `sim:refuse` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nothing is answered: the prompt is blocked.
    Prompt,
    /// The answer ends for this reason: `sim:refuse SAFETY`.
    Answer(String),
}

impl Refusal {
    pub(super) fn of(prompt: &str) -> Option<Self> {
        let directives = prompt.trim_start().lines().take_while(|line| line.starts_with("sim:"));
        let value = directives.filter_map(|line| line.strip_prefix("sim:refuse")).next()?;
        let reason = value.trim();
        let is_reason = !reason.is_empty() && reason.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        Some(if is_reason { Self::Answer(reason.to_owned()) } else { Self::Prompt })
    }
}

/// One candidate: pieces that each may stand in a chunk of their own, and how it ends.
pub(super) struct Candidate {
    index: u64,
    thought: Option<String>,
    text: String,
    calls: Vec<Value>,
    /// The signature of an answer without calls, from Gemini 3 on.
    text_signature: Option<String>,
    finish: Finish,
    /// Whether the end comes in a chunk of its own.
    ends_apart: bool,
    thoughts: u64,
    tokens: u64,
}

struct Finish {
    reason: String,
    message: Option<String>,
    /// What was said so far is not given in a whole answer.
    silent: bool,
}

impl Candidate {
    pub(super) fn new(index: u64, answer: Answer, model: Model<'_>, shown: bool, refusal: Option<Refusal>) -> Self {
        let thoughts = answer.thinking_tokens();
        let tokens = answer.tokens() - thoughts;
        let (calls, broken) = calls(&answer, model);
        let mut text = answer.text;
        let finish = match (refusal, &broken) {
            (Some(Refusal::Answer(reason)), _) => {
                text = answer.refusal.unwrap_or_default();
                Finish { message: None, silent: true, reason }
            }
            (_, Some(name)) if answer.end != End::Length => Finish {
                reason: "MALFORMED_FUNCTION_CALL".to_owned(),
                message: Some(format!("Malformed function call: print(default_api.{name}(")),
                silent: true,
            },
            _ => {
                let reason = if answer.end == End::Length { "MAX_TOKENS" } else { "STOP" };
                Finish { reason: reason.to_owned(), message: None, silent: false }
            }
        };
        let signed = model.is_third() && calls.is_empty() && !finish.silent && !text.is_empty();
        Self {
            index,
            thought: answer.thinking.filter(|_| shown),
            text_signature: signed.then(|| signature::of_text(&text)),
            text,
            calls: if finish.silent { Vec::new() } else { calls },
            ends_apart: model.is_third() || finish.silent,
            finish,
            thoughts,
            tokens,
        }
    }

    fn json(&self, parts: Vec<Value>, finish: bool) -> Value {
        let mut value = json!({"index": self.index});
        if let Some(members) = value.as_object_mut() {
            if !parts.is_empty() {
                members.insert("content".to_owned(), json!({"parts": parts, "role": "model"}));
            }
            if finish {
                members.insert("finishReason".to_owned(), json!(self.finish.reason));
            }
            if let Some(message) = self.finish.message.as_ref().filter(|_| finish) {
                members.insert("finishMessage".to_owned(), json!(message));
            }
        }
        value
    }

    fn whole(&self) -> Value {
        let mut parts = Vec::new();
        if !self.finish.silent {
            parts.extend(self.thought.iter().map(|thought| json!({"text": thought, "thought": true})));
            if !self.text.is_empty() {
                let mut part = json!({"text": self.text});
                sign(&mut part, self.text_signature.as_deref());
                parts.push(part);
            }
            parts.extend(self.calls.iter().cloned());
        }
        self.json(parts, true)
    }

    /// The chunks, each with the tokens that have been said by its end.
    fn chunks(&self, words: usize) -> Vec<(Value, u64)> {
        let mut pieces: Vec<(Vec<Value>, u64)> = Vec::new();
        for piece in text::chunks(self.thought.as_deref().unwrap_or_default(), words) {
            pieces.push((vec![json!({"text": piece, "thought": true})], 0));
        }
        let mut said = 0;
        for piece in text::chunks(&self.text, words) {
            said += text::tokens(piece);
            pieces.push((vec![json!({"text": piece})], said));
        }
        // Calls come whole, two of them in one chunk.
        for pair in self.calls.chunks(2) {
            pieces.push((pair.to_vec(), said));
        }
        if self.ends_apart || pieces.is_empty() {
            let mut last = json!({"text": ""});
            sign(&mut last, self.text_signature.as_deref());
            let parts = if self.finish.silent { Vec::new() } else { vec![last] };
            pieces.push((parts, self.tokens));
        }
        let last = pieces.len() - 1;
        let each = pieces.into_iter().enumerate();
        each.map(|(at, (parts, said))| (self.json(parts, at == last), if at == last { self.tokens } else { said }))
            .collect()
    }
}

fn sign(part: &mut Value, signature: Option<&str>) {
    if let (Some(members), Some(signature)) = (part.as_object_mut(), signature) {
        members.insert("thoughtSignature".to_owned(), json!(signature));
    }
}

/// The parts of the calls, and the name of the first whose arguments are no object. The first one alone is signed.
fn calls(answer: &Answer, model: Model<'_>) -> (Vec<Value>, Option<String>) {
    let mut parts = Vec::new();
    for call in &answer.calls {
        let Some(args) = serde_json::from_str::<Value>(&call.arguments).ok().filter(Value::is_object) else {
            return (parts, Some(call.name.clone()));
        };
        let mut function = json!({"name": call.name, "args": args});
        if let Some(members) = function.as_object_mut().filter(|_| model.is_third()) {
            members.insert("id".to_owned(), json!(ids::id("", call.seed, 8).to_ascii_lowercase()));
        }
        let signed = (parts.is_empty() && model.thinks()).then(|| signature::of_call(&call.name, &args));
        let mut part = json!({"functionCall": function});
        sign(&mut part, signed.as_deref());
        parts.push(part);
    }
    (parts, None)
}

/// What is around the candidates.
pub(super) struct Envelope<'a> {
    pub(super) id: String,
    pub(super) model: &'a str,
    pub(super) prompt: u64,
    /// How many words a chunk carries.
    pub(super) words: usize,
}

impl Envelope<'_> {
    fn around(&self, name: &str, value: Value, usage: Usage) -> Value {
        json!({name: value, "usageMetadata": usage.json(), "modelVersion": self.model, "responseId": self.id})
    }

    pub(super) fn whole(&self, candidates: &[Candidate]) -> Value {
        let usage = self.usage(candidates, candidates.iter().map(|candidate| candidate.tokens).sum());
        self.around("candidates", candidates.iter().map(Candidate::whole).collect(), usage)
    }

    /// The chunks of several candidates take turns.
    pub(super) fn chunks(&self, candidates: &[Candidate]) -> Vec<Value> {
        let tracks = candidates.iter().map(|candidate| (candidate.chunks(self.words).into_iter(), 0));
        let mut tracks: Vec<_> = tracks.collect();
        let (mut out, mut total) = (Vec::new(), 0);
        loop {
            let before = out.len();
            for (track, so_far) in &mut tracks {
                let Some((value, said)) = track.next() else {
                    continue;
                };
                total += said.saturating_sub(*so_far);
                *so_far = said;
                out.push(self.around("candidates", json!([value]), self.usage(candidates, total)));
            }
            if out.len() == before {
                return out;
            }
        }
    }

    fn usage(&self, candidates: &[Candidate], said: u64) -> Usage {
        let thoughts = candidates.iter().map(|candidate| candidate.thoughts).sum();
        Usage { prompt: self.prompt, candidates: said, thoughts }
    }

    /// The prompt was blocked: there are no candidates at all.
    pub(super) fn blocked(&self, surface: Surface) -> Value {
        let mut feedback = json!({"blockReason": "PROHIBITED_CONTENT"});
        if let Some(members) = feedback.as_object_mut().filter(|_| surface == Surface::Vertex) {
            members.insert("blockReasonMessage".to_owned(), json!("The prompt was blocked by a directive."));
        }
        let usage = Usage { prompt: self.prompt, candidates: 0, thoughts: 0 };
        self.around("promptFeedback", feedback, usage)
    }
}

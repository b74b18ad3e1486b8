//! A chat completion on its way to becoming a message.

use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_core::{BoxError, Failure, Rng};
use llm_layers_wire::{
    json::Object,
    openai::{self, Completion},
    sse,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    blocks::{Blocks, Sink},
    errors::failure,
    seals, spelled,
    stream::Stream,
    usage::Usage,
    whole::Whole,
};
use crate::{
    inbound::errors,
    translate::{Flow, Translate},
};

/// Translates one answer.
pub(super) struct Answer {
    /// What was asked for, which Anthropic's clients expect to be told again.
    model: String,
    /// `stop_sequences` of the request.
    stops: Vec<String>,
    rng: Rng,
    blocks: Blocks,
    has_started: bool,
    has_calls: bool,
    has_refused: bool,
    finish: Option<Finish>,
    usage: Usage,
}

/// How a message begins.
pub(super) struct Opening {
    pub(super) id: String,
    pub(super) model: String,
}

/// How a message ends.
pub(super) struct Ending {
    pub(super) reason: &'static str,
    pub(super) sequence: Option<String>,
    pub(super) usage: Usage,
}

struct Finish {
    word: String,
    /// The stop sequence that was hit, from those few that tell.
    sequence: Option<String>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    index: Option<u64>,
    id: Option<String>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
    #[serde(borrow)]
    extra_content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Function<'a> {
    name: Option<String>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

/// An item of `reasoning_details`.
#[derive(Deserialize)]
struct Detail {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    summary: Option<String>,
    signature: Option<String>,
    data: Option<String>,
    format: Option<String>,
}

impl Answer {
    pub(super) fn new(model: &str, stops: Vec<String>, rng: Rng) -> Self {
        Self {
            model: model.to_owned(),
            stops,
            rng,
            blocks: Blocks::default(),
            has_started: false,
            has_calls: false,
            has_refused: false,
            finish: None,
            usage: Usage::default(),
        }
    }

    fn opening(&self, object: &Object) -> Opening {
        let id = object.text("id").filter(|id| !id.is_empty());
        let id = match id.as_deref() {
            Some(id) if id.starts_with("msg_") => id.to_owned(),
            Some(id) => format!("msg_{}", id.strip_prefix("chatcmpl-").unwrap_or(id)),
            None => self.made_up("msg_"),
        };
        Opening { id, model: self.model.clone() }
    }

    fn made_up(&self, prefix: &str) -> String {
        format!("{prefix}{:016x}{:016x}", self.rng.next_u64(), self.rng.next_u64())
    }

    fn note_usage(&mut self, object: &Object) {
        // Later ones replace: they are never increments.
        if let Ok(Some(usage)) = object.read::<openai::Usage>("usage") {
            self.usage = Usage::from(&usage);
        }
    }

    fn note_finish(&mut self, choice: &Object) {
        if let Some(word) = choice.text("finish_reason") {
            // vLLM tells the sequence in `stop_reason`, which may be the number of a token.
            let sequence = choice.text("stop_reason").filter(|hit| self.stops.iter().any(|stop| stop == hit));
            self.finish = Some(Finish { word: word.into_owned(), sequence: sequence.map(Cow::into_owned) });
        }
    }

    /// What a message says, or a delta adds to it.
    fn say(&mut self, said: &Object, sink: &mut impl Sink) -> Result<(), Failure> {
        let unreadable = |_| errors::not_an_answer("no chat completion");
        self.reason(said, sink)?;
        self.blocks.text(spelled::member(said, "content"), sink)?;
        let refusal = spelled::member(said, "refusal");
        self.has_refused |= !refusal.is_empty();
        self.blocks.text(refusal, sink)?;
        let calls: Vec<ToolCall<'_>> = said.read("tool_calls").map_err(unreadable)?.unwrap_or_default();
        for (position, call) in (0..).zip(calls) {
            self.call(call, position, sink)?;
        }
        Ok(())
    }

    fn reason(&mut self, said: &Object, sink: &mut impl Sink) -> Result<(), Failure> {
        // No part of OpenAI's contract: what stands there in another shape is somebody else's.
        let details: Vec<Detail> = said.read("reasoning_details").ok().flatten().unwrap_or_default();
        let texts = ["reasoning_content", "reasoning"].map(|name| spelled::member(said, name));
        let text = texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        // A whole answer tells all its reasoning twice; a stream tells it first, and then signs it.
        let is_told = !self.has_started && details.iter().any(|detail| detail.spoken().is_some());
        if !is_told {
            self.blocks.thinking(text, sink)?;
        }
        for detail in &details {
            let format = detail.format.as_deref();
            match (detail.kind.as_deref(), &detail.signature, &detail.data) {
                (Some("reasoning.encrypted"), _, Some(data)) => {
                    self.blocks.redacted(seals::mark(data, format).into_owned(), sink)?;
                }
                (_, Some(signature), _) if !signature.is_empty() => {
                    let text = spelled::spell(detail.text.as_deref().unwrap_or_default());
                    let signature = spelled::spell(&seals::mark(signature, format));
                    self.blocks.sign(&text, &signature, sink)?;
                }
                _ if is_told || text.is_empty() => {
                    self.blocks.thinking(&spelled::spell(detail.spoken().unwrap_or_default()), sink)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn call(&mut self, call: ToolCall<'_>, position: u64, sink: &mut impl Sink) -> Result<(), Failure> {
        let index = call.index.unwrap_or(position);
        let (name, arguments) = call.function.map_or((None, None), |function| (function.name, function.arguments));
        if !self.blocks.knows(index) {
            let name = name.filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| errors::not_an_answer("a call without a name"))?;
            let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| self.made_up("toolu_"));
            if let Some(extra) = call.extra_content {
                self.blocks.redacted(seals::of_call(&id, extra), sink)?;
            }
            self.has_calls = true;
            self.blocks.call(index, id, name, sink)?;
        }
        self.blocks.input(index, arguments.map(spelled::value).unwrap_or_default(), sink)
    }

    fn ending(&mut self) -> Ending {
        let finish = self.finish.take();
        let sequence = finish.as_ref().and_then(|finish| finish.sequence.clone());
        let reason = match finish.as_ref().map(|finish| finish.word.as_str()).unwrap_or_default() {
            "content_filter" => "refusal",
            "length" => "max_tokens",
            // OpenAI says `stop` where a named choice forced the call.
            _ if self.has_calls => "tool_use",
            _ if self.has_refused => "refusal",
            _ if sequence.is_some() => "stop_sequence",
            _ => "end_turn",
        };
        Ending { reason, sequence: sequence.filter(|_| reason == "stop_sequence"), usage: self.usage }
    }

    fn chunk(&mut self, event: &sse::Event, out: &mut Vec<sse::Event>) -> Result<(), Failure> {
        let chunk = event.chunk().ok_or_else(|| errors::not_an_answer("a stream of something else"))?;
        if chunk.is_error() {
            return Err(errors::in_stream(event.data().unwrap_or_default()));
        }
        let mut stream = Stream(out);
        if !self.has_started {
            let opening = self.opening(chunk.object());
            self.has_started = true;
            stream.message_start(&opening);
        }
        self.note_usage(chunk.object());
        // There is one choice: no more are asked for.
        for choice in chunk.choices().iter().filter(|choice| choice.index().unwrap_or_default() == 0) {
            self.say(choice.delta(), &mut stream)?;
            self.note_finish(choice.object());
        }
        Ok(())
    }

    fn close(&mut self, out: &mut Vec<sse::Event>) -> Flow {
        if self.finish.is_none() {
            return fail(&errors::incomplete(), out);
        }
        let mut stream = Stream(out);
        self.blocks.finish(&mut stream);
        stream.message_end(&self.ending());
        Flow::Over
    }
}

impl Detail {
    fn spoken(&self) -> Option<&str> {
        self.text.as_deref().or(self.summary.as_deref()).filter(|text| !text.is_empty())
    }
}

/// Ends a stream by an error. It is told here and not left to whoever drives the stream, who speaks OpenAI's dialect.
fn fail(failed: &Failure, out: &mut Vec<sse::Event>) -> Flow {
    let (_, error) = failure(failed.status(), failed.error());
    Stream(out).error(error);
    Flow::Over
}

impl Translate for Answer {
    fn whole(mut self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let completion = Completion::parse(body.clone()).map_err(|_| errors::not_an_answer("no chat completion"))?;
        if completion.object().get("error").is_some_and(|error| error != b"null") {
            return Err(errors::in_stream(&body));
        }
        let choice = completion.choices().first();
        let choice = choice.ok_or_else(|| errors::not_an_answer("a chat completion without choices"))?;
        let opening = self.opening(completion.object());
        let mut whole = Whole::default();
        self.say(choice.message(), &mut whole)?;
        self.blocks.finish(&mut whole);
        self.note_finish(choice.object());
        self.note_usage(completion.object());
        Ok(whole.write(&opening, &self.ending()))
    }

    fn event(&mut self, event: sse::Event, out: &mut Vec<sse::Event>) -> Flow {
        match event.data() {
            // Silence is kept alive by a comment, for which Anthropic has an event.
            None if self.has_started && event.is_terminated() => Stream(out).ping(),
            None if event.is_terminated() => out.push(event),
            None | Some(b"") => {}
            Some(_) if event.is_done() => return self.close(out),
            // The end of the stream has cut it off, and will be told next.
            Some(_) if event.chunk().is_none() && !event.is_terminated() => {}
            Some(_) => {
                if let Err(failed) = self.chunk(&event, out) {
                    return fail(&failed, out);
                }
            }
        }
        Flow::Going
    }

    fn end(&mut self, error: Option<BoxError>, out: &mut Vec<sse::Event>) -> Flow {
        match error {
            Some(_) => fail(&errors::incomplete(), out),
            // Some leave the farewell out; whether the answer was whole shows by its finish.
            None => self.close(out),
        }
    }
}

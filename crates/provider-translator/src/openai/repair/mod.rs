//! Streams of chat completion chunks, held to the rules that OpenAI's own keep.
//!
//! Compatible providers break them in many ways: no role, no `finish_reason`, usage on the wrong chunk, tool
//! calls without an index, no `[DONE]`. OpenAI's SDKs then raise, or join what they should not. An event that
//! keeps the rules leaves byte for byte as it came.

mod finish;
mod identity;
mod tool_calls;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::{BoxError, Failure};
use llm_layers_wire::{
    json::Object,
    openai::{Chunk, ChunkChoice},
    sse::Event,
};

use self::{identity::Identity, tool_calls::ToolCalls};
use crate::{
    errors,
    layer::Settings,
    translate::{Flow, Translate},
};

/// The repair of one stream.
pub(super) struct Repair {
    include_usage: bool,
    /// How many choices were asked for.
    expected: usize,
    provider: Arc<str>,
    identity: Identity,
    choices: Vec<Choice>,
    /// The usage chunk, held back until every choice is over.
    usage: Option<Event>,
    /// Nothing that matters has been said yet.
    opening: bool,
}

/// More choices than this, or tool calls of one choice, no model gives; each is remembered until the end.
pub(super) const MAX_PARTS: usize = 1024;

/// What has been seen of a choice.
struct Choice {
    index: u64,
    finished: bool,
    calls: ToolCalls,
}

impl Repair {
    pub(super) fn new(include_usage: bool, choices: u32, provider: Arc<str>, settings: &Settings) -> Self {
        Self {
            include_usage,
            expected: choices as usize,
            provider,
            identity: Identity::new(settings.clock, settings.rng.clone()),
            choices: Vec::new(),
            usage: None,
            opening: true,
        }
    }

    fn chunk(&mut self, mut event: Event, out: &mut Vec<Event>) -> Flow {
        let mut openers = Vec::new();
        let mut usage = None;
        let mut bare = false;
        if event.chunk().is_some_and(|chunk| chunk.choices().len() > MAX_PARTS) {
            return Flow::Failed(errors::not_an_answer("too many choices", &self.provider));
        }
        if event.chunk().is_some_and(|chunk| chunk.choices().iter().any(finish::is_error)) {
            return Flow::Failed(errors::broken_off(&self.provider));
        }
        event.edit_chunk(|chunk| {
            self.identity.complete(chunk);
            bare = chunk.choices().is_empty();
            usage = take_usage(chunk, bare, self.include_usage);
            for (position, choice) in chunk.choices_mut().iter_mut().enumerate() {
                self.choice(position as u64, choice, &mut openers);
            }
        });
        for index in openers {
            let opener = self.synthetic(index, r#"{"role":"assistant","content":""}"#, "null");
            out.push(opener);
        }
        if self.choices.len() > MAX_PARTS || self.choices.iter().any(|choice| choice.calls.len() > MAX_PARTS) {
            return Flow::Failed(errors::not_an_answer("too many choices or tool calls", &self.provider));
        }
        match usage {
            // A chunk for usage alone: held until the choices are over, or not asked for.
            Some(_) if bare => self.usage = self.include_usage.then_some(event),
            Some(usage) => {
                self.usage = self.include_usage.then(|| self.usage_chunk(usage));
                out.push(event);
            }
            None => out.push(event),
        }
        if self.opening { Flow::Opening } else { Flow::Going }
    }

    fn choice(&mut self, position: u64, choice: &mut ChunkChoice, openers: &mut Vec<u64>) {
        let index = choice.index().unwrap_or_else(|| {
            choice.object_mut().set("index", &position);
            position
        });
        let at = self.choices.iter().position(|seen| seen.index == index);
        if choice.object().get("delta").is_none_or(|delta| delta == b"null") {
            choice.delta_mut().set("content", "");
            choice.delta_mut().remove("content");
        }
        let has_role = choice.delta().text("role").is_some_and(|role| !role.is_empty());
        let at = match at {
            Some(at) => {
                // It is said once: a client that joins strings would make two of it.
                if choice.delta().contains("role") {
                    choice.delta_mut().remove("role");
                }
                at
            }
            None => {
                if !has_role && (choice.finish_reason().is_some() || says_something(choice.delta())) {
                    choice.delta_mut().remove("role");
                    openers.push(index);
                } else if !has_role {
                    // An opening as it should be, but for the role: a second one would leave an empty chunk behind it.
                    choice.delta_mut().set("role", "assistant");
                }
                self.choices.push(Choice { index, finished: false, calls: ToolCalls::default() });
                self.choices.len() - 1
            }
        };
        let Some(seen) = self.choices.get_mut(at) else { return };
        if choice.delta().contains("tool_calls") {
            seen.calls.repair(choice.delta_mut(), &self.identity);
        }
        if finish::repair(choice) && std::mem::replace(&mut seen.finished, true) {
            // It is over once; some say so again, with the usage or behind late content.
            choice.object_mut().set("finish_reason", &None::<&str>);
        }
        if self.opening {
            self.opening = !seen.finished && !says_something(choice.delta());
        }
    }

    /// A chunk of our own, like those of the stream.
    fn synthetic(&self, index: u64, delta: &'static str, finish_reason: &str) -> Event {
        let choices = format!(r#"[{{"index":{index},"delta":{delta},"finish_reason":{finish_reason}}}]"#);
        let mut chunk = self.identity.chunk();
        let _ = chunk.set_raw("choices", choices);
        if self.include_usage {
            let _ = chunk.set_raw("usage", "null");
        }
        Event::new(chunk.to_bytes())
    }

    fn usage_chunk(&self, usage: Bytes) -> Event {
        let mut chunk = self.identity.chunk();
        let _ = chunk.set_raw("choices", "[]");
        let _ = chunk.set_raw("usage", usage);
        Event::new(chunk.to_bytes())
    }

    fn all_finished(&self) -> bool {
        self.choices.len() >= self.expected.max(1) && self.choices.iter().all(|choice| choice.finished)
    }

    /// The end of an answer that is whole: what is missing of it, then `[DONE]`.
    fn finish(&mut self, done: Event, out: &mut Vec<Event>) -> Flow {
        if self.choices.is_empty() {
            return Flow::Failed(self.incomplete());
        }
        for choice in self.choices.iter().filter(|choice| !choice.finished) {
            let reason = if choice.calls.is_empty() { "\"stop\"" } else { "\"tool_calls\"" };
            out.push(self.synthetic(choice.index, "{}", reason));
        }
        out.extend(self.usage.take());
        out.push(done);
        Flow::Over
    }

    fn incomplete(&self) -> Failure {
        errors::incomplete(&self.provider)
    }
}

impl Translate for Repair {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        Ok(body)
    }

    fn event(&mut self, mut event: Event, out: &mut Vec<Event>) -> Flow {
        let Some(data) = event.data() else {
            if !event.is_terminated() {
                // Cut by the end of the stream: what we add behind it would become part of its line.
                return Flow::Opening;
            }
            // A comment keeps the connection alive, and may not be held back for that.
            out.push(event);
            return Flow::Going;
        };
        if data.is_empty() {
            return if self.opening { Flow::Opening } else { Flow::Going };
        }
        if event.is_done() {
            event.terminate();
            return self.finish(event, out);
        }
        match event.chunk() {
            Some(chunk) if is_error(&event, chunk) => Flow::Failed(errors::in_stream(data, &self.provider)),
            Some(_) => {
                event.terminate();
                self.chunk(event, out)
            }
            // The end of the stream has cut it: `end` tells what that means.
            None if !event.is_terminated() => Flow::Opening,
            None => Flow::Failed(errors::not_an_answer("an event that is no chunk", &self.provider)),
        }
    }

    fn end(&mut self, _: Option<BoxError>, out: &mut Vec<Event>) -> Flow {
        if self.all_finished() { self.finish(Event::done(), out) } else { Flow::Failed(self.incomplete()) }
    }
}

/// Whether a provider reports an error: by an `error`, or in the older ways that have it under another name.
fn is_error(event: &Event, chunk: &Chunk) -> bool {
    let said = |name| chunk.object().text(name).as_deref() == Some("error");
    chunk.is_error()
        || !chunk.object().contains("choices") && (event.name() == Some(b"error") || said("object") || said("type"))
}

/// Takes usage off a chunk that is not for usage alone, and off all if it was not asked for.
fn take_usage(chunk: &mut Chunk, bare: bool, asked: bool) -> Option<Bytes> {
    let usage = chunk.object().get_bytes("usage")?;
    let is_null = usage == "null";
    match (asked, is_null) {
        (false, _) => {
            chunk.object_mut().remove("usage");
        }
        (true, false) if !bare => {
            let _ = chunk.object_mut().set_raw("usage", "null");
        }
        (true, _) => {}
    }
    (!is_null).then_some(usage)
}

/// Whether a delta holds more than a role and emptiness.
fn says_something(delta: &Object) -> bool {
    delta.iter().any(|(name, value)| name != "role" && !matches!(value, b"null" | b"\"\"" | b"[]" | b"{}"))
}

//! Streams of chat completion chunks, held to the rules that OpenAI's own keep.
//!
//! Compatible providers break them in many ways: no role, no `finish_reason`, usage on the wrong chunk, tool
//! calls without an index, no `[DONE]`. OpenAI's SDKs then raise, or join what they should not. An event that
//! keeps the rules leaves byte for byte as it came.
//!
//! | file | holds |
//! | --- | --- |
//! | `identity` | `id`, `object`, `created`, `model`: the same in every chunk |
//! | `choice` | a choice: who speaks, what is said, its end |
//! | `tool_calls`, `braces` | calls: numbered from 0, opened once |
//! | `finish` | the reasons of an end |
//! | `sources` | sources that are named beside the answer |
//! | `usage` | usage: once, behind all else, if it was asked for |
//!
//! The rules and what SDKs do without them: measured with openai 3.52.0 on 2026-11-21.

mod braces;
mod choice;
pub(super) mod finish;
mod identity;
pub(super) mod sources;
pub(super) mod tool_calls;
mod usage;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::{BoxError, Failure};
use llm_layers_wire::{
    openai::{Chunk, ChunkChoice},
    sse::Event,
};

use self::{
    choice::{Choice, Part},
    finish::Finish,
    identity::Identity,
    sources::Sources,
};
use super::{errors as said, usage::normal};
use crate::{
    errors,
    layer::Settings,
    translate::{Flow, Translate},
};

/// What is known of a stream before it begins.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) include_usage: bool,
    /// The client did not ask for usage, and we did: the chunk that holds it is none of the client's.
    pub(super) usage_is_ours: bool,
    /// How many choices were asked for.
    pub(super) choices: u32,
    /// `stop` behind a call is meant so: OpenAI itself says it where the call was forced.
    pub(super) stop_is_meant: bool,
    /// It names its sources beside the answer.
    pub(super) cites: bool,
    pub(super) provider: Arc<str>,
}

/// The repair of one stream.
pub(super) struct Repair {
    asked: Asked,
    identity: Identity,
    choices: Vec<Choice>,
    /// The usage chunk, held back until every choice is over.
    usage: Option<Event>,
    /// What a chunk says that comes before the first choice and has no id yet: Azure's, of the prompt.
    early: Vec<(String, Bytes)>,
    /// Those of the first choice, of a provider that gives no other.
    sources: Option<Sources>,
    /// Nothing that matters has been said yet.
    opening: bool,
    /// How many comments have come.
    comments: usize,
}

/// More choices than this, or tool calls of one choice, no model gives; each is remembered until the end.
pub(super) const MAX_PARTS: usize = 1024;

/// Comments that are held back for what follows them, so that an error behind them still has a status. Some providers
/// send them for minutes, while a call waits for its turn: more of them have to keep the client's connection alive.
const HELD_COMMENTS: usize = 3;

/// What is no news in a chunk without choices.
const FRAME: [&str; 10] = [
    "id",
    "object",
    "created",
    "model",
    "choices",
    "usage",
    "system_fingerprint",
    "service_tier",
    "obfuscation",
    "base_resp",
];

impl Repair {
    pub(super) fn new(asked: Asked, settings: &Settings) -> Self {
        Self {
            sources: asked.cites.then(Sources::default),
            asked,
            identity: Identity::new(settings.clock, settings.rng.clone()),
            choices: Vec::new(),
            usage: None,
            early: Vec::new(),
            opening: true,
            comments: 0,
        }
    }

    fn chunk(&mut self, mut event: Event, out: &mut Vec<Event>) -> Flow {
        if let Some(flow) = event.chunk().and_then(|chunk| self.judge(chunk)) {
            return flow;
        }
        let bare = event.chunk().is_none_or(|chunk| chunk.choices().is_empty());
        let (mut openers, mut usage, mut idle) = (Vec::new(), None, true);
        event.edit_chunk(|chunk| {
            self.identity.complete(chunk);
            usage = usage::take(chunk, self.asked.include_usage);
            if let Some(sources) = &mut self.sources {
                sources.learn(chunk.object());
            }
            for (position, choice) in chunk.choices_mut().iter_mut().enumerate() {
                idle &= self.choice(position as u64, choice, &mut openers) == Part::Idle;
            }
            for (name, value) in self.early.drain(..) {
                let _ = chunk.object_mut().set_raw(&name, value);
            }
            idle = idle && news(chunk).is_empty();
        });
        if bare && usage.is_some() && self.asked.usage_is_ours {
            return self.flow();
        }
        for index in openers {
            let opener = self.synthetic(index, r#"{"role":"assistant","content":""}"#, "null");
            out.push(opener);
        }
        if self.choices.len() > MAX_PARTS || self.choices.iter().any(|choice| choice.calls() > MAX_PARTS) {
            return Flow::Failed(errors::not_an_answer("too many choices or tool calls", &self.asked.provider));
        }
        if let Some(usage) = usage.filter(|_| self.asked.include_usage) {
            if bare {
                // A chunk for usage alone: held until the choices are over.
                let right = normal(usage);
                event.edit_chunk(|chunk| {
                    if chunk.object().get("usage") != Some(&right) {
                        let _ = chunk.object_mut().set_raw("usage", right);
                    }
                });
                self.usage = Some(event);
                return self.flow();
            }
            self.usage = Some(self.usage_chunk(normal(usage)));
        }
        if !idle {
            out.push(event);
        }
        self.flow()
    }

    /// What comes of a chunk that is not one to be repaired.
    fn judge(&mut self, chunk: &Chunk) -> Option<Flow> {
        if chunk.choices().len() > MAX_PARTS {
            return Some(Flow::Failed(errors::not_an_answer("too many choices", &self.asked.provider)));
        }
        if let Some(failure) = chunk.choices().iter().find_map(|choice| self.failed(choice)) {
            return Some(Flow::Failed(failure));
        }
        // Its members would become those of the whole stream, and it has none yet.
        let is_early = chunk.choices().is_empty()
            && !self.identity.is_known()
            && identity::said(chunk, "id").is_none()
            && !chunk.object().contains("usage");
        if is_early && chunk.object().contains("choices") {
            self.early = news(chunk);
        }
        is_early.then_some(Flow::Opening)
    }

    const fn flow(&self) -> Flow {
        if self.opening { Flow::Opening } else { Flow::Going }
    }

    /// A choice that ends because the provider failed.
    fn failed(&self, choice: &ChunkChoice) -> Option<Failure> {
        match finish::read(choice.object().get("finish_reason")) {
            Finish::Failed => Some(errors::broken_off(&self.asked.provider)),
            Finish::Overloaded => Some(said::overloaded(&self.asked.provider)),
            Finish::Open | Finish::By(_) => None,
        }
    }

    fn choice(&mut self, position: u64, choice: &mut ChunkChoice, openers: &mut Vec<u64>) -> Part {
        let index = choice.index().unwrap_or_else(|| {
            choice.object_mut().set("index", &position);
            position
        });
        let at = self.choices.iter().position(|seen| seen.index() == index);
        choice::complete(choice, at.is_none());
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
                if !has_role && (choice.finish_reason().is_some() || choice::says_something(choice.delta())) {
                    choice.delta_mut().remove("role");
                    openers.push(index);
                } else if !has_role {
                    // An opening as it should be, but for the role: a second one would leave an empty chunk behind it.
                    choice.delta_mut().set("role", "assistant");
                }
                self.choices.push(Choice::new(index));
                self.choices.len() - 1
            }
        };
        let Some(seen) = self.choices.get_mut(at) else { return Part::Opening };
        let was_finished = seen.is_finished();
        let part = seen.repair(choice, &self.identity, self.asked.stop_is_meant);
        if let Some(sources) = self.sources.as_mut().filter(|_| at == 0 && !was_finished) {
            sources.text(&choice.delta().text("content").unwrap_or_default());
            if seen.is_finished()
                && let Some(annotations) = sources.annotations()
            {
                let _ = choice.delta_mut().set_raw("annotations", annotations);
            }
        }
        self.opening &= part != Part::Saying;
        part
    }

    /// A chunk of our own, like those of the stream.
    fn synthetic(&self, index: u64, delta: &'static str, finish_reason: &str) -> Event {
        let choices = format!(r#"[{{"index":{index},"delta":{delta},"finish_reason":{finish_reason}}}]"#);
        let mut chunk = self.identity.chunk();
        let _ = chunk.set_raw("choices", choices);
        if self.asked.include_usage {
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
        self.choices.len() >= (self.asked.choices as usize).max(1) && self.choices.iter().all(Choice::is_finished)
    }

    /// The end of an answer that is whole: what is missing of it, then `[DONE]`.
    fn finish(&mut self, done: Event, out: &mut Vec<Event>) -> Flow {
        if self.choices.is_empty() {
            return Flow::Failed(self.incomplete());
        }
        for choice in self.choices.iter().filter(|choice| !choice.is_finished()) {
            out.push(self.synthetic(choice.index(), "{}", &format!("{:?}", choice.natural_end())));
        }
        out.extend(self.usage.take());
        out.push(done);
        Flow::Over
    }

    fn incomplete(&self) -> Failure {
        errors::incomplete(&self.asked.provider)
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
            // A server of old says its errors in a field of their own.
            if let Some(error) = event.raw().and_then(|raw| raw.strip_prefix(b"error:")) {
                return Flow::Failed(said::in_stream(error.trim_ascii(), &self.asked.provider));
            }
            out.push(event);
            self.comments = self.comments.saturating_add(1);
            return if self.comments > HELD_COMMENTS { Flow::Going } else { self.flow() };
        };
        if data.is_empty() {
            return self.flow();
        }
        if event.is_done() {
            event.terminate();
            return self.finish(event, out);
        }
        match event.chunk() {
            Some(chunk) if is_error(&event, chunk) => Flow::Failed(said::in_stream(data, &self.asked.provider)),
            Some(_) => {
                event.terminate();
                self.chunk(event, out)
            }
            // The end of the stream has cut it: `end` tells what that means.
            None if !event.is_terminated() => Flow::Opening,
            None if said::is_listed(data) => Flow::Failed(said::in_stream(data, &self.asked.provider)),
            None => Flow::Failed(errors::not_an_answer("an event that is no chunk", &self.asked.provider)),
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
        || said::is_hidden(chunk.object())
        || !chunk.object().contains("choices") && (event.name() == Some(b"error") || said("object") || said("type"))
}

/// What a chunk says beside its choices.
fn news(chunk: &Chunk) -> Vec<(String, Bytes)> {
    let is_news =
        |(name, value): &(std::borrow::Cow<'_, str>, &[u8])| !FRAME.contains(&name.as_ref()) && *value != b"null";
    let news = chunk.object().iter().filter(is_news);
    news.map(|(name, value)| (name.into_owned(), Bytes::copy_from_slice(value))).collect()
}

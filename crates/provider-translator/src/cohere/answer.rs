//! An answer of Cohere's, on its way to becoming OpenAI's.

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::{BoxError, Clock, Failure, Rng};
use llm_layers_wire::sse;
use serde_json::value::RawValue;

use super::{
    errors,
    mapper::{Mapper, Unreadable},
    native::{self, Delta, Incoming, Message},
};
use crate::{
    errors::{incomplete, not_an_answer},
    format::Call,
    ids,
    ir::{Chunks, Event, Shape, fold},
    names::Names,
    translate::{Flow, Translate},
};

/// Translates one answer, to the shape that its request asked for.
#[derive(Debug)]
pub(super) struct Answer {
    mapper: Mapper,
    shape: Shape,
    chunks: Chunks,
    started: bool,
    /// What was asked for: the answer does not tell.
    model: String,
    provider: Arc<str>,
    clock: Clock,
    rng: Rng,
}

impl Answer {
    pub(super) fn new(names: Names, single: bool, shape: Shape, call: &Call<'_>) -> Self {
        Self {
            mapper: Mapper::new(names, single, call.rng.clone()),
            shape,
            chunks: Chunks::new(shape),
            started: false,
            model: call.model.to_owned(),
            provider: Arc::clone(call.provider),
            clock: call.clock,
            rng: call.rng.clone(),
        }
    }

    fn start(&mut self, id: Option<String>, out: &mut Vec<Event>) {
        self.started = true;
        let id = id.map_or_else(|| ids::completion(&self.rng), |id| format!("chatcmpl-{id}"));
        out.push(Event::Start { id, model: self.model.clone(), created: self.clock.unix_seconds() });
    }

    fn incoming(&mut self, data: &[u8], name: Option<&[u8]>, out: &mut Vec<sse::Event>) -> Result<Flow, Unreadable> {
        let incoming: Incoming<'_> = serde_json::from_slice(data)?;
        let name = || name.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let kind = incoming.kind.as_deref().unwrap_or_else(name);
        let mut events = Vec::new();
        let flow = match kind {
            // Said again it would change what is constant in a stream.
            "message-start" if self.started => None,
            "message-start" => {
                self.start(incoming.id, &mut events);
                None
            }
            "message-end" => {
                let delta: Delta<'_> = serde_json::from_str(incoming.delta.ok_or(Unreadable)?.get())?;
                match self.mapper.finish(delta.finish_reason.as_deref(), delta.usage, &mut events) {
                    Err(failed) => return Ok(Flow::Failed(errors::in_answer(failed, delta.error, &self.provider))),
                    Ok(()) if self.started => Some(Flow::Over),
                    // Without its beginning it is no message.
                    Ok(()) => return Err(Unreadable),
                }
            }
            "tool-plan-delta" | "content-start" | "content-delta" | "citation-start" | "tool-call-start"
            | "tool-call-delta" | "tool-call-end"
                if !self.started =>
            {
                return Err(Unreadable);
            }
            kind => {
                self.grow(kind, incoming.index, incoming.delta, &mut events)?;
                None
            }
        };
        for event in events {
            self.chunks.push(event, out);
        }
        Ok(flow.unwrap_or(if self.chunks.has_spoken() { Flow::Going } else { Flow::Opening }))
    }

    fn grow(
        &mut self,
        kind: &str,
        index: Option<u64>,
        delta: Option<&RawValue>,
        out: &mut Vec<Event>,
    ) -> Result<(), Unreadable> {
        let message = || -> Result<Message<'_>, Unreadable> {
            let delta: Delta<'_> = serde_json::from_str(delta.ok_or(Unreadable)?.get())?;
            Ok(serde_json::from_str(delta.message.ok_or(Unreadable)?.get())?)
        };
        match kind {
            "tool-plan-delta" => self.mapper.plan(message()?.tool_plan, out),
            "content-start" => {
                for content in native::items(message()?.content)? {
                    self.mapper.open(content, out);
                }
            }
            "content-delta" => {
                for content in native::items(message()?.content)? {
                    self.mapper.grow(content, out);
                }
            }
            "citation-start" => self.mapper.cite(message()?.citations, out),
            "tool-call-start" => self.mapper.call(index, message()?.tool_calls, out)?,
            "tool-call-delta" => self.mapper.input(index, message()?.tool_calls, out)?,
            "tool-call-end" => self.mapper.end_call(index, out),
            // What ends a block, what is for debugging, and what is not known yet.
            _ => {}
        }
        Ok(())
    }

    fn read(mut self, body: &[u8]) -> Result<Result<Bytes, Failure>, Unreadable> {
        let answer: native::Answer<'_> = serde_json::from_slice(body)?;
        let mut events = Vec::new();
        self.start(answer.id, &mut events);
        let message: Message<'_> = match answer.message {
            Some(message) => serde_json::from_str(message.get())?,
            None if answer.finish_reason.is_some() => Message::default(),
            None => return Err(Unreadable),
        };
        self.mapper.message(message, &mut events)?;
        Ok(match self.mapper.finish(answer.finish_reason.as_deref(), answer.usage, &mut events) {
            Ok(()) => Ok(fold(events, self.shape)),
            Err(failed) => Err(errors::in_answer(failed, None, &self.provider)),
        })
    }
}

impl Translate for Answer {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let provider = Arc::clone(&self.provider);
        self.read(&body).map_err(|Unreadable| unreadable(&provider))?
    }

    fn event(&mut self, event: sse::Event, out: &mut Vec<sse::Event>) -> Flow {
        let flow = match event.data() {
            None | Some(b"") => Ok(Flow::Opening),
            // Cohere has no such farewell, but some that speak its dialect do.
            Some(_) if event.is_done() => Ok(Flow::Opening),
            Some(data) => self.incoming(data, event.name(), out),
        };
        match flow {
            Ok(Flow::Opening) if self.chunks.has_spoken() => Flow::Going,
            Ok(flow) => flow,
            // The end of the stream has cut it off, and will be told next.
            Err(Unreadable) if !event.is_terminated() => Flow::Going,
            Err(Unreadable) => Flow::Failed(unreadable(&self.provider)),
        }
    }

    fn end(&mut self, _: Option<BoxError>, _: &mut Vec<sse::Event>) -> Flow {
        Flow::Failed(incomplete(&self.provider))
    }
}

fn unreadable(provider: &str) -> Failure {
    not_an_answer("what Cohere's API does not answer", provider)
}

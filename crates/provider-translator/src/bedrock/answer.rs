//! An answer of Converse's, on its way to becoming OpenAI's.

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::{BoxError, Clock, Failure};
use llm_layers_wire::sse;

use super::{
    calls::Pass,
    errors,
    mapper::{Malformed, Mapper},
    native::Incoming,
};
use crate::{
    errors::not_an_answer,
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
    /// Bedrock tells neither.
    id: String,
    model: String,
    provider: Arc<str>,
    clock: Clock,
}

impl Answer {
    pub(super) fn new(names: Names, shape: Shape, pass: Pass, call: &Call<'_>) -> Self {
        Self {
            mapper: Mapper::new(names, pass),
            shape,
            chunks: Chunks::new(shape),
            started: false,
            id: ids::completion(call.rng),
            model: call.model.to_owned(),
            provider: Arc::clone(call.provider),
            clock: call.clock,
        }
    }

    fn start(&mut self, out: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.started, true) {
            let (id, model) = (std::mem::take(&mut self.id), std::mem::take(&mut self.model));
            out.push(Event::Start { id, model, created: self.clock.unix_seconds() });
        }
    }

    fn incoming(&mut self, name: &str, data: &[u8], out: &mut Vec<sse::Event>) -> Result<Flow, Failure> {
        if errors::is_exception(name) {
            return Ok(Flow::Failed(errors::in_stream(name, data, &self.provider)));
        }
        if !KNOWN.contains(&name) {
            return Ok(self.flow());
        }
        let incoming: Incoming<'_> = serde_json::from_slice(data).map_err(|_| unreadable(&self.provider))?;
        let mut events = Vec::new();
        self.start(&mut events);
        let over = name == "metadata";
        match (name, incoming.content_block_index) {
            ("contentBlockStart", Some(index)) => {
                if let Some(call) = incoming.start.and_then(|start| start.tool_use) {
                    self.mapper.call(index, call, &mut events);
                }
            }
            ("contentBlockDelta", Some(index)) => {
                if let Some(delta) = incoming.delta {
                    self.mapper.grow(index, delta, &mut events);
                }
            }
            ("contentBlockStop", Some(index)) => self.mapper.close(index, &mut events),
            ("messageStop", _) => {
                self.mapper.extras(&incoming);
                let reason = incoming.stop_reason.as_deref();
                self.mapper.ending(reason).map_err(|Malformed| errors::malformed(reason, &self.provider))?;
            }
            ("metadata", _) => {
                self.mapper.extras(&incoming);
                if let Some(usage) = incoming.usage {
                    self.mapper.usage(usage);
                }
                if !self.mapper.is_ending() {
                    return Err(unreadable(&self.provider));
                }
                self.mapper.finish(&mut events);
            }
            _ => {}
        }
        if self.mapper.is_flooded() {
            return Err(not_an_answer("too many blocks at once", &self.provider));
        }
        for event in events {
            self.chunks.push(event, out);
        }
        Ok(if over { Flow::Over } else { self.flow() })
    }

    fn flow(&self) -> Flow {
        if self.chunks.has_spoken() { Flow::Going } else { Flow::Opening }
    }
}

const KNOWN: [&str; 6] =
    ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];

impl Translate for Answer {
    fn whole(mut self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let provider = Arc::clone(&self.provider);
        let nothing = || unreadable(&provider);
        let answer: Incoming<'_> = serde_json::from_slice(&body).map_err(|_| nothing())?;
        self.mapper.extras(&answer);
        // The framework beneath the service reports some errors of its own in an answer of 200.
        let message = answer.output.and_then(|output| output.message).ok_or_else(nothing)?;
        let mut events = Vec::new();
        self.start(&mut events);
        for (index, block) in (0..).zip(message.content) {
            self.mapper.block(index, block, &mut events);
        }
        let reason = answer.stop_reason.as_deref();
        self.mapper.ending(reason).map_err(|Malformed| errors::malformed(reason, &self.provider))?;
        if let Some(usage) = answer.usage {
            self.mapper.usage(usage);
        }
        self.mapper.finish(&mut events);
        Ok(fold(events, self.shape))
    }

    fn event(&mut self, event: sse::Event, out: &mut Vec<sse::Event>) -> Flow {
        let name = event.name().and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        self.incoming(name, event.data().unwrap_or_default(), out).unwrap_or_else(Flow::Failed)
    }

    fn end(&mut self, error: Option<BoxError>, out: &mut Vec<sse::Event>) -> Flow {
        // What the answer ended for was told: only the usage is missing, and nothing of the answer.
        if self.mapper.is_ending() {
            let mut events = Vec::new();
            self.mapper.finish(&mut events);
            for event in events {
                self.chunks.push(event, out);
            }
            return Flow::Over;
        }
        Flow::Failed(errors::broken(error, &self.provider))
    }
}

fn unreadable(provider: &str) -> Failure {
    not_an_answer("what Bedrock's Converse does not answer", provider)
}

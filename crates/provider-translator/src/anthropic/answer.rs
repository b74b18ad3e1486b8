//! An answer of Anthropic's, on its way to becoming OpenAI's.

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::{BoxError, Clock, Failure};
use llm_layers_wire::sse;

use super::{
    errors,
    mapper::{Mapper, Unreadable},
    native::{Incoming, Message, MessageDelta},
};
use crate::{
    errors::{incomplete, not_an_answer},
    format::Call,
    ir::{Chunks, Shape, fold},
    names::{Names, Wrap},
    translate::{Flow, Translate},
};

/// Translates one answer, to the shape that its request asked for.
#[derive(Debug)]
pub(crate) struct Answer {
    mapper: Mapper,
    shape: Shape,
    chunks: Chunks,
    started: bool,
    /// What was asked for, in case that the answer does not tell.
    model: String,
    provider: Arc<str>,
    clock: Clock,
}

impl Answer {
    pub(super) fn new(names: Names, answers: Option<Wrap>, shape: Shape, call: &Call<'_>) -> Self {
        Self {
            mapper: Mapper::new(names, answers),
            shape,
            chunks: Chunks::new(shape),
            started: false,
            model: call.model.to_owned(),
            provider: Arc::clone(call.provider),
            clock: call.clock,
        }
    }

    fn incoming(&mut self, data: &[u8], name: Option<&[u8]>, out: &mut Vec<sse::Event>) -> Result<Flow, Unreadable> {
        let incoming: Incoming<'_> = serde_json::from_slice(data)?;
        let name = || name.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let mut events = Vec::new();
        let mut over = false;
        match (incoming.kind.as_deref().unwrap_or_else(name), incoming.index) {
            // Said again it would change what is constant in a stream.
            ("message_start", _) if self.started => {}
            ("message_start", _) => {
                self.started = true;
                let message: Message<'_> = serde_json::from_str(incoming.message.ok_or(Unreadable)?.get())?;
                self.mapper.start(&message, &self.model, self.clock.unix_seconds(), &mut events);
            }
            ("error", _) => return Ok(Flow::Failed(errors::in_stream(data, &self.provider))),
            // Without its beginning it is no message.
            (kind, _) if !self.started && kind != "ping" => return Err(Unreadable),
            ("content_block_start", Some(index)) => {
                self.mapper.open(index, incoming.content_block.ok_or(Unreadable)?, &mut events)?;
            }
            ("content_block_delta", Some(index)) => {
                self.mapper.grow(index, incoming.delta.ok_or(Unreadable)?, &mut events)?;
            }
            ("content_block_stop", Some(index)) => self.mapper.close(index, &mut events),
            ("message_delta", _) => self.message_delta(&incoming)?,
            ("message_stop", _) => {
                self.mapper.finish(&mut events);
                over = true;
            }
            // Pings, and what is not known yet.
            _ => {}
        }
        for event in events {
            self.chunks.push(event, out);
        }
        Ok(if over {
            Flow::Over
        } else if self.chunks.has_spoken() {
            Flow::Going
        } else {
            Flow::Opening
        })
    }

    fn message_delta(&mut self, incoming: &Incoming<'_>) -> Result<(), Unreadable> {
        if let Some(delta) = incoming.delta {
            self.mapper.ending(serde_json::from_str(delta.get())?);
        }
        if let Some(usage) = incoming.usage {
            self.mapper.usage(&serde_json::from_str(usage.get())?);
        }
        Ok(())
    }

    fn read(mut self, body: &[u8]) -> Result<Bytes, Unreadable> {
        let message: Message<'_> = serde_json::from_slice(body)?;
        let mut events = Vec::new();
        self.mapper.start(&message, &self.model, self.clock.unix_seconds(), &mut events);
        for (index, block) in (0..).zip(message.content.ok_or(Unreadable)?) {
            self.mapper.open(index, block, &mut events)?;
            self.mapper.close(index, &mut events);
        }
        self.mapper.ending(MessageDelta {
            stop_reason: message.stop_reason,
            stop_sequence: message.stop_sequence,
            stop_details: message.stop_details,
            container: None,
        });
        self.mapper.finish(&mut events);
        Ok(fold(events, self.shape))
    }
}

impl Translate for Answer {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let is_error = |message: &Message<'_>| message.kind.as_deref() == Some("error");
        if serde_json::from_slice(&body).is_ok_and(|message| is_error(&message)) {
            return Err(errors::in_stream(&body, &self.provider));
        }
        let provider = Arc::clone(&self.provider);
        self.read(&body).map_err(|Unreadable| unreadable(&provider))
    }

    fn event(&mut self, event: sse::Event, out: &mut Vec<sse::Event>) -> Flow {
        let flow = match event.data() {
            None | Some(b"") => Ok(Flow::Opening),
            // Anthropic has no such farewell, but some that speak its dialect do.
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

    fn end(&mut self, _: Option<BoxError>, out: &mut Vec<sse::Event>) -> Flow {
        // What the answer ended for was told: only the farewell is missing, and nothing of the answer.
        if self.mapper.is_ending() {
            let mut events = Vec::new();
            self.mapper.finish(&mut events);
            for event in events {
                self.chunks.push(event, out);
            }
            return Flow::Over;
        }
        Flow::Failed(incomplete(&self.provider))
    }
}

fn unreadable(provider: &str) -> Failure {
    not_an_answer("what Anthropic's API does not answer", provider)
}

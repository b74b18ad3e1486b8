//! An answer of Google's, on its way to becoming OpenAI's.

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::{BoxError, Clock, Failure};
use llm_layers_wire::sse;

use super::{errors, mapper::Mapper, native::Response};
use crate::{
    errors::{incomplete, not_an_answer},
    format::Call,
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
    /// What was asked for, in case that the answer does not tell.
    model: String,
    provider: Arc<str>,
    clock: Clock,
}

impl Answer {
    pub(super) fn new(names: Names, shape: Shape, single: bool, call: &Call<'_>) -> Self {
        Self {
            mapper: Mapper::new(names, single, call.rng.clone()),
            shape,
            chunks: Chunks::new(shape),
            started: false,
            model: call.model.to_owned(),
            provider: Arc::clone(call.provider),
            clock: call.clock,
        }
    }

    /// A whole answer, or an increment of one.
    fn read(&mut self, data: &[u8], events: &mut Vec<Event>) -> Result<(), Failure> {
        // An error alone may come in a list.
        if data.trim_ascii_start().starts_with(b"[") {
            return Err(errors::in_stream(data, &self.provider));
        }
        let response: Response<'_> = serde_json::from_slice(data).map_err(|_| self.unreadable())?;
        if response.error.is_some() {
            return Err(errors::in_stream(data, &self.provider));
        }
        if !std::mem::replace(&mut self.started, true) {
            let id = response.response_id.filter(|id| !id.is_empty()).unwrap_or_else(|| self.mapper.id());
            let model = response.model_version.filter(|model| !model.is_empty()).unwrap_or_else(|| self.model.clone());
            events.push(Event::Start { id: format!("chatcmpl-{id}"), model, created: self.clock.unix_seconds() });
        }
        if let Some(feedback) = response.prompt_feedback {
            self.mapper.feedback(feedback);
        }
        if let Some(usage) = response.usage_metadata {
            self.mapper.usage(usage);
        }
        for candidate in response.candidates.unwrap_or_default() {
            self.mapper.candidate(candidate, &self.provider, events)?;
        }
        Ok(())
    }

    fn push(&mut self, events: Vec<Event>, out: &mut Vec<sse::Event>) {
        for event in events {
            self.chunks.push(event, out);
        }
    }

    fn unreadable(&self) -> Failure {
        not_an_answer("what Google's API does not answer", &self.provider)
    }
}

impl Translate for Answer {
    fn whole(mut self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let mut events = Vec::new();
        self.read(&body, &mut events)?;
        if !self.mapper.is_begun() {
            return Err(not_an_answer("no candidates", &self.provider));
        }
        self.mapper.finish(&mut events);
        Ok(fold(events, self.shape))
    }

    fn event(&mut self, event: sse::Event, out: &mut Vec<sse::Event>) -> Flow {
        let Some(data) = event.data().filter(|data| !data.is_empty() && !event.is_done()) else {
            return if self.chunks.has_spoken() { Flow::Going } else { Flow::Opening };
        };
        let mut events = Vec::new();
        let read = self.read(data, &mut events);
        self.push(events, out);
        match read {
            Ok(()) if self.chunks.has_spoken() => Flow::Going,
            Ok(()) => Flow::Opening,
            // The end of the stream has cut it off, and will be told next.
            Err(_) if !event.is_terminated() => Flow::Going,
            Err(failure) => Flow::Failed(failure),
        }
    }

    /// There is no farewell: the reason of the end is all that tells a whole answer.
    fn end(&mut self, _: Option<BoxError>, out: &mut Vec<sse::Event>) -> Flow {
        if !self.mapper.is_ending() {
            return Flow::Failed(incomplete(&self.provider));
        }
        let mut events = Vec::new();
        self.mapper.finish(&mut events);
        self.push(events, out);
        Flow::Over
    }
}

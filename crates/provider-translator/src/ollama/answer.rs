//! An answer of Ollama's, on its way to becoming OpenAI's.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use llm_layers_core::{BoxError, Clock, Failure, Rng};
use llm_layers_wire::sse;

use super::{
    errors,
    mapper::{self, Mapper},
    native::Line,
};
use crate::{
    errors::{incomplete, not_an_answer, rfc3339},
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
    /// What was asked for, in case that the answer does not tell.
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

    /// What a line tells, and whether it is the last.
    fn line(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<bool, Failure> {
        let mut line: Line<'_> = serde_json::from_slice(data).map_err(|_| self.unreadable())?;
        if let Some(message) = line.error {
            return Err(errors::in_answer(message, &self.provider));
        }
        if line.message.is_none() && line.done != Some(true) {
            return Err(self.unreadable());
        }
        if !std::mem::replace(&mut self.started, true) {
            let model = line.model.take().unwrap_or_else(|| self.model.clone());
            let created = line.created_at.as_deref().and_then(seconds).unwrap_or_else(|| self.clock.unix_seconds());
            out.push(Event::Start { id: ids::completion(&self.rng), model, created });
        }
        self.mapper.line(&mut line, out);
        let done = line.done == Some(true);
        if done {
            mapper::finish(&line, out);
        }
        Ok(done)
    }

    fn unreadable(&self) -> Failure {
        not_an_answer("what Ollama's API does not answer", &self.provider)
    }
}

impl Translate for Answer {
    fn whole(mut self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        let mut events = Vec::new();
        if self.line(&body, &mut events)? { Ok(fold(events, self.shape)) } else { Err(self.unreadable()) }
    }

    fn event(&mut self, event: sse::Event, out: &mut Vec<sse::Event>) -> Flow {
        let mut events = Vec::new();
        let line = self.line(event.data().unwrap_or_default(), &mut events);
        for event in events {
            self.chunks.push(event, out);
        }
        match line {
            Ok(true) => Flow::Over,
            // The end of the stream has cut it off, and will be told next.
            Err(_) if !event.is_terminated() && is_cut(&event) => Flow::Going,
            Err(failure) => Flow::Failed(failure),
            Ok(false) if self.chunks.has_spoken() => Flow::Going,
            Ok(false) => Flow::Opening,
        }
    }

    fn end(&mut self, _: Option<BoxError>, _: &mut Vec<sse::Event>) -> Flow {
        Flow::Failed(incomplete(&self.provider))
    }
}

/// Whether a line is the beginning of JSON, and not the whole of it.
fn is_cut(event: &sse::Event) -> bool {
    let data = event.data().unwrap_or_default();
    serde_json::from_slice::<serde::de::IgnoredAny>(data).is_err_and(|error| error.is_eof())
}

fn seconds(date: &str) -> Option<u64> {
    rfc3339(date)?.duration_since(UNIX_EPOCH).as_ref().map(Duration::as_secs).ok()
}

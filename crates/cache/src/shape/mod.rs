//! Answers in the shape of an operation: streams put together, whole ones taken apart.
//!
//! Knows no IO. Sources of the shapes: OpenAI's API reference and the types of its Python SDK 3.52.0, Anthropic's
//! reference of its Messages API; all as of November 2026.

mod chat;
mod check;
mod message;
mod paced;
mod response;
mod steps;
#[cfg(test)]
mod testing;
mod text;
mod write;

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::{
    json::{Limits, Object},
    sse::Event,
};

pub(crate) use paced::Paced;

/// What is read here was within limits before: of the stream, or of what may be kept.
const UNBOUNDED: Limits = Limits::LENIENT.with_max_bytes(usize::MAX).with_max_members(usize::MAX);

/// The shape of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A chat completion.
    Chat,
    /// A completion of the older kind.
    Text,
    /// A message, as Anthropic has it.
    Message,
    /// A response.
    Response,
}

/// Puts the events of a stream together into the whole answer, as they pass.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// Gone when the recording is void.
    joined: Option<Joined>,
    /// Whether `[DONE]` has come: who reads the stream reads no further.
    is_done: bool,
}

#[derive(Debug)]
enum Joined {
    Chat(chat::Recorder),
    Text(text::Recorder),
    Message(message::Recorder),
    Response(response::Recorder),
}

/// How a whole answer is told as a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Replay {
    /// Whether the client has asked for a chunk of usage. Of the shapes that always tell, nothing is left out.
    pub(crate) include_usage: bool,
    /// Characters of text in one event.
    pub(crate) piece_chars: usize,
}

/// Why an answer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It is no answer of this shape, or an error.
    Malformed,
    /// It is not all of it.
    Unfinished,
    /// A filter or the model has refused.
    Refused,
    /// It calls what was not offered, or with arguments that are no JSON object.
    InvalidCall,
}

impl Shape {
    pub(crate) const fn of(operation: Operation) -> Option<Self> {
        match operation {
            Operation::ChatCompletion => Some(Self::Chat),
            Operation::Completion => Some(Self::Text),
            Operation::Message => Some(Self::Message),
            Operation::Response => Some(Self::Response),
            _ => None,
        }
    }

    /// Whether a whole answer may be kept, in view of the request that it answers.
    pub(crate) fn check(self, answer: &Object, request: &Object) -> Result<(), Unfit> {
        match self {
            Self::Chat => chat::check(answer, request),
            Self::Text => text::check(answer, request),
            Self::Message => message::check(answer, request),
            Self::Response => response::check(answer, request),
        }
    }

    /// The events of a stream that tells this whole answer, its end included; none of what is no answer of this shape.
    ///
    /// Each event is made when it is asked for.
    pub(crate) fn replay(self, answer: &Object, how: Replay) -> Box<dyn Iterator<Item = Event> + Send> {
        match self {
            Self::Chat => chat::replay(answer, how),
            Self::Text => text::replay(answer, how),
            Self::Message => message::replay(answer, how),
            Self::Response => response::replay(answer, how),
        }
    }
}

impl Recorder {
    /// Of an answer of up to so many bytes.
    pub(crate) fn new(shape: Shape, max_bytes: usize) -> Self {
        let joined = match shape {
            Shape::Chat => Joined::Chat(chat::Recorder::new(max_bytes)),
            Shape::Text => Joined::Text(text::Recorder::new(max_bytes)),
            Shape::Message => Joined::Message(message::Recorder::new(max_bytes)),
            Shape::Response => Joined::Response(response::Recorder::new(max_bytes)),
        };
        Self { joined: Some(joined), is_done: false }
    }

    /// Joins an event. One that cannot be joined makes the recording void, and never fails the stream.
    pub(crate) fn push(&mut self, event: &Event) {
        // Comments, settings, and what some servers send to keep the connection.
        if self.is_done || event.data().is_none_or(|data| data.trim_ascii().is_empty()) {
            return;
        }
        let is_joined = match &mut self.joined {
            _ if Failure::is_told_by(event) => false,
            None => false,
            Some(Joined::Message(recorder)) => recorder.push(event),
            Some(Joined::Response(recorder)) => recorder.push(event),
            Some(_) if event.is_done() => {
                self.is_done = true;
                true
            }
            Some(Joined::Chat(recorder)) => recorder.push(event),
            Some(Joined::Text(recorder)) => recorder.push(event),
        };
        if !is_joined {
            // What was held is let go at once: the stream may be long.
            self.joined = None;
        }
    }

    /// The whole answer, if the stream has come to its proper end.
    pub(crate) fn finish(self) -> Option<Object> {
        match self.joined? {
            Joined::Chat(recorder) => recorder.finish(),
            Joined::Text(recorder) => recorder.finish(),
            Joined::Message(recorder) => recorder.finish(),
            Joined::Response(recorder) => recorder.finish(),
        }
    }
}

#[cfg(test)]
mod tests;

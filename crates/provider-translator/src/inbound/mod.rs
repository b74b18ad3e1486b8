//! Calls in other shapes than chat completions, turned into chat completions, and their answers back.
//!
//! The outermost layer: below it everything speaks one language. A [`Shape`] is a folder here.

mod completions;
mod errors;
mod exchange;
mod layer;
mod messages;
mod responses;
mod service;

pub use layer::InboundLayer;
pub(crate) use messages::failure as messages_failure;
pub use service::InboundTranslator;

use bytes::Bytes;
use http::StatusCode;
use llm_layers_core::{Body, Clock, Failure, Operation, Rng};
use llm_layers_wire::{json::Object, openai};

use crate::{translate::Translate, warnings::Warnings};

/// Says that a chat call came in another shape. An extension of a request, for the translator below alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WasInbound;

/// A call in another shape, turned into a chat call.
pub(crate) struct Inbound {
    /// The chat request.
    pub(crate) body: Body,
    pub(crate) warnings: Warnings,
    /// Makes the caller's answer of a chat answer, whole or streamed.
    ///
    /// [`Flow::Failed`](crate::translate::Flow::Failed) of an event tells the client in OpenAI's shape. A shape that
    /// has its own for errors in streams puts that event out itself, and says [`Flow::Over`](crate::translate::Flow::Over).
    pub(crate) answer: Box<dyn Translate>,
}

/// What a translation may need besides the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a> {
    pub(crate) clock: Clock,
    /// The chance that ids are made of.
    pub(crate) rng: &'a Rng,
}

/// A shape that calls come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Completions,
    Messages,
    Responses,
}

impl Shape {
    const fn of(operation: Operation) -> Option<Self> {
        match operation {
            Operation::Completion => Some(Self::Completions),
            Operation::Message => Some(Self::Messages),
            Operation::Response => Some(Self::Responses),
            _ => None,
        }
    }

    /// The last segment of the path of its calls.
    const fn segment(self) -> &'static str {
        match self {
            Self::Completions => "completions",
            Self::Messages => "messages",
            Self::Responses => "responses",
        }
    }

    fn request(self, object: &Object, options: &Options<'_>) -> Result<Inbound, Failure> {
        match self {
            Self::Completions => completions::request(object),
            Self::Messages => messages::request(object, options),
            Self::Responses => responses::request(object, options),
        }
    }

    /// An error as this shape says it, and the status that goes with it.
    fn failure(self, status: StatusCode, error: &openai::Error) -> (StatusCode, Bytes) {
        match self {
            Self::Messages => messages::failure(status, error),
            Self::Completions | Self::Responses => (status, error.to_bytes()),
        }
    }
}

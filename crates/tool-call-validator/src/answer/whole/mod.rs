//! Answers in one piece.

mod chat;
mod messages;
mod responses;

use bytes::Bytes;
use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

use crate::{contract::Contract, judge::{Judgement, Turn}, layer::Settings};

/// An answer that can be judged.
pub(crate) trait Answer {
    /// What each choice says.
    fn turns(&self, contract: &Contract, settings: &Settings) -> Vec<Turn<'_>>;

    /// The answer with what was mended, and all else as it stands there; the judgements are those of the turns.
    fn mended(self: Box<Self>, judgements: &[Judgement]) -> Bytes;
}

/// Reads an answer. `None` where it is none of this operation's shape: an error, or what nobody knows.
pub(crate) fn read(operation: Operation, object: &Object) -> Option<Box<dyn Answer + Send>> {
    match operation {
        Operation::ChatCompletion => chat::read(object),
        Operation::Message => messages::read(object),
        Operation::Response => responses::read(object),
        _ => None,
    }
}

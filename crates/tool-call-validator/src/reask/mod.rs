//! Asking the model again, with what was wrong.

mod chat;
mod list;
mod messages;
mod responses;
#[cfg(test)]
mod tests;
mod turn;
mod usage;
mod words;

use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

use crate::judge::{Judgement, Turn};

pub(crate) use usage::{sum, sum_known};

/// The request once more, with what the model has said and what was wrong with it behind its conversation. `None` where
/// the conversation cannot be gone on with.
pub(crate) fn request(
    operation: Operation,
    request: &Object,
    turn: &Turn<'_>,
    judgement: &Judgement,
) -> Option<Object> {
    let words = words::of(judgement)?;
    match operation {
        Operation::ChatCompletion => chat::request(request, turn, judgement, words),
        Operation::Message => messages::request(request, turn, judgement, words),
        Operation::Response => responses::request(request, turn, judgement, words),
        _ => None,
    }
}

//! Answers in one piece.
//!
//! What was mended is written where it stands; every other byte stays as it came.

mod call;
mod chat;
mod messages;
mod parts;
mod responses;
#[cfg(test)]
mod tests;

use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

use crate::{
    answer::nested::Unreadable,
    contract::{Contract, Text},
    judge::{Judgement, Turn},
    layer::Settings,
};

/// An answer that can be judged.
pub(crate) trait Answer: Send {
    /// What each choice says.
    fn turns(&self) -> Vec<Turn<'_>>;

    /// Takes note, in the judgements of the turns, of what this reading itself mends or cannot mend.
    fn settle(&self, judgements: &mut [Judgement], settings: &Settings);

    /// The answer with what was mended.
    fn mended(self: Box<Self>, judgements: &[Judgement]) -> Object;
}

/// Reads an answer. `None` where it is none of this operation's shape: an error, or what nobody knows.
///
/// # Errors
/// There may be calls in it that nobody sees here.
pub(crate) fn read(
    object: &Object,
    contract: &Contract,
    settings: &Settings,
) -> Result<Option<Box<dyn Answer>>, Unreadable> {
    fn boxed(answer: impl Answer + 'static) -> Box<dyn Answer> {
        Box::new(answer)
    }
    Ok(match contract.operation {
        Operation::ChatCompletion => chat::Chat::read(object, contract, settings)?.map(boxed),
        Operation::Message => messages::Message::read(object, contract)?.map(boxed),
        Operation::Response => responses::Response::read(object, contract)?.map(boxed),
        _ => None,
    })
}

/// Whether the text is to be JSON.
const fn wants_json(contract: &Contract) -> bool {
    !matches!(contract.text, Text::Any)
}

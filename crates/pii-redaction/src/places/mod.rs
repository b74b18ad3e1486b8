//! Every place where text hides: in requests, in answers, and in the events of streams.
//!
//! The bodies are walked as the JSON that they are. What the protocol's own words are is in a table ([`shape`]), and
//! everything else is a text: members that this crate has never heard of, names of members and long numbers in the
//! user's data, files of text in base64, JSON in strings. What does not change keeps its bytes.
//!
//! # What is left alone, and why
//!
//! | what | why |
//! | --- | --- |
//! | `model`, ids, enums, names of functions, switches and numbers of the protocol | without them there is no call; a string in such a place with a space or an `@` is a text all the same |
//! | thoughts with a `signature` (Anthropic's `thinking` blocks, `reasoning_details`) | the provider refuses them when they are changed. They are shown, as [`Place::sealed`], and stay; as the model thought in placeholders, nobody's data are in them. For the same reason nothing is put back into them in an answer: what the client sends back must be what was signed. In a stream, where the signature comes last, they are [sealed channels](Channel::is_sealed) |
//! | what a provider encrypted (`encrypted_content`, `redacted_thinking`) and signatures | nobody here can read it |
//! | an MCP server's `headers`, `authorization` and address | they are what the provider reaches it with |
//! | the path of an address that the provider fetches | without it there is nothing to fetch; who logs in, and the query, are shown |
//! | `logprobs` | the pieces of a text that is shown as a whole; they are the model's, and a placeholder's pieces tell nothing |
//! | the vectors of embeddings | numbers, or base64 of them |
//!
//! # Files
//!
//! A file in base64 is text if it says so, by its type or its name, or if it looks like text, in whatever charset: UTF-8,
//! UTF-16, or one of a byte a letter. What is neither is media: it is counted, or refused where that was asked for. So is
//! what says that it is base64 and cannot be decoded.
//!
//! # Numbers
//!
//! A long JSON number in the user's data is a text, and what takes its place is a string. Put back, it remains one:
//! `{"account": 4111111111111111}` in a tool's arguments returns as `{"account": "4111111111111111"}`. In a stream the
//! quotes have left before anybody knows what stands between them, and a whole answer should not differ from a streamed
//! one.
//!
//! # Lone surrogates
//!
//! `"\ud800"` is legal JSON and no text. Such a string is shown with a zero-width space in the surrogate's place, which
//! detectors look through, and it keeps its bytes unless something in it is replaced.

mod cursor;
mod edits;
mod file;
mod nested;
mod shape;
mod siblings;
mod stream;
mod string;
#[cfg(test)]
mod tests;
mod url;
mod visit;
mod walk;

use llm_layers_core::Operation;
use llm_layers_wire::json::{Limits, Object};

pub(crate) use stream::{Channel, Deltas, Kind, Stream};
pub(crate) use visit::{Place, Visit};

use self::{
    shape::Shape,
    walk::{Side, Walk},
};

/// The body could not be walked to its end, so that nobody knows what is in the rest of it. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unwalkable;

/// Shows every text of a request's body to the visitor; whether any was replaced.
pub(crate) fn request(operation: Operation, object: &mut Object, visit: &mut impl Visit) -> Result<bool, Unwalkable> {
    match operation {
        Operation::Models => Ok(false),
        // Their members mean the same wherever they have the same names.
        _ => whole(object, Shape::Request, Side::Request, visit),
    }
}

/// Shows every text of a whole answer to the visitor; whether any was replaced.
pub(crate) fn answer(operation: Operation, object: &mut Object, visit: &mut impl Visit) -> Result<bool, Unwalkable> {
    match operation {
        Operation::Models => Ok(false),
        _ => whole(object, Shape::Answer, Side::Answer, visit),
    }
}

fn whole(object: &mut Object, shape: Shape, side: Side, visit: &mut impl Visit) -> Result<bool, Unwalkable> {
    const LIMITS: Limits = Limits::LENIENT.with_max_bytes(usize::MAX).with_max_members(usize::MAX);
    let bytes = object.to_bytes();
    let text = std::str::from_utf8(&bytes).map_err(|_| Unwalkable)?;
    match Walk::new(text, side, visit).finish(shape, "").ok_or(Unwalkable)? {
        None => Ok(false),
        Some(changed) => {
            *object = Object::parse_with(changed, &LIMITS).map_err(|_| Unwalkable)?;
            Ok(true)
        }
    }
}

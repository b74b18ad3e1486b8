//! Cohere's API, version 2: chat completions, embeddings and the list of models.
//!
//! | file | holds |
//! | --- | --- |
//! | `request` | the whole of a request for a chat |
//! | `messages`, `tools`, `sampling`, `thinking` | a part of it each |
//! | `native` | the shapes that are read |
//! | `answer` | an answer, whole or streamed, by way of `mapper`, `calls` and `usage` |
//! | `embed`, `models` | the other two operations |
//! | `errors` | errors |
//!
//! Source: the types and documentation in Cohere's Python SDK 7.3.1, read in November 2026.

mod answer;
mod calls;
mod embed;
mod errors;
mod mapper;
mod messages;
mod models;
mod native;
mod request;
mod sampling;
#[cfg(test)]
mod tests;
mod thinking;
mod tools;
mod usage;

use llm_layers_core::{Failure, Operation};

use crate::{
    format::{Call, Format, Outgoing, Refusal},
    names::Rule,
};

/// Letters, digits and underscores: what else a name holds its models bend, or its API refuses.
const NAMES: Rule = Rule { max: 64, marks: b"_", begins_with_letter: true };
/// Of calls: no rule is known, and these are safe.
const IDS: Rule = Rule { max: 128, marks: b"_-", begins_with_letter: false };

/// Cohere's API.
#[derive(Debug)]
pub(crate) struct Cohere;

impl Format for Cohere {
    fn call(&self, call: &Call<'_>) -> Result<Outgoing, Failure> {
        match call.operation {
            Operation::ChatCompletion => request::request(call),
            Operation::Embedding => embed::request(call),
            Operation::Models => Ok(models::request(call)),
            _ => Err(call.unsupported()),
        }
    }

    fn most_texts(&self, _: &str) -> usize {
        embed::MOST
    }

    fn failure(&self, refusal: &Refusal<'_>) -> Failure {
        errors::failure(refusal)
    }
}

//! Ollama's own API: chat completions, embeddings and the list of models.
//!
//! It is for what the OpenAI-compatible API of the same server does not know: the size of the context, how long a
//! model stays loaded, levels of thinking.
//!
//! | file | holds |
//! | --- | --- |
//! | `request` | the whole of a request for a chat |
//! | `messages`, `tools`, `options`, `think` | a part of it each |
//! | `native` | the shapes that are read |
//! | `answer` | an answer, whole or streamed, by way of `mapper` |
//! | `embed`, `models` | the other two operations |
//! | `errors` | errors |
//!
//! Source: the types of Ollama's Python client 0.6.3, read in November 2026. Ids of calls, which it does not know, are
//! those of newer servers.

mod answer;
mod embed;
mod errors;
mod mapper;
mod messages;
mod models;
mod native;
mod options;
mod request;
#[cfg(test)]
mod tests;
mod think;
mod tools;

use llm_layers_core::{Failure, Operation};

use crate::{
    format::{Call, Format, Outgoing, Refusal},
    names::Rule,
};

/// Of tools: no rule is known, and these are in every template's reach.
const NAMES: Rule = Rule { max: 128, marks: b"_-.:/", begins_with_letter: false };

/// Ollama's API.
#[derive(Debug)]
pub(crate) struct Ollama;

impl Format for Ollama {
    fn call(&self, call: &Call<'_>) -> Result<Outgoing, Failure> {
        match call.operation {
            Operation::ChatCompletion => request::request(call),
            Operation::Embedding => embed::request(call),
            Operation::Models => Ok(models::request(call)),
            _ => Err(call.unsupported()),
        }
    }

    fn failure(&self, refusal: &Refusal<'_>) -> Failure {
        errors::failure(refusal)
    }
}

//! Anthropic's Messages API: chat completions in, messages out, and their answers back.
//!
//! | file | holds |
//! | --- | --- |
//! | `request` | the whole of a request; `members` what is left out or refused of it |
//! | `messages`, `tools`, `schema`, `format`, `thinking`, `sampling` | a part of it each |
//! | `blocks`, `native` | the shapes that are written, and read |
//! | `names` | names and ids that Anthropic accepts, and the way back |
//! | `models` | what a model can do, by its id |
//! | `answer` | an answer, whole or streamed, by way of `mapper` and `usage` |
//! | `errors` | errors |
//!
//! Source: the types of Anthropic's Python SDK 1.17.0 and 2.11.0, and its public documentation, read in November 2026.

mod answer;
mod blocks;
mod errors;
mod format;
mod mapper;
mod members;
mod messages;
mod models;
mod names;
mod native;
mod request;
mod sampling;
mod schema;
#[cfg(test)]
mod tests;
mod thinking;
mod tools;
mod usage;

pub(crate) use answer::Answer;
pub(crate) use errors::failure;
pub(crate) use request::request;

use std::sync::Arc;

use bytes::Bytes;
use llm_layers_core::Clock;

use crate::{ApiVersion, warnings::Warnings};

/// How a request is to be translated.
#[derive(Clone, Debug)]
pub(crate) struct Options<'a> {
    /// The provider's name, for errors.
    pub(crate) provider: Arc<str>,
    /// The id by which Anthropic knows the model.
    pub(crate) model: &'a str,
    pub(crate) api_version: ApiVersion,
    /// Refuses what would otherwise be left out with a warning.
    pub(crate) strict: bool,
    /// `max_tokens`, which Anthropic demands, where the client sets none.
    pub(crate) default_max_tokens: u32,
    /// The time, for `created`.
    pub(crate) clock: Clock,
}

/// A request, translated.
#[derive(Debug)]
pub(crate) struct Translated {
    pub(crate) body: Bytes,
    pub(crate) warnings: Warnings,
    pub(crate) answer: Answer,
}

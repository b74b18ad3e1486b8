//! Anthropic's Messages in: a message becomes a chat completion, and its answer a message again.
//!
//! | file | holds |
//! | --- | --- |
//! | `request` | the whole of a request |
//! | `turns`, `content`, `tools`, `thinking` | a part of it each |
//! | `chat` | the shapes that are written to the layers below |
//! | `seals` | what must come back as it went out, and how it travels in blocks |
//! | `answer` | an answer, whole or streamed, by way of `blocks`, which puts its pieces into order |
//! | `stream`, `whole` | the two ways in which blocks are told |
//! | `spelled`, `json_end` | strings as they are spelled, and where the JSON in them ends |
//! | `usage`, `errors` | tokens and errors |
//!
//! What Anthropic has and OpenAI has not travels in members that this crate's translation to Anthropic knows:
//! `thinking`, `top_k`, `cache_control`, `reasoning_details`, `is_error` of a tool's result. So a client of
//! Anthropic's that talks to Anthropic through chat completions finds its signatures, tool ids and cache marks again.
//!
//! Source: the types of Anthropic's Python SDK 1.17.0 and 2.11.0, and its public documentation, read in November 2026.

mod answer;
mod blocks;
mod chat;
mod content;
mod errors;
mod json_end;
mod request;
mod seals;
mod spelled;
mod stream;
#[cfg(test)]
mod tests;
mod thinking;
mod tools;
mod turns;
mod usage;
mod whole;

pub(crate) use errors::failure;
pub(super) use request::request;

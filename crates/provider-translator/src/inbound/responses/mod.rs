//! OpenAI's Responses in, chat completions out, and their answers back: for providers that have no `/v1/responses`.
//!
//! | file | holds |
//! | --- | --- |
//! | `request` | the whole of a request; `members` what is left out or refused of it |
//! | `input`, `content`, `tools`, `format` | a part of it each |
//! | `message` | the messages that are written |
//! | `seal` | what lets reasoning be handed back, as `encrypted_content` |
//! | `echo` | what an answer repeats of its request |
//! | `answer` | an answer, whole or streamed, by way of `output` |
//! | `output`, `reasoning`, `calls` | the items of an answer, which whole and streamed answers are both made by |
//! | `said` | what a message or a delta of it says |
//! | `items`, `logprobs`, `events`, `response` | the shapes that are written |
//!
//! Nothing is stored: a call that refers to an earlier one is refused, with the advice to send the whole
//! conversation. So are tools that OpenAI itself would run, and items of theirs.
//!
//! # Reasoning
//!
//! What a chat message has as `reasoning_content` is streamed as a summary (`response.reasoning_summary_text.delta`)
//! and not as `response.reasoning_text.delta`: `summary` is the member that every reasoning item must have, and the
//! one that clients written for OpenAI's models render, for these never show anything else.
//!
//! # Order
//!
//! An item of reasoning or text ends before another begins, as OpenAI's do. Calls stay open until the answer ends:
//! a provider may send theirs in turns. So where text comes after a call, or reasoning after text, a stream has one
//! more item than the whole answer, which cannot tell that order; together they say the same.
//!
//! Source: the types of OpenAI's Python SDK 3.52.0 (`openai/types/responses`, `openai/types/chat`) and what its stream
//! helper demands (`openai/lib/streaming/responses`), and OpenAI's public documentation, read in November 2026.

mod answer;
mod calls;
mod content;
mod echo;
mod events;
mod format;
mod input;
mod items;
mod logprobs;
mod members;
mod message;
mod output;
mod reasoning;
mod request;
mod response;
mod said;
mod seal;
#[cfg(test)]
mod tests;
mod tools;

pub(crate) use request::request;

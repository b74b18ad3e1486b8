//! The shape of a response, as OpenAI has it.
//!
//! Sources: the types and the accumulator of OpenAI's Python SDK 3.52.0 (`types/responses`,
//! `lib/streaming/responses/_responses.py`), and streams recorded in vercel/ai
//! (`packages/openai/src/responses/__fixtures__`); all as of November 2026. Every event has a `sequence_number`; the last
//! one tells the whole response, whose `output` some servers leave out, since each item was told when it was done.

mod check;
mod item;
mod part;
mod record;
mod replay;
#[cfg(test)]
mod tests;

use llm_layers_wire::json::Limits;

pub(super) use check::check;
pub(super) use record::Recorder;
pub(super) use replay::replay;

/// The objects of a response and of its stream have few members of their own. What is nested is looked into by itself.
const LIMITS: Limits = Limits::LENIENT.with_max_bytes(usize::MAX).with_max_members(256);

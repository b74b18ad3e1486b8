//! The shape of a message, as Anthropic has it.
//!
//! Sources: Anthropic's reference of streaming, the types and the accumulator of its Python SDK 2.11.0
//! (`lib/streaming/_messages.py`), and streams recorded in vercel/ai (`packages/anthropic/src/__fixtures__`); all as of
//! November 2026. Blocks come one after the other; counts of usage are cumulative, and overwrite; a stream may begin with
//! blocks that are whole (recorded of programmatic tool calls).

mod block;
mod check;
mod record;
mod replay;
#[cfg(test)]
mod tests;

use llm_layers_wire::json::Limits;

pub(super) use check::check;
pub(super) use record::Recorder;
pub(super) use replay::replay;

/// The objects of a message and of its stream have few members of their own. What is nested is looked into by itself.
const LIMITS: Limits = Limits::LENIENT.with_max_bytes(usize::MAX).with_max_members(256);

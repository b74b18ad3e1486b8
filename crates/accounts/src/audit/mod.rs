//! An audit of what providers report: padded usage, answers that are cut, limits lower than promised.
//!
//! Nothing is said of one call. A finding is raised when it shows over many calls of a deployment, and stands until it
//! shows no more. What is kept of a deployment is a few numbers, and nothing of any text.
//!
//! | finding | raised when |
//! | --- | --- |
//! | `padded_prompt` | over 20 sampled calls, the prompts have more tokens by the provider than by our count and its tolerance: all together, or the middle one of the last 32 where text is estimated |
//! | `padded_output` | over 20 calls, more visible tokens are told than bytes are shown; only where the answer tells its reasoning apart |
//! | `no_finish_reason` | 5 of the last calls ended as if whole, with text and without a finish reason |
//! | `same_length` | 5 different prompts have had answers of one length, of 256 tokens or more and below the bound, that end with `stop` |
//! | `low_output_limit` | 3 of the last answers ended with `length` below the bound that was asked and below the catalogue's |
//!
//! The tolerance is 5 per cent and 16 tokens a call where the tokenizer is the model's own and the prompt is text alone; 40
//! per cent and 100 tokens where such text is estimated, for one estimate may be far off, and half of them are not (a
//! system prompt that is counted twice shows); 50 per cent and 700 tokens a call for pictures, and for tools, which some
//! providers describe to their models in hundreds of tokens. What goes on from an answer that the provider keeps is not
//! compared.
//!
//! # Metrics
//!
//! `llm_audit_findings_total` (`deployment`, `finding`) counts each finding that is raised, and an event at `warn` tells
//! it. While one stands, answers of that deployment have it in `x-llm-warning`.

mod auditor;
mod engine;

pub use auditor::Auditor;
pub use engine::Finding;

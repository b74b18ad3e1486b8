//! From chunks to a completion, and from a completion to chunks.
//!
//! A cache stores one entry for streamed and plain calls, a validator judges whole tool calls, and
//! some providers can only do one of the two: [`Assembler`] joins the chunks of a stream into the
//! completion that a plain call would have given, and [`split`] makes a stream of a completion.
//!
//! ```
//! use llm_layers_wire::{
//!     assemble::{Assembler, SplitOptions, split},
//!     openai::Completion,
//! };
//!
//! let text = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[
//!     {"index":0,"message":{"role":"assistant","content":"Hi there","refusal":null},"logprobs":null,"finish_reason":"stop"}]}"#;
//! let completion = Completion::parse(text)?;
//!
//! let mut assembler = Assembler::new();
//! for chunk in split(&completion, &SplitOptions::default()) {
//!     assembler.push(&chunk)?;
//! }
//! let again = Completion::parse(assembler.finish()?.to_bytes())?;
//! assert_eq!(again.choices()[0].message().text("content").as_deref(), Some("Hi there"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How chunks are joined
//!
//! Members that nobody knows are joined too, so the rules are general. In a choice's `delta`:
//!
//! | what comes | what becomes of it |
//! | --- | --- |
//! | `null` | never overwrites |
//! | a string | is appended, except for `role`, `type`, `id`, `name`, `index`, `object`, `model`, `format`: the first that is not empty stays |
//! | an object | member by member, by these rules |
//! | an item of an array that has an `index` | is joined with the item of this `index` (and `type`, where both have one) |
//! | another item | is appended |
//! | a number, `true`, `false` | replaces |
//!
//! `tool_calls` are forgiven what providers are known to do wrong: no index, the first index 1, gaps,
//! one index for all calls, ids and names repeated in each fragment. They come out without `index`, in
//! order of appearance, and are absent when there are none, as in a plain completion.
//!
//! Outside of `delta`, `logprobs` grow, and of all else the last that is not `null` stays: providers
//! repeat such members in each chunk (Azure's filter results, Perplexity's citations). Of `id`,
//! `created`, `model` and `system_fingerprint` the first stays. `obfuscation` is padding, and is dropped.
//!
//! Strings are joined in their escaped form, numbers are kept as they were spelled. So a surrogate
//! pair that was cut into two chunks becomes whole, and a log probability keeps all of its digits.

mod calls;
mod error;
mod join;
mod logprobs;
mod merge;
mod pieces;
mod plan;
mod split;

pub use error::Error;
pub use join::Assembler;
pub use pieces::pieces;
pub use split::{SplitOptions, split, split_bytes};

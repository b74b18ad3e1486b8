//! How many tokens a prompt has, before it is sent: counted where the model's tokenizer is known, estimated elsewhere,
//! pictures, recordings, files and tools included.
//!
//! Sans IO: a text or the body of a call in, a number out, in bounded time whatever comes.
//!
//! ```
//! use llm_layers_core::Operation;
//! use llm_layers_tokens::{OutputBound, Tokenizer, prompt};
//! use llm_layers_wire::json::Object;
//!
//! let call = Object::parse(r#"{"messages":[{"role":"user","content":"Hello, world!"}],"max_tokens":100}"#)?;
//! let gpt = prompt(Operation::ChatCompletion, &call, Tokenizer::of("openai", "gpt-4o"));
//! assert_eq!((gpt.total(), gpt.is_exact), (11, true));
//! let claude = prompt(Operation::ChatCompletion, &call, Tokenizer::of("anthropic", "claude-sonnet-5"));
//! assert!(!claude.is_exact);
//! assert_eq!(OutputBound::of(&call).total(None), Some(100));
//! # Ok::<(), llm_layers_wire::json::Error>(())
//! ```
//!
//! # What is exact
//!
//! Texts for OpenAI's models, by o200k (GPT-4o, 4.1, 5, the o-series, gpt-oss; later ones are assumed to keep it) and
//! cl100k (GPT-3.5, GPT-4, the embeddings), with the framing of messages that OpenAI's cookbook tells. Tokens that the
//! client has cut itself count for themselves. [`Prompt::is_exact`] says so of a prompt.
//!
//! # What is estimated
//!
//! All other models. Each byte is looked at once and adds what a table says for its class and that of the byte before
//! it: a word begins, a word goes on, a digit, a bracket, a character of Han. The table of each [`Family`] was fitted to
//! the counts of the family's own tokenizer, where one is published. Over 1.2 kB the mean error is 7 to 11%, and nine in ten
//! are within 14 to 24%, on texts that the fit had not seen; languages with Latin letters and long words (Finnish,
//! Indonesian, Dutch) are underestimated by up to 35%. Claude is the least certain: its last published tokenizer is that of Claude 2, and
//! newer models are taken to need 40% more for words of Latin letters, which agrees with what users measured.
//!
//! Texts beyond 32 KiB of a prompt are sampled where they would be counted: the whole is estimated, and the estimate
//! corrected by evenly spread windows that are counted, one byte in 64. The same text has the same windows. On long
//! texts of one kind or of many the error is below 1%.
//!
//! # What is assumed
//!
//! | what | tokens |
//! | --- | --- |
//! | a picture | as the provider bills its size, read from the head of a PNG, JPEG, GIF or WebP file; 1024 × 1024 pixels where it is elsewhere |
//! | a recording | 10 a second (Gemini: 32), its length by that of the file; 30 seconds where it is elsewhere |
//! | a file | 2,250 a page (Gemini: 258), a page for each 64 KiB; four pages where it is elsewhere |
//! | tools | OpenAI's form, by its cookbook; their JSON elsewhere, and 346 for Claude's own instructions |
//! | a message of models other than OpenAI's | 4, as with OpenAI |
//!
//! # Hostile bodies
//!
//! Any JSON has a count, and every step takes linear time: a million spaces, one long word, surrogates without their
//! other half. What has another shape than the API's counts by its JSON. Nothing of a body is copied but 4 KiB at a
//! time where escapes are undone, or 32 KiB where a text is counted.
//!
//! # Dependencies
//!
//! `bpe-openai` counts five to seven times as fast as `tiktoken-rs`, in linear time for any text; the figures are in
//! `docs/tokens.md`. It brings 4 MB of vocabulary, which is read on first use; without the feature `bpe`
//! everything is estimated. `memchr` finds the ends of strings.

mod counter;
mod estimate;
mod exact;
mod family;
mod images;
mod json;
mod outline;
mod output;
mod prompt;
mod text;
mod tokenizer;

pub use family::Family;
pub use outline::Outline;
pub use output::OutputBound;
pub use prompt::{Prompt, prompt};
pub use tokenizer::Tokenizer;

//! Embeddings, input by input: a batch asks only for what is missing.
//!
//! What is kept of an input is the answer that a call for it alone would have been given. So what one batch has asked for
//! is there for another, and for a call with one input, in whatever company and order.
//!
//! Source: OpenAI's reference of `POST /v1/embeddings` and the types of its Python SDK, as of November 2026: `input` is a
//! string, an array of strings, an array of token ids or an array of such; each element of `data` has an `index`.

mod answer;
mod batch;
mod call;
mod share;
#[cfg(test)]
mod tests;

pub(crate) use call::call;

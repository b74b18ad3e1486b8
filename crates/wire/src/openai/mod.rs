//! OpenAI's shapes, as views that read the members which layers need and leave the rest alone.
//!
//! [`ChatRequest`], [`Completion`] and [`Chunk`] look into a [`json::Object`](crate::json::Object):
//! members that they do not know survive, because nothing is rebuilt. [`Error`], [`Usage`],
//! [`Model`] and the embeddings are small and are read and written whole; they keep unknown members
//! where a provider may have put some.
//!
//! Source: OpenAI's API reference and the types of its Python SDK 3.52.0, read in November 2026.

mod chat_request;
mod choice;
mod chunk;
mod completion;
mod embeddings;
mod error;
mod models;
mod usage;

pub use chat_request::ChatRequest;
pub use chunk::{Chunk, ChunkChoice};
pub use completion::{Completion, CompletionChoice};
pub use embeddings::{Embedding, EmbeddingInput, EmbeddingRequest, EmbeddingResponse, EmbeddingUsage, Vector};
pub use error::Error;
pub use models::{Model, ModelList};
pub use usage::{CompletionTokensDetails, PromptTokensDetails, Usage};

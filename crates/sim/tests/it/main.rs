//! Integration tests of the simulator, one binary: linking is most of a test build.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests are tests"
)]

mod anthropic;
mod azure;
mod bedrock;
mod cohere;
mod common;
mod faults;
mod gemini;
mod hostile;
mod ollama;
mod openai;
mod server;

//! Integration tests of the translator, one binary: linking is most of a test build.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests"
)]

mod anthropic_oracle;
#[cfg(feature = "bedrock")]
mod aws_time;
mod azure;
#[cfg(feature = "bedrock")]
mod batches;
#[cfg(feature = "bedrock")]
mod bedrock;
mod choices;
#[cfg(feature = "bedrock")]
mod claude_hosts;
mod cohere;
mod contract;
mod gemini;
mod golden;
mod grammar;
mod http;
mod inbound_contract;
mod inbound_messages;
mod inbound_responses;
mod keys;
mod memory;
mod native;
mod ollama;
mod pending;
mod simulated;

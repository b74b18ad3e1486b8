//! Tests of the layer, one binary: linking is most of a test build.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests"
)]

mod contract;
#[cfg(feature = "serde")]
mod external_config;
mod external_guard;
mod external_llm;
mod external_presidio;
mod external_support;
mod http;
mod leaks;
mod secrecy;
mod stream;
mod support;

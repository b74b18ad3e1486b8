//! Integration tests of the circuit breaker, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod contract;
mod http;
mod metrics;
#[cfg(feature = "redis")]
mod replicas;
mod stream;
mod support;

//! Integration tests of retries and hedges, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod bodies;
mod contract;
mod hedge;
mod http;
mod retry;
mod support;

//! Integration tests of the router, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod contract;
mod fallback;
mod http;
mod model;
mod requests;
mod support;

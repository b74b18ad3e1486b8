//! Integration tests of what the layers share, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests are tests")]

mod body;
mod error_to_response;
mod opening;

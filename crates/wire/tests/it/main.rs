//! Integration tests of the wire formats, one binary: linking is most of a test build.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod assemble;
mod json;
mod openai;
mod sse;

//! Integration tests of `llm-proxy`, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod catalogue;
mod check;
mod reconcile;

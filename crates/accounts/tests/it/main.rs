//! Integration tests of the accounts layer, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod audit;
mod belief;
mod budgets;
#[cfg(feature = "redis")]
mod budgets_redis;
mod contract;
mod http;
mod ledgers;
mod metrics;
mod reconcile;
#[cfg(feature = "redis")]
mod redis;
mod seams;
mod stream;
mod support;

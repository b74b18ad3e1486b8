//! Integration tests of the rate limiter, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

#[cfg(feature = "serde")]
mod config;
mod contract;
mod http;
#[cfg(feature = "redis")]
mod metrics;
#[cfg(feature = "redis")]
mod redis;
mod stream;
mod support;

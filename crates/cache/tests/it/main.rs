//! Tests of the layer, one binary: linking is most of a test build.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests"
)]

mod contract;
mod control;
mod kept;
#[cfg(feature = "semantic")]
mod semantic;
mod shared;
mod stale;
mod streams;
mod support;

//! Integration tests of the test kit, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod body_broken;
mod contract;
mod contract_broken;
mod peer;
mod redis;
mod split;

//! Integration tests of the time limits, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod attempt;
mod clients;
mod contract;
mod deadline;
mod http;
mod metrics;
mod property;
mod support;

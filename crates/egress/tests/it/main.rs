//! Integration tests of what guards connections, one binary: linking is most of a test build.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests are tests")]

mod guard;
mod support;
mod tls;

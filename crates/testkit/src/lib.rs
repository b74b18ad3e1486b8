//! For authors of tower layers over HTTP: what to hold a layer against, and what to test it with.
//!
//! | module | holds a layer to |
//! | --- | --- |
//! | [`contract`] | readiness, clones, cancellation, errors and extensions, as tower means them |
//! | [`body`] | `poll_frame`, `size_hint` and `is_end_stream`, as hyper trusts them |
//! | [`split`] | the same result wherever the wire cuts |
//! | [`peer`] | raw bytes over real sockets, which no HTTP library would send |
//! | [`redis`] | a real Redis that comes and goes |
//! | [`metrics`] | what it counts, and under which labels |
//!
//! # A layer's tests in ten lines
//!
//! The kit knows no layer and no body but through `tower_layer::Layer`, `tower_service::Service` and
//! `http_body::Body<Data = Bytes>`. In `tests/contract.rs` of your layer, with two wrappers that everybody has in
//! place of yours:
//!
//! ```
//! use bytes::Bytes;
//! use http::Request;
//! use http_body_util::{Full, combinators::BoxBody};
//! use llm_layers_testkit::{
//!     body::{TestBody, TestError}, body_conformance, contract::assert_layer_contract,
//! };
//! use std::time::Duration;
//! use tower::timeout::TimeoutLayer;
//!
//! // #[tokio::test(start_paused = true)]
//! async fn contract() {
//!     assert_layer_contract(
//!         || TimeoutLayer::new(Duration::from_secs(30)),
//!         || Request::post("/v1/chat/completions").body(Full::from("{}")).unwrap(),
//!     )
//!     .await;
//! }
//!
//! fn wrap(body: TestBody) -> BoxBody<Bytes, TestError> {
//!     BoxBody::new(body)
//! }
//! body_conformance!(wrap); // twelve tests
//! # fn main() {
//! #     let mut runtime = tokio::runtime::Builder::new_current_thread();
//! #     runtime.enable_all().start_paused(true).build().unwrap().block_on(contract());
//! # }
//! ```
//!
//! # How it judges
//!
//! A check panics with the rule that was broken, what was seen, and what to do. Each has a test of its own in
//! which a broken layer makes it fail. Nothing sleeps to be right: where a test has to wait, it waits for an
//! event, under a timeout that only turns a hang into a message: [`eventually`].
#![allow(clippy::panic, reason = "a test kit says what is wrong by panicking; each such function says so")]

pub mod body;
pub mod contract;
mod eventually;
pub mod metrics;
pub mod peer;
pub mod redis;
mod runtime;
mod safety_net;
pub mod split;

pub use eventually::eventually;

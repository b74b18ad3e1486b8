//! A probe for the innermost place of a stack, and the contract that every HTTP layer has to keep.
//!
//! Most rules of tower are kept by convention, and breaking them goes unseen until production: over a
//! service that is always ready, a layer may call the wrong clone for years. The probe counts, and
//! [`assert_layer_contract`] takes a layer through all [`Rule`]s:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
//! use http::Request;
//! use http_body_util::Full;
//! use llm_layers_testkit::contract::assert_layer_contract;
//! use tower::limit::ConcurrencyLimitLayer;
//!
//! // In a test file: `#[tokio::test(start_paused = true)]`.
//! assert_layer_contract(
//!     || ConcurrencyLimitLayer::new(8),
//!     || Request::post("/v1/chat/completions").body(Full::from("{}")).unwrap(),
//! )
//! .await;
//! # });
//! ```
//!
//! A layer with reasons of its own says so, rule by rule:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use llm_layers_testkit::{body::Script, contract::{LayerContract, Rule}};
//! use tower::limit::ConcurrencyLimitLayer;
//!
//! LayerContract::new(|| ConcurrencyLimitLayer::new(1), || Request::new(Full::from("{}")))
//!     .answer(|| Response::new(Script::new().data("data: {}\n\n").data("data: [DONE]\n\n")))
//!     .except(Rule::Concurrent) // one at a time is what it is for
//!     .check()
//!     .await;
//! # });
//! ```
//!
//! # Limits
//!
//! - The service must be `Clone + Send + 'static` and its future `Send`, as axum asks. Its error must turn
//!   into a box; a layer that only takes inner services with the error `Infallible` cannot be probed.
//! - The contract runs in a tokio runtime with time enabled. Without a paused clock a layer that hangs is
//!   found after a minute.
//! - What a layer does *of its own* (limits, retries, caching) is for tests of its own, with a [`Probe`].

mod checks;
mod error;
mod future;
mod handle;
mod layer_contract;
mod probe;
mod rule;
mod state;

pub use self::{
    error::ProbeError,
    future::ProbeFuture,
    handle::{ProbeHandle, SeenRequest},
    layer_contract::{LayerContract, assert_layer_contract},
    probe::Probe,
    rule::Rule,
};

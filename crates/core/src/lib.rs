//! What all of llm-layers' tower layers share: the body that they hand to each other, the errors that
//! they answer with, and the few extensions by which they meet.
//!
//! Somebody who uses a layer needs none of this. Somebody who writes one does:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use llm_layers_core::{Body, BoxError, Failure, Operation, head};
//! use llm_layers_wire::json::Limits;
//! use tower::{Service, ServiceExt};
//!
//! /// Sets `user` in every chat completion, and leaves every other byte alone.
//! async fn set_user<S>(service: S, request: Request<Body>) -> Result<Response<Body>, S::Error>
//! where
//!     S: Service<Request<Body>, Response = Response<Body>>,
//! {
//!     if Operation::of(&request) != Some(Operation::ChatCompletion) {
//!         return service.oneshot(request).await;
//!     }
//!     let (mut head, mut body) = request.into_parts();
//!     match body.object(&Limits::DEFAULT).await {
//!         Ok(object) => object.set("user", "team-a"),
//!         // 400 in OpenAI's shape that names the byte, or 413: an answer, never an `Err`.
//!         Err(error) => return Ok(Failure::from(error).into_response()),
//!     }
//!     head::body_replaced(&mut head.headers, &body);
//!     service.oneshot(Request::from_parts(head, body)).await
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let upstream = tower::service_fn(async |mut request: Request<Body>| {
//!     assert_eq!(request.headers()["content-length"], "29");
//!     assert_eq!(request.body_mut().bytes(99).await?, r#"{"model":"m","user":"team-a"}"#);
//!     Ok::<_, BoxError>(Response::new(Body::empty()))
//! });
//! let request = Request::post("/v1/chat/completions").body(Body::from(r#"{"model":"m"}"#))?;
//! set_user(upstream, request).await?;
//! # Ok::<(), BoxError>(())
//! # })?;
//! # Ok::<(), BoxError>(())
//! ```
//!
//! # The rules that a layer keeps
//!
//! - It acts on the [`Operation`]s that it understands; everything else passes unread.
//! - It refuses by an answer ([`Failure`]), marked with a [`Rejection`]. An `Err` from below is passed
//!   on as it is; [`ErrorToResponseLayer`] at the foot of a stack turns it into an answer.
//! - Whoever replaces a body repairs the head: [`head::body_replaced`].
//! - What is known only at the end of an answer is judged there: [`Body::on_end`].
//! - Time is tokio's and chance is [`Rng`]'s, so that tests can hold both still. [`Secret`]s are never printed.
//!
//! # Dependencies
//!
//! `flate2` decodes gzip and deflate (kept by the Rust project's own, no C code); `zeroize` wipes
//! secrets; `sha2` names what is too long or not for everybody's eyes; `rust_decimal` holds money exactly; `fastrand` is chance without a dependency tree. Of
//! tokio only the clock is used; `httpdate` reads the dates of HTTP.

mod authority;
mod average;
mod body;
mod clock;
mod config;
mod cut;
pub mod duration;
pub mod encoding;
mod error_to_response;
mod eventually;
mod extensions;
mod failure;
mod failure_kind;
pub mod head;
mod latencies;
mod lru;
pub mod metering;
mod names;
pub mod opening;
mod operation;
mod rejection;
pub mod rendezvous;
mod response_future;
pub mod retry_after;
mod rng;
mod secret;
mod store;

pub use authority::authority;
pub use average::Average;
pub use body::{Body, End, Events, ReadError};
pub use clock::Clock;
pub use config::ConfigError;
pub use cut::cut;
pub use error_to_response::{ErrorToResponse, ErrorToResponseFuture, ErrorToResponseLayer};
pub use eventually::Eventually;
pub use extensions::{Alias, Approval, Attempts, Caller, Cost, Deadline, Deployment, Unanswered};
pub use failure::Failure;
pub use failure_kind::FailureKind;
pub use latencies::Latencies;
pub use llm_layers_wire::openai::Usage;
pub use lru::Lru;
pub use names::{digest, name_apart};
pub use operation::Operation;
pub use rejection::Rejection;
pub use response_future::{ResponseFuture, take_readied};
pub use rng::Rng;
pub use secret::Secret;
pub use store::{OnStoreFailure, Unavailable};

/// Any error, as tower has it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

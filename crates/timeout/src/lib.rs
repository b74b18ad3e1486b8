//! Two tower layers that bound how long an LLM call may take: all of it, and each attempt at it.
//!
//! A provider that fails is answered for at once; one that falls silent, stalls in the middle of a sentence or crawls
//! holds a client, a connection and a permit for as long as nobody looks. Timeouts that stop at the headers do not help
//! against it: a stream's head comes at once.
//!
//! | layer | place in a stack | what it bounds |
//! | --- | --- | --- |
//! | [`DeadlineLayer`] | outermost | a whole call, retries and all; the client may ask for less by `x-llm-timeout` |
//! | [`TimeoutLayer`] | below retry and breaker, above the translator | one attempt: first byte, first token, silence, total, least speed |
//!
//! # Example
//!
//! ```
//! use http::{Request, Response};
//! use llm_layers_core::{Body, BoxError};
//! use llm_layers_timeout::{DeadlineLayer, TimeoutLayer};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
//! // A provider that never answers.
//! let provider = tower::service_fn(|_: Request<Body>| std::future::pending::<Result<Response<Body>, BoxError>>());
//! let service = ServiceBuilder::new()
//!     .layer(DeadlineLayer::default())
//!     // Retry and circuit breaker stand here.
//!     .layer(TimeoutLayer::default())
//!     .service(provider);
//!
//! let request = Request::post("/v1/chat/completions").body(Body::from(r#"{"model":"m","messages":[]}"#))?;
//! let response = service.oneshot(request).await?;
//! assert_eq!(response.status(), 504);
//! # Ok::<(), BoxError>(())
//! # })?;
//! # Ok::<(), BoxError>(())
//! ```
//!
//! With limits of your own, and others for one deployment:
//!
//! ```
//! use std::time::Duration;
//!
//! use llm_layers_core::Deployment;
//! use llm_layers_timeout::{DeadlineLayer, Limits, MinSpeed, TimeoutLayer};
//!
//! let seconds = Duration::from_secs;
//! let deadline = DeadlineLayer::new(seconds(120)).max(seconds(600));
//!
//! let limits = Limits::default()
//!     .first_byte(seconds(30))
//!     .first_token(seconds(60))
//!     .idle(seconds(20))
//!     .min_speed(MinSpeed::new(2.0, seconds(20))?);
//! // A model that thinks before it speaks.
//! let patient = limits.first_byte(seconds(300)).first_token(None);
//! let timeout = TimeoutLayer::new(limits).limits_for(move |request| {
//!     let deployment = request.extensions.get::<Deployment>()?;
//!     deployment.model().starts_with("o").then_some(patient)
//! });
//! # let _ = (deadline, timeout);
//! # Ok::<(), llm_layers_timeout::InvalidSetting>(())
//! ```
//!
//! # What is measured
//!
//! | limit | from | until | default |
//! | --- | --- | --- | --- |
//! | deadline | the call | the answer's last byte | 10 min, at most 30 min |
//! | [`first_byte`](Limits::first_byte) | the attempt | the head | 5 min |
//! | [`first_token`](Limits::first_token) | the attempt | the first event that says something | 5 min |
//! | [`idle`](Limits::idle) | a piece of the answer | the next one | 2 min |
//! | [`total`](Limits::total) | the attempt | the answer's last byte | 10 min |
//! | [`min_speed`](Limits::min_speed) | the first token | the stream's end | off |
//!
//! **A plain answer has no first token**: its head comes when the model is done, so that `first_byte` bounds the whole
//! generation. Where the request's body has been split by a layer above (a router reads `model`) and asks for a stream,
//! `first_token` holds for the head too.
//!
//! **Silence is silence of the model.** Comments, pings and settings keep a connection open, and are no life: a provider
//! that sends nothing else for a minute has said nothing for a minute, and that is what its reader sees. A second limit,
//! on silence of the connection, would only ever be the longer one of the two, since what breaks a connection stops the
//! model's words too; so there is one. Until the first token it is `first_token` that counts silence, if it is set: who
//! allows a model a long thought does not want it cut by the shorter limit. In a plain answer every frame is life:
//! blank lines are all that a provider which thinks (DeepSeek) can send there.
//!
//! **Time counts while the provider is waited for.** A client that does not read stops the clock of all limits but
//! `total` and the deadline, which are times on the wall.
//!
//! **Speed** is counted in tokens over the last window of waiting time, looked at four times a window, from the first
//! token on. Tokens are estimated as the bytes of the texts in an event, divided by four, and at least one for an event
//! that holds a piece of the answer: providers that send a token at a time are counted exactly, those that send
//! sentences nearly so. Whoever sends letters far from ASCII seems faster than they are: the rule is for streams that
//! crawl, and errs on their side.
//!
//! What comes exactly at a limit is in time.
//!
//! **Connecting** is none of it: a timeout for the connection belongs to the HTTP client (hyper-util's
//! `HttpConnector::set_connect_timeout`), which alone knows whether a connection is new. `first_byte` bounds it too.
//!
//! # Ordering
//!
//! [`DeadlineLayer`] belongs above whatever may take time: retries, fallbacks, re-asking. It puts the earliest
//! [`Deadline`](llm_layers_core::Deadline) into the request, by which layers below know what is not worth beginning.
//! [`TimeoutLayer`] belongs below retry and circuit breaker, which its failures are for.
//!
//! Both act on the calls that [`Operation`](llm_layers_core::Operation) knows; others pass without limits, unless
//! `all_requests(true)` says so.
//!
//! # Buffering
//!
//! Nothing is held but the half of an event whose other half has not come: an error can only follow a whole one. Lines
//! and events of a stream have the [bounds](TimeoutLayer::sse_limits) of all layers.
//!
//! # Streaming
//!
//! Events pass as they came. Past a limit the provider is let go at once, and the stream ends in an error event of the
//! shape that clients of the operation read, without a `[DONE]`; if the stream has already said that it is over, and
//! its connection alone lingers, it just ends. Guards above
//! ([`Body::on_end`](llm_layers_core::Body::on_end)) see a failure. Anything but a stream of events, an encoded
//! one as well, ends in an `Err`: a server breaks the connection then, and no client takes half an answer for a whole.
//!
//! # Cancellation
//!
//! Nothing is spawned. A dropped call, or body, drops the call below. A call has one timer, made when it first has to
//! wait, and it is set anew when it fires, not with each chunk.
//!
//! # Errors
//!
//! | what ran out | before the head | in a stream |
//! | --- | --- | --- |
//! | the deadline | 504 `deadline_exceeded`, [`Rejection::TimedOut`](llm_layers_core::Rejection::TimedOut) | the same as an error event |
//! | a limit of the attempt | 504 `upstream_timeout`, [`Unanswered`](llm_layers_core::Unanswered), [`FailureKind::Timeout`](llm_layers_core::FailureKind::Timeout): retried, and counted against the provider | the same as an error event |
//!
//! A bad `x-llm-timeout` is a 400 that names it. An `Err` from below is passed on.
//!
//! # Metrics
//!
//! | counter | labels |
//! | --- | --- |
//! | `llm_timeout_expired_total` | `limit` (`first_byte`, `first_token`, `idle`, `total`, `speed`, `deadline`), `operation`, `deployment` |
//! | `llm_timeout_refusals_total` | none: requests with a bad `x-llm-timeout` |

mod attempt;
mod call;
#[cfg(feature = "serde")]
mod config;
mod deadline;
mod engine;
mod expired;
mod frames;
mod future;
mod limits;
mod observe;
mod stream;
mod watch;

pub use attempt::{Timeout, TimeoutLayer};
#[cfg(feature = "serde")]
pub use config::{DeadlineConfig, MinSpeedConfig, TimeoutConfig};
pub use deadline::{DeadlineLayer, EnforceDeadline};
pub use expired::{Expired, Limit};
pub use future::ResponseFuture;
pub use limits::{InvalidSetting, Limits, MinSpeed};
#[cfg(feature = "serde")]
pub use llm_layers_core::ConfigError;

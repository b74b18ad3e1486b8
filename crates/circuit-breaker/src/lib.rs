//! Stops calling a provider that fails, and tries it again with care.
//!
//! One circuit breaker for each deployment. It is closed while calls go well. When too many of them fail, or are too
//! slow, it opens: calls are answered at once by a 503, so that whoever is above goes elsewhere and the provider has
//! peace. After a while it lets a few calls through as probes; when they succeed, a growing share of the others.
//!
//! By one line, in front of whatever calls the provider:
//!
//! ```
//! use axum::{Router, routing::post};
//! use llm_layers_circuit_breaker::CircuitBreakerLayer;
//!
//! # async fn call_the_provider() {}
//! let app: Router = Router::new()
//!     .route("/v1/chat/completions", post(call_the_provider))
//!     .layer(CircuitBreakerLayer::default());
//! ```
//!
//! With rules of one's own, and a handle by which it is seen and steered:
//!
//! ```
//! use std::time::Duration;
//! use http::{Request, Response};
//! use llm_layers_circuit_breaker::{CircuitBreakerLayer, Rules, State, Window};
//! use llm_layers_core::{Body, BoxError, Deployment, Rejection};
//! use tower::{Layer, ServiceExt};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let rules = Rules::default()
//!     .window(Window::Calls(100))
//!     .min_calls(3)
//!     .failure_rate(0.5)
//!     .max_first_token(0.99, Duration::from_secs(2))
//!     .open_for(Duration::from_secs(10));
//! let layer = CircuitBreakerLayer::new(rules);
//! let breakers = layer.breakers();
//! let mut changes = breakers.watch();
//!
//! let broken = tower::service_fn(async |_: Request<Body>| {
//!     Ok::<_, BoxError>(Response::builder().status(500).body(Body::empty())?)
//! });
//! let call = || {
//!     let mut request = Request::post("/v1/chat/completions").body(Body::from("{}"))?;
//!     request.extensions_mut().insert(Deployment::new("small", "local", "smollm2"));
//!     Ok::<_, BoxError>(layer.layer(broken).oneshot(request))
//! };
//! for _ in 0..3 {
//!     assert_eq!(call()?.await?.status(), 500);
//! }
//! let refused = call()?.await?;
//! assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"10".parse()?));
//! assert_eq!(refused.extensions().get(), Some(&Rejection::CircuitOpen));
//!
//! let change = changes.recv().await?;
//! assert_eq!((&*change.key, change.to), ("small", State::Open));
//! breakers.force_closed("small");
//! assert_eq!(call()?.await?.status(), 500, "whatever comes of it");
//! # Ok::<(), BoxError>(())
//! # })?;
//! # Ok::<(), BoxError>(())
//! ```
//!
//! # Keys
//!
//! A breaker belongs to the name of the request's [`Deployment`](llm_layers_core::Deployment); to the request's
//! authority where it has none; or to whatever [`key_by`](CircuitBreakerLayer::key_by) says. There are at most
//! [`max_keys`](Rules::max_keys) of them, since an authority may be what a stranger writes: beyond that the one that
//! has been idle for the longest goes, and those that are closed before those that are open. Idle ones go after an
//! hour.
//!
//! # What counts
//!
//! [`Classify`] says of each answer whether it is a success, a failure, neither, or one that opens the breaker at
//! once. By default, [`ByKind`], a failure is what the provider is to blame for: no connection, no answer in time,
//! errors of its own, overloads, rate limits, answers that are none. 401, 403 and a spent quota open it at once:
//! the next call would fare no better, and may have the key locked. What the request is to blame for (400, 404, 413,
//! 422 and their like) and what another layer has refused never count. An `Err` from below is a failure.
//!
//! Four things open it, over a sliding window of time or of calls, and each of them may be off: the share of failures
//! ([`failure_rate`](Rules::failure_rate)), failures in a row ([`consecutive_failures`](Rules::consecutive_failures)),
//! the share of slow calls ([`slow_calls`](Rules::slow_calls)), and a percentile of the time to the first token or of
//! the whole time that is too long ([`max_first_token`](Rules::max_first_token), [`max_total`](Rules::max_total)). A
//! percentile is too long when more calls than it leaves out took longer; one call alone never is.
//!
//! # How long it is open
//!
//! For [`open_for`](Rules::open_for), twice as long each time that it opens again, up to
//! [`max_open_for`](Rules::max_open_for); up to a tenth less by chance, so that replicas do not come back in step. It
//! begins anew once the breaker has been closed for [`reset_after`](Rules::reset_after). Where the 429, 503 or 529 that
//! opens it says when to come back, that is how long the first opening lasts. What an earlier one has asked for, and
//! openings after the first, only make it longer; none is longer than `max_open_for`.
//!
//! Then up to [`probes`](Rules::probes) calls are let through at a time. One that fails, or is too slow by any of
//! the rules, opens it again; one that is cancelled or counts for nothing makes room for another. A probe that takes
//! longer than [`probe_timeout`](Rules::probe_timeout) is judged by whether its answer has begun. Once that many
//! have succeeded, the [`recovery`](Rules::recovery) lets a quarter of the calls through, then a half, then all.
//!
//! # Ordering
//!
//! Below retry and router, which see the refusal and go elsewhere; above the timeouts of one attempt, so that they
//! count, and above the translator, which tells a spent quota from a rate limit.
//!
//! ```text
//! client → … → retry → circuit-breaker → timeout → provider-translator → ErrorToResponse → HTTP client
//! ```
//!
//! # Buffering
//!
//! None. Requests and answers pass as they are.
//!
//! # Streaming
//!
//! An answer is judged when its body ends: a stream that breaks off is a failure although its status was 200, and one
//! that tells of an error is what an answer of that kind would be ([`Classify::error`]). The time to the first token is that of the first event that says something; it is looked for
//! as the stream passes, and only where a rule or a probe needs it. Time in which the client asks for no more of an
//! answer, as far as it can be told, is not the provider's.
//!
//! # Cancellation
//!
//! A client that hangs up is neither a success nor a failure, and frees the place of its probe. So clients that wait
//! for a silent provider and give up never open the breaker: put a timeout below it.
//!
//! # Errors
//!
//! 503 in OpenAI's shape, code `circuit_open`, with `retry-after`: when the first probe will be let through. It is
//! marked with [`Rejection::CircuitOpen`](llm_layers_core::Rejection::CircuitOpen), and names the deployment but no
//! host. Errors from below are passed on.
//!
//! # Metrics
//!
//! | name | kind | labels | |
//! | --- | --- | --- | --- |
//! | `llm_circuit_state` | gauge | `deployment` | 0 closed, 1 recovering, 2 half-open, 3 open |
//! | `llm_circuit_openings_total` | counter | `deployment`, `reason` | |
//! | `llm_circuit_calls_total` | counter | `deployment`, `outcome` | `success`, `failure`, `ignored`, `cancelled`, `refused` |
//!
//! `deployment` is the breaker's key; of keys that are no deployments' names only the first hundred, then `other`.
//! Deployments that clients have named themselves are `PROVIDER/*` together; what several share has no state.
//! Every change of state is a `tracing` event, too.
//!
//! # Several replicas
//!
//! With the feature `redis`, replicas learn of each other's openings: spawn `Breakers::sync` beside the server. Calls
//! never wait for it, and while Redis is away each replica goes by what it sees itself.
//!
//! # Dependencies
//!
//! `foldhash` finds a breaker by its key; `memchr` finds the lines of streams; `metrics` and `tracing` tell of it.
//! Of tokio the clock and a broadcast channel are used.

mod body;
mod breakers;
mod classify;
#[cfg(feature = "serde")]
mod config;
mod engine;
mod errors;
mod future;
mod key;
mod layer;
mod observe;
mod rules;
mod service;
#[cfg(feature = "redis")]
mod share;

pub use breakers::{Breakers, Change, Permit, Refused, Status};
pub use classify::{ByKind, Classify, Verdict};
#[cfg(feature = "serde")]
pub use config::{CallsConfig, Config, PercentileConfig, SlowCallConfig, WindowConfig};
pub use engine::{Counts, Reason, State};
pub use future::ResponseFuture;
pub use layer::CircuitBreakerLayer;
#[cfg(feature = "serde")]
pub use llm_layers_core::ConfigError;
pub use rules::{Rules, Window};
pub use service::CircuitBreaker;
#[cfg(feature = "redis")]
pub use share::Replicas;

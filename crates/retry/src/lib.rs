//! Failed LLM calls once more: a tower layer that retries before the first byte, within a budget, and no longer than
//! the caller has time. And, if asked to, a slow call sent twice.
//!
//! ```
//! use axum::{Router, routing::post};
//! use llm_layers_retry::RetryLayer;
//!
//! # async fn forward() {}
//! // Whatever `forward` asks, it is asked up to three times.
//! let app: Router = Router::new().route("/v1/chat/completions", post(forward)).layer(RetryLayer::default());
//! ```
//!
//! ```
//! use std::time::Duration;
//! use llm_layers_core::{Body, ErrorToResponseLayer, FailureKind};
//! use llm_layers_retry::{After, HedgeLayer, RetryLayer};
//! use hyper_util::{client::legacy::Client, rt::TokioExecutor};
//! use tower::ServiceBuilder;
//!
//! let retry = RetryLayer::new()
//!     .max_attempts(4)
//!     .attempts(FailureKind::RateLimit, 6)
//!     .never(FailureKind::Timeout)
//!     .base_delay(Duration::from_millis(200))
//!     .max_wait(Duration::from_secs(20))
//!     .budget(0.1, 5);
//! let service = ServiceBuilder::new()
//!     .layer(HedgeLayer::new().after(After::Quantile(0.99)).budget(0.02))
//!     .layer(retry)
//!     .layer(ErrorToResponseLayer::new())
//!     .service(Client::builder(TokioExecutor::new()).build_http::<Body>());
//! # let _ = service;
//! ```
//!
//! # What is tried again
//!
//! | failure ([`FailureKind`](llm_layers_core::FailureKind)) | by status | attempts |
//! | --- | --- | --- |
//! | `Unreachable`: no connection, a reset, a body that breaks off before it begins, an `Err` of the service below | | 3 |
//! | `Timeout` | 408, 504, 522, 524 | 3 |
//! | `Conflict` | 409, 425 | 3 |
//! | `RateLimit` | 429 | 3 |
//! | `Overloaded` | 503, 529 | 3 |
//! | `Upstream` | 500, 502, 520, 521, 523, … | 3 |
//! | `Malformed`: an answer that a layer below found to be none | | 2 |
//! | all others: the request is at fault, or the account (`insufficient_quota`) | 400, 401, 402, 403, 404, 413, 422, 501, 505, … | 1 |
//! | a refusal of a layer below ([`Rejection`](llm_layers_core::Rejection)): its reasons hold | | 1 |
//!
//! An error inside a stream of status 200 counts as the status that it tells, as long as nothing has been said: the
//! first word of an answer is waited for ([`open`](llm_layers_core::opening::open)) before it goes to the client.
//! Behind that nothing is tried again, and what breaks is passed on as broken.
//!
//! `x-should-retry` overrides the table, as in the SDKs of OpenAI and Anthropic: `false` ends it, `true` allows it, but
//! for quotas and refusals.
//!
//! A call that is not idempotent may be done twice when its answer is lost on the way: it may be paid for twice, and a
//! stored response (`"store": true`) may be there twice. `idempotency-key` goes with each attempt.
//!
//! # Waits
//!
//! - Where the provider says when (`retry-after-ms`, `retry-after` in seconds or as a date, the reset of a rate limit
//!   that is used up, Google's `retryDelay`), that is the wait, and a little more: chance, up to 100 ms and a tenth of
//!   the wait, of which a second counts at most. A thousand clients told the same would come back at once.
//! - Where it asks for more than [`max_wait`](RetryLayer::max_wait), or than there is time until the request's
//!   [`Deadline`](llm_layers_core::Deadline), its answer is passed on at once, with what it asked for.
//! - Otherwise the wait is chance between nothing and a ceiling that doubles, from 500 ms to 8 s.
//! - No attempt begins behind the deadline, and there is no wait for one. An attempt under way when it passes is the
//!   business of the layer that enforces it.
//!
//! # Budget
//!
//! When a provider is down, retries multiply its load. So they are bounded: by a fifth of the calls that succeeded in
//! the last ten seconds, and ten a second beside ([`budget`](RetryLayer::budget); tower's `TpsBudget`, whose default
//! this is). The budget belongs to the layer and all its clones. Once it is used up, failures are passed on.
//!
//! A client that retries too would do it all over. Failures that were retried in vain, or were not for want of budget,
//! tell it not to: `x-should-retry: false`, unless the provider has said otherwise.
//!
//! # Hedging
//!
//! [`HedgeLayer`] sends a call a second time when it is slow to begin: slower than 95 % of the calls of its kind in the
//! last five minutes, or than a fixed time. The first answer that succeeds is taken, and the other call dropped. If both
//! fail, the earlier failure is the answer, but a provider's failure before a layer's refusal, and both before an `Err`.
//! A failure that would be the same twice (400) is not waited behind. There is one hedge for a call, and one for twenty
//! calls at most. Latencies are learned for each deployment (or host), each operation, and for streams by themselves,
//! since a whole answer begins when it is over.
//!
//! A hedge costs tokens: providers bill what they generate until they notice that nobody listens.
//!
//! # Ordering
//!
//! Below a router, which chooses the deployment; above that deployment's circuit breaker, which sees each attempt, and
//! above the timeout of one attempt. A layer that enforces the deadline of the whole call goes above. Hedging goes right
//! above retries, so that there is one hedge for a call and not one for each attempt.
//!
//! # Headers
//!
//! `x-llm-attempts` is on every answer: how many requests went down, 0 where this layer or one below refused the first;
//! with a hedge those of both calls, of which the one that was dropped counts as one. The extension
//! [`Attempts`](llm_layers_core::Attempts) says the same. Each attempt has the headers and extensions of the request.
//!
//! # Buffering
//!
//! A request body is read whole before the first attempt, up to 16 MiB; a longer one is sent once, as it comes in. Of a
//! stream the events up to the first word are held (32 events, 1 MiB, one second at most), of plain JSON the first MiB,
//! of an error 64 KiB. Of what is compressed only short gzip and deflate is looked into, and passed as it came; a
//! compressed stream is not held. Where [`max_attempts`](RetryLayer::max_attempts) is 1, no request is read. Calls that are none of a model's pass unread.
//!
//! # Streaming
//!
//! Behind its first word a stream is passed event by event, as the client asks for it.
//!
//! # Cancellation
//!
//! Dropping the response future drops the attempt, the wait and the hedge. Nothing is spawned.
//!
//! # Errors
//!
//! There are two of their own, both marked as a [`Rejection`](llm_layers_core::Rejection): 400 for a request body that
//! breaks off, 504 `deadline_exceeded` for a call that comes behind its deadline. The last `Err` of the service below is
//! passed on as it is.
//!
//! # Metrics
//!
//! | counter | labels |
//! | --- | --- |
//! | `llm_retry_retries_total` | `deployment`, `kind` |
//! | `llm_retry_recovered_total` | `deployment`: calls that succeeded, though not at once |
//! | `llm_retry_given_up_total` | `deployment`, `kind`, `reason`: `final`, `forbidden` (by the provider), `attempts`, `long_wait`, `deadline`, `budget` |
//! | `llm_hedge_sent_total`, `llm_hedge_withheld_total` | `deployment`: hedges, and those for which there was no budget |
//! | `llm_hedge_ended_total` | `deployment`, `taken` (`first`, `second`), `outcome` (`success`, `failure`) |
//!
//! `deployment` is empty where no [`Deployment`](llm_layers_core::Deployment) says one. `tracing` events at `debug`.
//!
//! # Features
//!
//! `serde`: `Config`, both layers' settings in a configuration file.

mod attempts;
mod backoff;
mod call;
#[cfg(feature = "serde")]
mod config;
mod hedge;
mod layer;
mod observe;
mod policy;
mod replay;
mod rules;
mod service;

#[cfg(feature = "serde")]
pub use config::{BudgetConfig, Config, HedgeConfig, Layers};
pub use hedge::{After, Hedge, HedgeLayer, NoAfter};
pub use layer::RetryLayer;
#[cfg(feature = "serde")]
pub use llm_layers_core::ConfigError;
pub use llm_layers_core::ResponseFuture;
pub use service::Retry;

//! Limits how much each caller, deployment or whoever you name may use: requests, tokens, and calls at once.
//!
//! ```
//! use llm_layers_rate_limit::{Limits, RateLimitLayer, Rule};
//! use tower::ServiceBuilder;
//!
//! let layer = RateLimitLayer::new().rule(Rule::per_caller(Limits::new().requests_per_minute(600)));
//! let stack = ServiceBuilder::new().layer(layer);
//! # let _ = stack;
//! ```
//!
//! Several rules hold at once; a closure may give each key limits of its own:
//!
//! ```
//! use llm_layers_rate_limit::{ByBytes, Limits, RateLimitLayer, Rule, Tokens, Estimate};
//!
//! let team = Limits::new().requests_per_minute(600).tokens_per_minute(100_000).concurrent(20);
//! let layer = RateLimitLayer::new()
//!     .rule(Rule::per_caller(team).limits_for(move |caller| (caller == "batch").then(|| team.concurrent(2))))
//!     .rule(Rule::per_deployment(Limits::new().tokens_per_minute(2_000_000)))
//!     .rule(Rule::per("address", |request| Some(request.headers.get("x-real-ip")?.to_str().ok()?.to_owned()))
//!         .limits(Limits::new().requests_per_minute(60).burst(5)))
//!     .estimate(|head: &http::request::Parts, body: &llm_layers_wire::json::Object| {
//!         let Tokens { input, output } = ByBytes::default().estimate(head, body);
//!         Tokens { input, output: output.min(4096) }
//!     });
//! # let _ = layer;
//! ```
//!
//! Replicas share their limits by a Redis, with the feature `redis`:
//!
#![cfg_attr(feature = "redis", doc = "```")]
#![cfg_attr(not(feature = "redis"), doc = "```ignore")]
//! use llm_layers_rate_limit::{Limits, OnStoreFailure, RateLimitLayer, RedisStore, Rule};
//! use llm_layers_redis::Redis;
//!
//! let layer = RateLimitLayer::new()
//!     .rule(Rule::global(Limits::new().requests_per_minute(6000)))
//!     .store(RedisStore::new(Redis::open("redis://127.0.0.1:6379")?))
//!     .on_store_failure(OnStoreFailure::Closed);
//! # let _ = layer;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How it counts
//!
//! By the generic cell rate algorithm (GCRA): what may be used at once (the burst: by default all of a minute) comes
//! back evenly over time. There are no windows that begin anew, and a key is one number for each of its limits.
//!
//! - **Requests** are decided by `governor`. A call that one rule admits and another refuses counts for neither, so
//!   the state that governor decides over is a cell of ours, which can give back.
//! - **Tokens** cannot be known before the answer is there. An [estimate](Estimate) is reserved when the call begins,
//!   by default a quarter of the prompt's bytes and `max_tokens`; at the end of the answer what the provider tells in
//!   `usage` takes its place: the difference is given back, or owed (for an hour's worth at most). governor can do
//!   neither, so tokens have a lock-free cell of their own. Nothing that is given back makes more than the burst.
//! - **Calls at once** hold their place until the last byte of the answer, and free it at once when the client hangs
//!   up.
//!
//! An answer that fails before it has said anything has used no tokens, but was a request. A stream that is broken off
//! has used the prompt, and of the answer what was shown: a token for every four bytes of text. The same holds for an
//! answer that tells no usage. A whole one that is broken off, or shows no text, has used what was reserved: it was made
//! before it was sent.
//!
//! # Ordering
//!
//! Near the client, below what knows the caller (it reads [`Caller`](llm_layers_core::Caller)), above deadline, cache
//! and router. A second one with rules for deployments belongs below the router, above retry: a refusal there is a
//! [`Rejection`](llm_layers_core::Rejection), upon which the router goes elsewhere.
//!
//! What is no LLM call passes, unless [`all_requests`](RateLimitLayer::all_requests) says otherwise.
//!
//! # Headers
//!
//! `x-ratelimit-limit-requests`, `-remaining-requests`, `-reset-requests` and the same for `-tokens`, as OpenAI
//! spells them, of the strictest rule, on successes and refusals. On a success they take the place of the provider's
//! own, which are its account's and no caller's; a provider's failure keeps its own. `accept-encoding` upstream is
//! `identity` where tokens are counted, and streamed chats and completions are asked for their usage, which those who
//! did not ask do not see ([`ask_for_usage`](RateLimitLayer::ask_for_usage)).
//!
//! # Errors
//!
//! 429 with OpenAI's code `rate_limit_exceeded`, type `requests` or `tokens`, the numbers and the wait in the
//! message, `retry-after` and `retry-after-ms`. A request that asks for more than the burst gets a 429 that says so,
//! with `x-should-retry: false` in place of a wait. 503 `rate_limiter_unavailable` where the store is away and
//! [`OnStoreFailure::Closed`] was set. 413 for a request longer than [`max_request`](RateLimitLayer::max_request).
//! All are marked by [`Rejection`](llm_layers_core::Rejection). What is no JSON object passes, counted by its bytes.
//! Errors from below are passed on.
//!
//! # Buffering and streaming
//!
//! A request is read whole where tokens are limited, else not at all. Answers pass as they come: of a stream each
//! event is looked at, of a whole JSON answer the frames are remembered, up to 4 MiB, until the usage in them can be
//! read.
//!
//! # Cancellation
//!
//! Dropping the future or the body settles the call as broken off, at once, and drops what is below.
//!
//! # Memory
//!
//! See [`MemoryStore`]: idle keys are dropped by the calls of others, a few at each; their number is bounded, and a
//! long key counts by its digest. Nothing is spawned.
//!
//! # Metrics
//!
//! Counters `llm_rate_limit_admitted_total` (`operation`; `other` where it is none that is known),
//! `llm_rate_limit_refusals_total` (`rule`, `limit` as `requests`, `tokens` or `concurrent`, `operation`),
//! `llm_rate_limit_store_failures_total` (`action` as `open` or `closed`), `llm_rate_limit_corrections_lost_total`;
//! `tracing` events at `debug`. Keys are told nowhere but to the one who is refused, and there only names of callers
//! and deployments. Install the recorder before the first call.
//!
//! # Dependencies
//!
//! `governor` decides; `foldhash` spreads keys; `memchr` finds files in prompts.

mod answer;
mod call;
#[cfg(feature = "serde")]
mod config;
mod engine;
mod estimate;
mod key;
mod layer;
mod limits;
mod observe;
mod reservation;
mod rule;
mod service;
mod spell;
mod store;

#[cfg(feature = "serde")]
pub use config::{Config, LimitsConfig};
pub use estimate::{ByBytes, Estimate, Tokens};
pub use layer::RateLimitLayer;
pub use limits::{Level, Limits, Rate};
#[cfg(feature = "serde")]
pub use llm_layers_core::ConfigError;
pub use llm_layers_core::{OnStoreFailure, ResponseFuture};
pub use rule::Rule;
pub use service::RateLimit;
#[cfg(feature = "redis")]
pub use store::RedisStore;
pub use store::{Claim, Kind, MemoryStore, Refusal, Store, Taken, Taking, Unavailable};

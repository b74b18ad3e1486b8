//! The same question costs nothing, and never leaks to somebody else: a tower layer that keeps the answers of LLMs.
//!
//! ```no_run
//! use axum::{Router, routing::post};
//! use llm_layers_cache::CacheLayer;
//!
//! # async fn forward() {}
//! # let _: Router =
//! Router::new().route("/v1/chat/completions", post(forward)).layer(CacheLayer::default());
//! ```
//!
//! Whoever asks the same again within ten minutes gets the same answer, with `x-llm-cache: hit`, and whoever asks it at
//! the same time shares the one call. More is set like this:
//!
//! ```
//! use std::time::Duration;
//! use llm_layers_cache::{Admission, CacheLayer, MemoryStore};
//!
//! let layer = CacheLayer::new(MemoryStore::new(1 << 30))
//!     .ttl(Duration::from_secs(3600))
//!     .stale_if_error(Duration::from_secs(86_400))
//!     .admission(Admission::new().max_temperature(0.3));
//! # let _ = layer;
//! ```
//!
//! Replicas share entries by a Redis or Valkey, each with a memory of its own before it (feature `redis`):
//!
//! ```
//! # #[cfg(feature = "redis")]
//! # fn layer() -> Result<llm_layers_cache::CacheLayer, Box<dyn std::error::Error>> {
//! use llm_layers_cache::{CacheLayer, Codec, MemoryStore, RedisStore, Tiers};
//! use llm_layers_core::Secret;
//! use llm_layers_redis::Redis;
//!
//! let secret = Secret::new("from a vault: the same in all replicas");
//! let redis = RedisStore::new(Redis::open("redis://127.0.0.1:6379")?).codec(Codec::new().encrypt(&secret));
//! let layer = CacheLayer::new(Tiers::new(MemoryStore::default(), redis)).secret(&secret);
//! # Ok(layer)
//! # }
//! ```
//!
//! # What is the same
//!
//! Two requests with the same [`Key`]: the same tenant, namespace, operation and target (path and query; the
//! [`Deployment`](llm_layers_core::Deployment) where a router above chose one; headers that change answers), and bodies that
//! mean the same as JSON. Order, white space, the spelling of numbers and escapes do not matter, nor do members that change
//! no answer: `stream`, `stream_options`, `user`, `metadata`, `store`, `safety_identifier`, `service_tier` and those of the
//! provider's own prompt cache. A body of which two readers could make two things has no key, and is not cached.
//!
//! A tenant is the [`Caller`](llm_layers_core::Caller), or else the credentials that a request carries; entries are
//! [shared](CacheLayer::shared) only when that is said. Keys are keyed hashes of BLAKE3: neither they nor the names in
//! stores hold anything of a prompt.
//!
//! # What is kept
//!
//! The whole answer, as a plain call gets it. A stream is recorded as it passes, and kept at its real end; an entry answers
//! plain clients and streaming ones, whatever it came as. Never kept are errors, streams that were cut, answers that a
//! filter or the model refused, calls of tools that were not offered or whose arguments are no JSON, and whatever a layer
//! above refuses by its [`Approval`](llm_layers_core::Approval), as the tool-call validator does.
//!
//! Chat completions, completions, messages and responses are kept whole; embeddings input by input, so that a batch asks
//! only for what is missing.
//!
//! # What a request may ask for
//!
//! | header | what it does |
//! | --- | --- |
//! | `cache-control: no-cache`, `max-age=0` | asks anew, and keeps the answer |
//! | `cache-control: no-store` | keeps nothing |
//! | `cache-control: max-age=60` | takes no entry that is older, in seconds |
//! | `cache-control: only-if-cached` | a 504 where there is no entry |
//! | `x-llm-cache-ttl: 10m` | how long the answer is fresh; `0` keeps nothing |
//! | `x-llm-cache-namespace: docs-v2` | entries that are found only by it, and purged by it |
//!
//! Answers say `x-llm-cache: hit | miss | bypass | stale | coalesced`, `x-llm-cache-key`, `age` in seconds, and where no
//! provider was asked, `x-llm-cost-usd: 0` and `x-llm-cache-saved-usd`; those to embeddings
//! `x-llm-cache-inputs: hits=3,misses=1`. Followers of a shared call are told nothing of the provider's head but its status:
//! it speaks of somebody else's call.
//!
//! # Questions that mean the same
//!
//! By the feature `semantic`, and off unless it is [asked for](CacheLayer): a question that is not known by its words is
//! looked up by its embedding, all else being equal; numbers, negations, names and the language must agree. That sends the
//! question to an embedding model through the same stack, at the caller's cost. `x-llm-cache-score` tells how near the
//! question was whose answer was given.
//!
//! # Ordering
//!
//! Below redaction, so that no personal data is kept; above whatever chooses who answers, tries again and bills, so that a
//! hit costs none of it. A validator above judges each answer before it is kept.
//!
//! # Buffering
//!
//! The request's body whole, up to 16 MiB. Plain answers whole up to [4 MiB](CacheLayer::max_entry), longer ones pass; of a
//! stream under way so much memory is spent on those who join late, some 3,500 events of 220 bytes.
//!
//! # Streaming
//!
//! Events go on as they come. Equal calls share them (not those for embeddings): who joins late gets what has passed, and follows. Who reads slowly
//! slows nobody, and is let go with an error once it is `max_entry` behind. A stream told from the cache comes as fast as it
//! is read, or at a [pace](CacheLayer::pace).
//!
//! # Cancellation
//!
//! The call of several is dropped with the last of them: whoever hangs up before is replaced without asking again. What a
//! client leaves unread is not kept. Nothing is spawned for a call; entries on their way to a far store, and stale ones on
//! their way to be fresh, are the work of one task for each cache.
//!
//! # Errors
//!
//! A store that is away has nothing: calls go on. Of the layer's own are 400 `invalid_header`, `invalid_json`, 413
//! `request_too_large`, and 504 `not_cached` for `only-if-cached`. An `Err` from below goes to whoever made the call.
//!
//! # Metrics
//!
//! | name | labels |
//! | --- | --- |
//! | `llm_cache_requests_total` | `operation`, `outcome` as in `x-llm-cache` |
//! | `llm_cache_semantic_hits_total`, `llm_cache_not_embedded_total` | |
//! | `llm_cache_stored_total`, `llm_cache_entries`, `llm_cache_bytes` | |
//! | `llm_cache_unfit_total` | `operation`, `reason` (`malformed`, `unfinished`, `refused`, `invalid_call`) |
//! | `llm_cache_saved_tokens_total` | `kind` (`input`, `output`) |
//! | `llm_cache_saved_usd` | |
//! | `llm_cache_dropped_total` | `what` (`entry`, `refresh`, `embedding`, `purge`) could not be done beside calls |
//!
//! [`CacheHandle::stats`] has the same by itself.
//!
//! # Dependencies
//!
//! `moka` keeps entries in memory by their size and life (kept well; concurrent; adds some 10 s to a build); `blake3` hashes
//! keys; `lz4_flex` compresses what goes far, in safe Rust; `aes-gcm-siv` encrypts it, and forgives a nonce drawn twice;
//! `foldhash` spreads flights, and `slab` seats those on board.

mod admission;
mod background;
mod call;
#[cfg(feature = "serde")]
mod config;
mod control;
mod embeddings;
mod entry;
mod flight;
mod handle;
mod key;
mod layer;
mod observe;
#[cfg(feature = "semantic")]
mod semantic;
mod service;
mod shape;
mod stats;
mod store;
mod tenant;

pub use admission::Admission;
#[cfg(feature = "serde")]
pub use config::Config;
#[cfg(all(feature = "serde", feature = "semantic"))]
pub use config::SemanticConfig;
pub use entry::Entry;
pub use handle::CacheHandle;
pub use key::{Key, Namespace, Tenant};
pub use layer::CacheLayer;
#[cfg(feature = "semantic")]
pub use semantic::Semantic;
pub use service::Cache;
pub use stats::Stats;
#[cfg(feature = "redis")]
pub use store::{Codec, RedisStore};
pub use store::{MemoryStore, Purge, Size, Store, Tiers};

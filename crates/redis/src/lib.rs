//! One way to a Redis or Valkey that may be away.
//!
//! Layers that share state through Redis must live without it: a limiter or a breaker that waits for a dead store is
//! worse than none. A [`Redis`] therefore answers each call within a [time limit](Redis::time_limit), and says
//! [`Away`] at once while it knows that nobody is there.
//!
//! ```
//! use llm_layers_redis::{Redis, Script, cmd};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
//! # let url = format!("redis://127.0.0.1:{free}");
//! let redis = Redis::open(&url)?; // "redis://127.0.0.1:6379", say; nothing is connected yet
//!
//! let count: Option<u64> = match redis.query(cmd("INCR").arg("calls")).await {
//!     Ok(count) => Some(count),
//!     Err(away) => None, // at the latest after 50 ms, and at once from now on, until it is back
//! };
//! # assert!(count.is_none() && redis.is_away());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Scripts go by their hash, and are sent whole only to a server that does not know them:
//!
//! ```no_run
//! # use llm_layers_redis::{Redis, Script};
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! let redis = Redis::open("redis://:secret@cache.internal:6379/2")?.time_limit(Duration::from_millis(20));
//! let add = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
//! let sum: i64 = redis.eval(add.key("tokens").arg(512)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # A Redis that is away
//!
//! A call that gets no answer in time, loses its connection or hears that the server cannot serve (loading, out of
//! memory, a cluster without masters, a wrong password) begins a cool-down of 100 ms, in which nobody asks: such
//! calls cost a look at one atomic. After it a single call is let through to see; the others still go without. If it
//! fails, the next cool-down is twice as long, up to 5 s; if it succeeds, all is as before. The log warns once when it
//! goes, and says once that it is back.
//!
//! An error in answer to one command (a wrong type, a script that fails) is told as [`Reason::Refused`] and begins no
//! cool-down.
//!
//! # Telling the server what is over
//!
//! What a call has used is known where nothing can be awaited. It waits in an [`Outbox`], goes with the next call, and
//! is told again, or not, by what became of that one. All keys of a store have one [`Prefix`].
//!
//! # Connections
//!
//! One multiplexed connection, opened by the first call and shared by all clones (`redis`' own `ConnectionManager`;
//! one for each node of a cluster). What waits in it is bounded. A connection that is slow to open goes on opening
//! from probe to probe; one that has said nothing for 5 s is given up for a new one, which also looks up the name
//! anew. `valkey://` and `valkeys://` are the same as `redis://` and `rediss://`. Nothing is spawned here; the client
//! below spawns one task for each connection.
//!
//! # Features
//!
//! `cluster` for `Redis::cluster` and URLs with commas between them; `tls` for `rediss://`, by rustls with the
//! system's certificate authorities. Verification cannot be switched off.
//!
//! # Metrics
//!
//! Gauge `llm_redis_away` (`server`; 1 while it is away), counter `llm_redis_errors_total` (`server`, `reason`:
//! `timed_out`, `unreachable`, `unavailable`, `refused`). The server is told by host and port; users, passwords, keys
//! and values reach neither metrics, logs, errors nor `Debug`.

mod address;
mod away;
mod connection;
mod handle;
mod health;
mod observe;
mod outbox;
mod prefix;

pub use address::UrlError;
pub use away::{Away, Reason};
pub use handle::Redis;
pub use outbox::{Again, Outbox, Sent};
pub use prefix::Prefix;
pub use redis::{Cmd, FromRedisValue, Script, ScriptInvocation, cmd};

// Brings in the choice of rustls' cryptography; see Cargo.toml.
#[cfg(feature = "tls")]
use rustls as _;

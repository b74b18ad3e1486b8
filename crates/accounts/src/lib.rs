//! Keeps the accounts of attempts at providers: what each has used and cost, who made it, and how that is known.
//!
//! ```
//! use llm_layers_accounts::{AccountsLayer, MemoryLedger};
//! use tower::ServiceBuilder;
//!
//! let ledger = MemoryLedger::new();
//! let layer = AccountsLayer::new().provider("openai").ledger(ledger.clone());
//! let stack = ServiceBuilder::new().layer(layer);
//! # let _ = stack;
//! // Later:
//! let spent = ledger.totals(|row| &*row.caller == "team-a").cost;
//! # assert!(spent.is_zero());
//! ```
//!
//! Several ledgers, and prices of one's own:
//!
//! ```
//! use std::sync::Arc;
//! use llm_layers_accounts::{AccountsLayer, JsonLines, MemoryLedger};
//! use llm_layers_catalogue::{Catalogue, Model};
//! use llm_layers_core::Deployment;
//!
//! let row = r#"{"id":"house-model","price":{"input":"0.10","output":"0.40"},"source":"https://prices.example","date":"2026-11-01"}"#;
//! let own = Catalogue::read("house", row)?;
//! # let folder = std::env::temp_dir();
//! let layer = AccountsLayer::new()
//!     .facts(move |deployment: &Deployment| {
//!         let (provider, model) = (deployment.provider(), deployment.model());
//!         own.find(provider, model).or_else(|| Catalogue::builtin().find(provider, model)).map(Arc::clone)
//!     })
//!     .ledger((MemoryLedger::new(), JsonLines::daily(folder, "llm-calls")?));
//! # let _ = layer;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is written down
//!
//! One [`Entry`] for each attempt at a provider, when its answer is over: a call that is tried three times has three,
//! and the slower of two hedged ones has its own. What a layer below has refused without asking anybody (marked by
//! [`Rejection`](llm_layers_core::Rejection)) is no attempt.
//!
//! - **Tokens** are the provider's, read by [`metering`](llm_layers_core::metering) as the answer passes. Where it tells
//!   none they are estimated, and the entry says so ([`Known::Estimated`]): the prompt is counted by
//!   [`llm_layers_tokens`], of the answer counts what was shown, a token for every four bytes of text.
//! - **Cost** is computed from the tokens by the catalogue's price for the service tier, the length of the prompt and the
//!   hour. Capacity that is paid for in advance is used first. A provider's own number (`usage.cost`,
//!   [`Known::Reported`]) takes its place where the provider is [known](AccountsLayer::believes) to report dollars, or where
//!   no price is known. An unknown price is an unknown cost ([`Unpriced`]), never zero.
//! - Kinds of tokens that claim more than their total are cut down to it; numbers that are none, and those that cannot
//!   be, are not told: one absurd report uses up nobody's budget.
//! - **A failure** costs nothing, unless it tells usage. A stream that breaks off in the middle costs what was seen of
//!   it. So does one whose client hangs up, and its prompt: as it was told, else as it was counted. The same holds for an
//!   attempt that nobody waits for any more before it is answered, and for one that a timeout below has ended. A plain
//!   answer was made before it was sent: broken off or left, it costs what was expected.
//!
//! Clients are told what the attempt cost that gave their answer. What a retry, a hedge or a router has tried beside it is
//! in the ledger and in the budgets.
//!
//! # What is asked, and told
//!
//! A streamed chat or completion is asked for its usage; who has not asked for it does not see it
//! ([`ask_for_usage`](AccountsLayer::ask_for_usage)).
//!
//! A plain answer up to 1 MiB has its cost in `x-llm-cost-usd`, and the extensions [`Cost`](llm_layers_core::Cost) and
//! [`Usage`](llm_layers_core::Usage). A request with `"usage": {"include": true}` gets `usage.cost` in the answer, of a
//! stream in the last event that tells usage: OpenRouter's convention ("Usage accounting" of its documentation, read in
//! November 2026). The member does not go on to other providers. The cost is that of the entry, whatever the provider
//! says; where that is not known, nothing is said of it.
//!
//! # Budgets and audits
//!
//! A [`Spending`] is asked before each attempt, and may ask for its expected cost: the prompt, counted then, and the bound of
//! the answers, or where there is none the length of recent ones. A router that has counted and expects something
//! itself says so by the extension [`Expected`](llm_layers_core::metering::Expected). What is granted is settled with the
//! [`Entry`], or given back where the attempt was never made. What is refused is answered with its failure, marked as
//! [`Rejection::Limited`](llm_layers_core::Rejection::Limited) unless it says otherwise, upon which a router goes
//! elsewhere. An [`Audit`] sees each attempt that is over, and may put `x-llm-warning` on answers: what stood before, on
//! any; what an answer itself has brought to light, on plain ones.
//!
//! # Ordering
//!
//! Below retry and hedging, so that each attempt is seen; above the circuit breaker and the translator, whose answers are
//! in the words that it reads. It reads the extensions [`Caller`](llm_layers_core::Caller),
//! [`Alias`](llm_layers_core::Alias) and [`Deployment`](llm_layers_core::Deployment). Without a router it stands above any
//! one provider, which [`provider`](AccountsLayer::provider) names.
//!
//! # Buffering and streaming
//!
//! A request is read whole. Streams pass event by event, and what is not to be hidden or given a cost passes as it came.
//! A plain answer is waited for whole, up to 1 MiB, by [`opening`](llm_layers_core::opening): layers above find it
//! opened and parsed. A longer one passes as it comes, and is remembered up to 4 MiB. `accept-encoding` upstream is
//! `identity`.
//!
//! # Cancellation
//!
//! Dropping the future or the body writes the attempt down as [`Outcome::Cancelled`], at once, and drops what is below.
//! While the budgets are asked there is no attempt yet.
//!
//! # Errors
//!
//! 413 for a request longer than [`max_request`](AccountsLayer::max_request), and what the budgets refuse. What is no JSON
//! object passes. Errors from below are passed on. A ledger fails no call.
//!
//! # Memory
//!
//! [`MemoryLedger`] and `RedisLedger` bound their rows; a request is kept until its attempt is over, unless its
//! tokens were counted, for a budget or by a router: then only where the audit has chosen it. Nothing is spawned:
//! [`flush`](AccountsLayer::flush) is for a task of your own.
//!
//! # Metrics
//!
//! Counters `llm_tokens_total` (`deployment`, `kind` as [`Meter`](llm_layers_catalogue::Meter) names them),
//! `llm_accounts_entries_total` (`outcome` as `complete`, `failed` or `cancelled`), `llm_accounts_unpriced_total` and
//! `llm_accounts_disbelieved_total` (`deployment`), `llm_accounts_ledger_failures_total` and
//! `llm_accounts_entries_lost_total` (`ledger`); gauge
//! `llm_cost_usd_total` (`deployment`), which only grows, for counters hold no fractions: an approximation, where the
//! ledger is exact. Deployments beyond 1024, and models that only a client has named, are `other`. `tracing` events at
//! `debug`, at `warn` where entries are lost. Neither has callers, prompts or answers. Install the recorder before the
//! first call.
//!
//! # Dependencies
//!
//! `rust_decimal` for money; `jiff` for the days; `foldhash` spreads rows; `serde_json` writes lines.

pub mod audit;
pub mod budgets;
pub mod reconcile;

mod answer;
mod attempt;
mod belief;
mod call;
mod config;
mod entry;
mod layer;
mod ledger;
mod observe;
mod outputs;
mod quantities;
mod request;
mod seams;
mod service;

pub use config::{AuditConfig, BudgetsConfig, Config};
pub use entry::{Entry, Known, Outcome, Unpriced};
pub use layer::AccountsLayer;
#[cfg(feature = "redis")]
pub use ledger::RedisLedger;
pub use ledger::{Flushing, JsonLines, Ledger, Lines, MemoryLedger, ReadError, Row, Totals};
pub use llm_layers_core::{ConfigError, ResponseFuture};
pub use seams::{Asked, Audit, Finished, Grant, Granted, Reserving, Spending};
pub use service::Accounts;

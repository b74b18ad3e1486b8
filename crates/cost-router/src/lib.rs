//! The cheapest deployment that is good enough, fast enough and alive: a tower layer that chooses who answers an LLM
//! call, and asks the next one where that fails.
//!
//! ```
//! use axum::{Router, routing::post};
//! use llm_layers_core::Deployment;
//! use llm_layers_cost_router::{Alias, Cheapest, RouterLayer, Routes};
//!
//! # async fn forward() {}
//! let routes = Routes::new()
//!     .deployment(Deployment::new("small", "openai", "gpt-4o-mini"))
//!     .deployment(Deployment::new("large", "anthropic", "claude-sonnet-4-5"))
//!     .alias(Alias::new("chat").policy(Cheapest).deployments(["small", "large"]));
//! // `forward` finds a `Deployment` in the extensions of the request, and asks it.
//! let app: Router =
//!     Router::new().route("/v1/chat/completions", post(forward)).layer(RouterLayer::new(routes)?);
//! # Ok::<(), llm_layers_cost_router::RoutesError>(())
//! ```
//!
//! ```
//! use std::time::Duration;
//! use llm_layers_catalogue::Tier;
//! use llm_layers_core::{Body, Deployment, ErrorToResponseLayer};
//! use llm_layers_cost_router::{Alias, Candidate, Constraints, RouterLayer, Routes, Sticky, Weighted};
//! use hyper_util::{client::legacy::Client, rt::TokioExecutor};
//! use tower::ServiceBuilder;
//!
//! let routes = Routes::new()
//!     .deployment(Candidate::new(Deployment::new("old", "openai", "gpt-4o")).region("eu"))
//!     .deployment(Candidate::new(Deployment::new("new", "openai", "gpt-4.1")).region("eu"))
//!     .deployment(Deployment::new("long", "gemini", "gemini-2.5-pro"))
//!     .alias(
//!         Alias::new("chat")
//!             .policy(Weighted)
//!             .deployments([("old", 90), ("new", 10)])
//!             .sticky(Sticky::User)
//!             .constraints(Constraints::new().regions(["eu"]).min_tier(Tier::Large))
//!             .max_p99(Duration::from_secs(3))
//!             .on_context_overflow(["long"]),
//!     );
//! let router = RouterLayer::new(routes)?
//!     // Whose soft budget is used up gets the cheapest, whatever the alias says.
//!     .thrifty(|head| head.headers.contains_key("x-soft-budget-exceeded"));
//! let service = ServiceBuilder::new()
//!     .layer(router)
//!     .layer(ErrorToResponseLayer::new())
//!     .service(Client::builder(TokioExecutor::new()).build_http::<Body>());
//! # let _ = service;
//! # Ok::<(), llm_layers_cost_router::RoutesError>(())
//! ```
//!
//! # What a call becomes
//!
//! The `model` of a request names an [`Alias`] or a deployment. A deployment that is asked for by its name is put into
//! the request ([`Deployment`](llm_layers_core::Deployment)), and that is all: no tokens are counted, nothing is compared or
//! tried elsewhere. Its hours and its class hold, and what chooses for aliases sees its calls. For an alias
//!
//! 1. [constraints](Constraints) take out the deployments that will not do: the prompt does not fit, the request needs
//!    what they cannot do, they are in the wrong region, too dear, too slow of late;
//! 2. the alias's [complexity rules](Bands), if it has any, put those first that are meant for prompts as hard as this;
//! 3. the alias's [policy](Policy) puts these in order, and then the others;
//! 4. a conversation whose prompt is cached somewhere stays there while that saves more than another would;
//! 5. they are asked one after the other until one answers.
//!
//! A responses call that goes on from a stored answer or conversation goes where that is stored, if this router has seen
//! it, and nowhere else.
//!
//! The request then has the extensions `Deployment` and [`Alias`](llm_layers_core::Alias), and where its prompt was counted
//! [`Expected`](llm_layers_core::metering::Expected).
//!
//! # Fallback
//!
//! | what came | what follows |
//! | --- | --- |
//! | an answer | it goes to the client |
//! | a failure of the provider, a timeout, a rate limit, a key that is refused, no such model | the next deployment |
//! | a refusal of a layer below ([`Rejection`](llm_layers_core::Rejection)): an open circuit, a limit, a budget that needs to know the price | the next deployment |
//! | a quota of the caller's that is used up (`Rejection::QuotaExceeded`): it is the same at all deployments | nothing: the refusal is the answer |
//! | a request that this provider cannot express (`unsupported_parameter` and the like) | the next deployment |
//! | a prompt that is too long for the model | [`on_context_overflow`](Alias::on_context_overflow), or the next deployment |
//! | a prompt that the provider will not answer, also by an empty answer (`finish_reason: content_filter`) | [`on_content_refusal`](Alias::on_content_refusal), or nothing: the refusal is the answer |
//! | any other 400: the request is at fault | nothing: it is the answer |
//!
//! An answer is waited for until its first word ([`open`](llm_layers_core::opening::open)); behind that nothing is tried
//! again. No attempt begins behind the request's [`Deadline`](llm_layers_core::Deadline), and constraints hold for
//! fallbacks, too. Where all have failed the answer is the last failure of a provider, or the last refusal if nobody was
//! asked.
//!
//! # Headers
//!
//! | of a request | |
//! | --- | --- |
//! | `x-llm-priority` | `interactive` or `batch`, in place of what the alias says |
//! | `x-llm-region` | a list of regions that may answer, beside what the alias allows |
//! | `x-llm-providers`, `x-llm-provider` | a list of providers that may answer, beside what the alias allows |
//!
//! None of them goes down, whatever the call is. A bad one is a 400 that names it.
//!
//! | of an answer | |
//! | --- | --- |
//! | `x-llm-deployment` | the name of the deployment that answered |
//! | `x-llm-model` | the model, as the provider calls it; where its answer does not say, or is not looked into, as it was asked for |
//! | `x-llm-route` | of an alias: `policy=cheapest; rank=2; of=3; why=policy; after=timeout; complexity=0.21`: the policy, how many were asked, how many there were to choose from (in the plan, and in all lists that were gone to), why it has its place, and how hard the prompt is (0 to 1), where rules go by it |
//!
//! `why` is a word of [`Why`]: `policy`, `complexity`, `budget`, `warm-cache`, `stored`, `unavailable`, `context-overflow`
//! or `content-refusal`. `after`, of a fallback, says why the one before was left: a
//! [kind of failure](llm_layers_core::FailureKind), `rejected` (by a layer below), `unsupported` or `error` (an `Err`).
//!
//! `model` in the answer is what the client asked for: of aliases, and of deployments whose name is not their model's.
//! An answer that says so already keeps its bytes. Who answers is asked not to compress what is looked into.
//!
//! # Ordering
//!
//! Above hedges and retries, which are for one deployment; below what looks at the call as the client made it: limits of
//! callers, the deadline, redaction, the cache.
//!
//! # Buffering
//!
//! A request body is read whole, up to 16 MiB; gzip and deflate are decoded. Of an answer to an alias so much is held
//! back as [`open`](llm_layers_core::opening::open) does; a plain answer in which the model's name is to be changed is
//! waited for whole, up to 32 MiB; a longer one keeps its name. Calls that are none of a model's pass unread;
//! [`RouterLayer::select`] tells where they may go.
//!
//! # Streaming
//!
//! Behind its first word a stream is passed event by event, as the client asks for it. What it used and how it ended is
//! taken down when it is over. Streamed chats and completions for aliases are asked for their usage, which clients that
//! did not ask do not see ([`ask_for_usage`](RouterLayer::ask_for_usage)).
//!
//! # Cancellation
//!
//! Dropping the response future or the body drops the attempt. It counts neither for nor against the deployment. Nothing
//! is spawned. No attempt begins behind the deadline, and readiness is not waited for beyond it.
//!
//! # Errors
//!
//! All marked as a [`Rejection`](llm_layers_core::Rejection): 400 `missing_required_parameter` without a `model`, 404
//! `model_not_found`, 400 for a bad header or body, 413 for a long one, 415 for one that cannot be decoded, 504
//! `deadline_exceeded`, and `no_deployment_available` where constraints leave nothing, with each deployment and what
//! took it out: a 400 where the request or the settings are at fault, a 503 where it may be otherwise in a while. An
//! `Err` of the service below is a failure like others; the last one is passed on.
//!
//! # Metrics
//!
//! | counter | labels |
//! | --- | --- |
//! | `llm_router_calls_total` | `alias`, `deployment`, `policy`, `rank` (8 and more are `8+`): answered calls. Not those that asked for a deployment |
//! | `llm_router_fallbacks_total` | `from` (a deployment), `kind`: as in `after`: what another attempt followed |
//! | `llm_router_nothing_left_total` | `alias`, `constraint`: calls that constraints left no deployment, by the one that took out the first |
//! | `llm_router_classifier_late_total` | |
//!
//! `tracing` events at `debug`.
//!
//! # Dependencies
//!
//! `jiff` knows the calendar, for models that end; `rust_decimal` holds prices exactly; `foldhash` hashes names; `futures-core` is
//! the trait of streams.
//!
//! # Features
//!
//! `serde`: `AliasConfig`, an alias in a configuration file.

mod affinity;
mod answer;
mod call;
mod candidate;
mod complexity;
#[cfg(feature = "serde")]
mod config;
mod constraints;
mod engine;
mod errors;
mod fallback;
mod headers;
mod layer;
mod observe;
mod policy;
mod routes;
mod selection;
mod service;
mod stats;

pub use candidate::Candidate;
pub use complexity::{Bands, Classified, Classify, Features, Weights, features, score};
#[cfg(feature = "serde")]
pub use config::{AliasConfig, BalanceConfig, BandConfig, HoursConfig, MemberConfig, PriceConfig, WeightedConfig};
pub use constraints::{Constraint, Constraints, Hours, HoursError};
pub use engine::{Call, Choice, Direct, Engine, EngineBuilder, NothingLeft, Plan, Route, Step, Target, Why};
pub use layer::RouterLayer;
#[cfg(feature = "serde")]
pub use llm_layers_core::ConfigError;
pub use llm_layers_core::ResponseFuture;
pub use policy::{Balanced, Cheapest, Fastest, LeastBusy, Needs, Ordered, Policy, Weighted, by_score};
pub use routes::{Alias, Class, Member, Routes, RoutesError, Sticky};
pub use selection::Selection;
pub use service::Router;
pub use stats::{InFlight, Outcome, Stats};

//! No malformed call reaches business code: a tower layer that checks the tool calls of LLM answers against the schemas
//! that the request itself gives, and text that was to be JSON; streams included.
//!
//! ```no_run
//! use axum::{Router, routing::post};
//! use llm_layers_tool_call_validator::ValidateLayer;
//!
//! # async fn forward() {}
//! # let _: Router =
//! Router::new().route("/v1/chat/completions", post(forward)).layer(ValidateLayer::default());
//! ```
//!
//! | the model says | the client reads |
//! | --- | --- |
//! | `get_weather({"city":"Paris","days":3})` | the same, byte for byte |
//! | `get_weather({'city': 'Paris', 'days': '3',})` | `get_weather({"city":"Paris","days":3})` |
//! | `get_weather({"days":3})` | 502 `invalid_tool_call`: `get_weather` at /city: is required |
//! | `get_wether({"city":"Paris"})` | 502 `invalid_tool_call`: no such tool |
//!
//! What happens to which tool is a setting:
//!
//! ```
//! use llm_layers_tool_call_validator::{OnInvalid, Policy, ValidateLayer};
//!
//! // Mend what can be mended, ask the model once more, then refuse; but only watch `search`.
//! let layer = ValidateLayer::new(Policy::new().max_reasks(1))
//!     .tool("search", Policy::new().repair(false).on_invalid(OnInvalid::Report));
//! # let _ = layer;
//! ```
//!
//! Without tower: [`Schemas::check_arguments`] checks and mends the arguments of one call.
//!
//! # What is checked
//!
//! Every call of chats (also the older `function_call`, and free text of custom tools as to its tool), of responses and
//! of messages, in every choice: that the tool was offered, that `tool_choice` and `parallel_tool_calls` allow it, that
//! ids differ, that the arguments are a JSON object and fit the tool's schema, and that the answer was not cut off in
//! them. A call in the answer to a request that has no tools at all is not looked at: such requests pass unread, by
//! design. Text, where `response_format` (`text.format`, `output_config.format`) wants it to be JSON. Calls that a
//! model writes into its text are [recognised](ValidateLayer::written_calls) in chats if that is switched on. Each
//! [`Reason`] is one kind of fault.
//!
//! Schemas are JSON Schema of any draft, 2020-12 where they do not say; formats are checked; nothing is fetched
//! ([`Schemas`] has the bounds). Where a tool says `strict: true`, its schema must keep the rules of OpenAI's strict
//! mode.
//!
//! # What is mended
//!
//! What loses nothing and has one reading; each [`Repair`] is a kind. What is right keeps its spelling. Nothing is
//! mended of an answer that was cut off, and nothing that could have been meant otherwise: a call that fits its schema
//! and is another one is worse than none.
//!
//! # Ordering
//!
//! Above redaction, which puts values back: a placeholder is no email address, and what counts is what the client
//! reads. Above whatever chooses who answers, tries again and limits, so that asking again is a call like any other.
//!
//! # Buffering
//!
//! The request's body whole, up to 16 MiB, if it may ask for calls or JSON; others pass unread. Plain answers to such
//! requests whole, up to 32 MiB, and so is whatever was not asked for as a stream or does not call itself one. Where
//! the model may be asked again the request is kept until its answer is right. Compiled schemas are kept in
//! [`Schemas`], 64 MiB by default.
//!
//! # Streaming
//!
//! Text flows at once. The events of a call are held, up to [16 MiB](ValidateLayer::max_held), until it is known to be
//! right, and go on as they came; what was mended goes on as one event. In chats a call is known to be right when the
//! next one or the end of its choice comes; in responses and messages at its own end, and what comes behind a call that
//! is held waits with it, since clients put items together in their order. Where several calls at once are forbidden,
//! or the model may be asked again, all wait for the end. Structured output flows and ends at its first fault, or is
//! [held](ValidateLayer::hold_text).
//!
//! # Cancellation
//!
//! Nothing is spawned. A dropped call, or body, drops the call below, also one that asks again.
//!
//! # Errors
//!
//! | what | answer |
//! | --- | --- |
//! | a call that is not valid | 502 `invalid_tool_call`; in a stream, the error event that ends it |
//! | text that was to be JSON and is not | 502 `invalid_structured_output`, or the event |
//! | a schema that cannot be used | 400 `invalid_function_parameters`, `invalid_json_schema`; [`Rejection::Invalid`](llm_layers_core::Rejection::Invalid) |
//! | a request that is no JSON object, or too long | 400 `invalid_json`, 413 `request_too_large` |
//! | an answer that breaks off; one that cannot be read and may hold a call | 502 `upstream_error`; `unreadable_answer` |
//!
//! Errors name places and what is expected there, and no value. An `Err` from below is passed on; if it comes when the
//! model is asked again, the first answer counts.
//!
//! # Metrics
//!
//! | counter | labels |
//! | --- | --- |
//! | `llm_tool_calls_total` | `tool`, `deployment`, `outcome` (`valid`, `repaired`, `invalid`) |
//! | `llm_tool_call_faults_total` | `tool`, `deployment`, `reason` |
//! | `llm_tool_call_repairs_total` | `tool`, `deployment`, `repair` |
//! | `llm_tool_call_reasks_total` | `deployment`, `outcome` (`right`, `wrong`, `failed`) |
//!
//! Plain answers carry `x-llm-tool-calls: repaired=1,reasked=1,invalid=1` (what is not 0) and a [`Report`] as an
//! extension; an [audit hook](ValidateLayer::audit) is given one of every answer at its end.
//!
//! # Dependencies
//!
//! `jsonschema` validates (all drafts, passes the official test suite, kept well; without its features that fetch), its
//! patterns by the linear engine of `regex`; `tokio` has the timer that bounds how long the rest of a refused stream is
//! waited for; `strsim` tells misspelled names from unknown ones; `foldhash` spreads keys.

mod answer;
mod call;
#[cfg(feature = "serde")]
mod config;
mod contract;
mod errors;
mod fault;
mod judge;
mod layer;
mod observe;
mod policy;
mod reask;
mod repair;
mod report;
mod schemas;
mod service;
mod written;

#[cfg(feature = "serde")]
pub use config::{Config, PolicyConfig, StepsConfig};
pub use fault::{Fault, Reason};
pub use judge::Checked;
pub use layer::ValidateLayer;
pub use policy::{OnInvalid, Policy};
pub use repair::Repair;
pub use report::{Called, Repaired, Report};
pub use schemas::{SchemaError, Schemas};
pub use service::Validate;

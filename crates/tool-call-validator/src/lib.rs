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

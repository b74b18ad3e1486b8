//! Detectors outside of the process: asked in time, believed only as far as their answers make sense.

#[cfg(feature = "serde")]
pub(crate) mod config;
mod detect;
mod error;
mod guard;
mod http;
mod llm;
mod observe;
pub(crate) mod pieces;
mod presidio;

#[cfg(feature = "serde")]
pub use config::{LlmConfig, LlmKinds, PresidioConfig};
pub use detect::{DetectAsync, Detecting};
pub use error::ExternalError;
pub use guard::{External, ExternalFindings, OnFailure};
pub use llm::Llm;
pub use presidio::Presidio;

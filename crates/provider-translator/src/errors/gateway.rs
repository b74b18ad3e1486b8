//! Failures of a provider that it does not report itself.

use http::StatusCode;
use llm_layers_core::{Failure, ReadError};
use llm_layers_wire::openai;

/// A successful answer that is none.
pub(crate) fn not_an_answer(what: &str, provider: &str) -> Failure {
    gateway("upstream_protocol_error", format!("The provider answered with {what}."), provider)
}

/// An answer that cannot be read.
pub(crate) fn unreadable(error: &ReadError, provider: &str) -> Failure {
    let what = match error {
        ReadError::TooLarge { limit } => format!("more than {limit} bytes"),
        ReadError::Encoding(_) => "a content encoding that it was not asked for, or broken bytes of it".into(),
        ReadError::Json(error) => format!("something that is no JSON object: {error}"),
        _ => return gateway("upstream_error", "The provider's answer broke off.".into(), provider),
    };
    not_an_answer(&what, provider)
}

/// A stream whose provider says that it failed, and not how.
pub(crate) fn broken_off(provider: &str) -> Failure {
    gateway("upstream_error", "The provider failed before its answer was whole.".into(), provider)
}

/// A stream that ended before its answer did.
pub(crate) fn incomplete(provider: &str) -> Failure {
    let message = "The provider's stream ended before the answer did.";
    gateway("upstream_incomplete_stream", message.into(), provider)
}

fn gateway(code: &str, message: String, provider: &str) -> Failure {
    let error = openai::Error::new("api_error", message).with_code(code).with("provider", provider);
    Failure::new(StatusCode::BAD_GATEWAY, error.with("retryable", true))
}

//! What this layer itself answers.

use http::StatusCode;
use llm_layers_core::{Failure, Rejection};
use llm_layers_wire::openai;

/// OpenAI's answer for a request without a model.
pub(crate) fn no_model() -> Failure {
    Failure::bad_request("`model` is missing.").with_param("model").with_code("missing_required_parameter")
}

/// OpenAI's answer for a model that it does not have.
pub(crate) fn unknown(model: &str) -> Failure {
    // The name is the caller's own, and as long as the caller likes.
    let shown: String = model.chars().take(128).collect();
    let message = format!("The model `{shown}` does not exist or you do not have access to it.");
    Failure::not_found(message).with_code("model_not_found").with_param("model")
}

/// The deadline passed before anybody was asked.
pub(crate) fn too_late() -> Failure {
    let error = openai::Error::new("timeout_error", "The deadline passed before a provider was asked.")
        .with_code("deadline_exceeded");
    Failure::new(StatusCode::GATEWAY_TIMEOUT, error).with_rejection(Rejection::TimedOut)
}

/// Constraints have left no deployment, for reasons that are the request's, or circumstances that may change.
pub(crate) fn nothing_left(message: String, is_the_requests_fault: bool) -> Failure {
    const CODE: &str = "no_deployment_available";
    if is_the_requests_fault {
        return Failure::bad_request(message).with_param("model").with_code(CODE);
    }
    let error = openai::Error::new("service_unavailable_error", message).with_code(CODE);
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, error).with_param("model").with_rejection(Rejection::Unreachable)
}

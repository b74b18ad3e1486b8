//! What this layer itself answers.

use http::StatusCode;
use llm_layers_core::{Deployment, Failure, Rejection};
use llm_layers_wire::openai;

use crate::{Constraint, NothingLeft};

/// OpenAI's answer for a request without a model.
pub(crate) fn no_model() -> Failure {
    Failure::bad_request("`model` is missing.").with_param("model").with_code("missing_required_parameter")
}

/// OpenAI's answer for a model that it does not have.
pub(crate) fn unknown(model: &str) -> Failure {
    let message = format!("The model `{}` does not exist or you do not have access to it.", shown(model));
    Failure::not_found(message).with_code("model_not_found").with_param("model")
}

/// What is shown of a name, which may be the caller's own, and as long as the caller likes.
fn shown(name: &str) -> String {
    name.chars().take(128).collect()
}

/// The deadline passed before anybody was asked.
pub(crate) fn too_late() -> Failure {
    Failure::deadline_exceeded("The deadline passed before a provider was asked.")
}

/// The deployment that was asked for by its name may not answer.
pub(crate) fn refused(deployment: &Deployment, constraint: &Constraint) -> Failure {
    let message = format!("`{}` may not answer this request: {constraint}.", shown(deployment.name()));
    not_allowed(message, !constraint.is_passing())
}

/// Constraints have left no deployment of an alias.
pub(crate) fn nothing_left(nothing_left: &NothingLeft) -> Failure {
    not_allowed(nothing_left.to_string(), nothing_left.is_the_requests())
}

/// Constraints have left no deployment, for reasons that are the request's, or circumstances that may change.
fn not_allowed(message: String, is_the_requests_fault: bool) -> Failure {
    const CODE: &str = "no_deployment_available";
    if is_the_requests_fault {
        return Failure::bad_request(message).with_param("model").with_code(CODE);
    }
    let error = openai::Error::new("service_unavailable_error", message).with_code(CODE);
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, error).with_param("model").with_rejection(Rejection::Unreachable)
}

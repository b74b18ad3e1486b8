use http::{Response, StatusCode};
use llm_layers_core::{Body, Failure, Rejection};
use llm_layers_wire::openai;

use crate::Refused;

/// The answer to a call that is not let through.
pub(crate) fn refusal(refused: &Refused) -> Response<Body> {
    let error = openai::Error::new("service_unavailable_error", refused.to_string()).with_code("circuit_open");
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, error)
        .with_rejection(Rejection::CircuitOpen)
        .with_retry_after(refused.retry_after())
        .into_response()
}

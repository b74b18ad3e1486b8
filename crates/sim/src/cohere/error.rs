//! Cohere's errors: a text and the request's id, with nothing around them.

use http::StatusCode;
use serde_json::json;

use crate::reply::{Event, Reply};

/// Stands in until the headers are made.
const ID: &str = "00000000-0000-4000-8000-000000000000";

pub(super) fn error(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, json!({"id": ID, "message": message}))
}

/// A 400.
pub(crate) fn invalid(message: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, message)
}

/// A member that the schema does not know.
pub(super) fn unknown_field(name: &str, page: &str) -> Reply {
    let message = format!(
        "unknown field: parameter '{name}' is not a valid field. For proper usage, please refer to \
         https://docs.cohere.com/reference/{page}"
    );
    error(StatusCode::UNPROCESSABLE_ENTITY, &message)
}

pub(super) fn model_not_found(model: &str) -> Reply {
    let message = format!(
        "model '{model}' not found, make sure the correct model ID was used and that you have access to the model."
    );
    error(StatusCode::NOT_FOUND, &message)
}

pub(crate) fn quota() -> Reply {
    let message = "You are past the per month request limit for this model. Please upgrade to a Production key at \
                   https://dashboard.cohere.com/api-keys to continue using this model.";
    error(StatusCode::TOO_MANY_REQUESTS, message)
}

/// How a stream ends whose head said 200.
pub(crate) fn in_stream() -> Event {
    let delta = json!({"finish_reason": "ERROR", "error": "internal server error, please try again", "usage": null});
    Event::named("message-end", json!({"type": "message-end", "delta": delta}))
}

pub(crate) fn of_status(status: u16) -> Reply {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = match status {
        401 => "invalid api token",
        402 => {
            "Please add or update your payment method at https://dashboard.cohere.com/billing?tab=payment to continue"
        }
        403 => "you do not have access to this resource",
        404 => return model_not_found("sim-missing"),
        413 => "request body is too large",
        422 => "invalid request: the request could not be processed",
        429 => "Please wait and try again later",
        498 => "invalid token",
        499 => "request cancelled",
        501 => "not implemented",
        503 => "service unavailable",
        504 => "timeout",
        500.. => "internal server error",
        _ => "invalid request: the request was refused by a fault of the simulation",
    };
    error(code, message)
}

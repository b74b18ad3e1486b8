//! Ollama's errors: a text.

use http::StatusCode;
use serde_json::json;

use crate::reply::{Event, Reply};

pub(super) fn error(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, json!({"error": message}))
}

/// A 400.
pub(crate) fn invalid(message: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, message)
}

pub(super) fn model_not_found(model: &str) -> Reply {
    error(StatusCode::NOT_FOUND, &format!("model '{model}' not found"))
}

/// The limit of the cloud; a server of one's own has none.
pub(crate) fn quota() -> Reply {
    error(StatusCode::TOO_MANY_REQUESTS, "you've reached your weekly usage limit, please upgrade to continue")
}

const CRASHED: &str = "llama runner process has terminated: exit status 2";

/// A line inside a stream whose head said 200.
pub(crate) fn in_stream() -> Event {
    Event::json(json!({"error": CRASHED}))
}

pub(crate) fn of_status(status: u16) -> Reply {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = match status {
        401 => "unauthorized",
        403 => "this model requires a subscription, upgrade for access",
        404 => return model_not_found("sim-missing"),
        413 => "http: request body too large",
        429 => "too many concurrent requests",
        502 => "upstream model is unreachable",
        503 => "server busy, please try again.  maximum pending requests exceeded",
        500.. => CRASHED,
        _ => "the request was refused by a fault of the simulation",
    };
    error(code, message)
}

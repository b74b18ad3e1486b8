//! Anthropic's error bodies. The request id is filled in with the headers.

use http::StatusCode;
use serde_json::{Value, json};

use crate::reply::Reply;

/// Stands in until the headers are made.
const REQUEST_ID: &str = "req_01sim0000000000000000000";

fn body(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": REQUEST_ID})
}

fn error(status: StatusCode, kind: &str, message: &str) -> Reply {
    Reply::json(status, body(kind, message)).with_text("request-id", REQUEST_ID)
}

/// A 400.
pub(crate) fn invalid(message: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, "invalid_request_error", message)
}

pub(super) fn unauthorized(message: &str) -> Reply {
    error(StatusCode::UNAUTHORIZED, "authentication_error", message)
}

pub(super) fn not_found(message: &str) -> Reply {
    error(StatusCode::NOT_FOUND, "not_found_error", message)
}

pub(super) fn method() -> Reply {
    error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", "Method Not Allowed")
}

/// A 429 that no waiting helps against: no `retry-after`, and a code in the details.
pub(crate) fn spend_limit() -> Reply {
    let message = "You have reached your specified API usage limits.";
    let details = json!({"error_code": "enforced_spend_limit_reached"});
    let error = json!({"type": "rate_limit_error", "message": message, "details": details});
    let value = json!({"type": "error", "error": error, "request_id": REQUEST_ID});
    Reply::json(StatusCode::TOO_MANY_REQUESTS, value)
}

/// The data of an `error` event inside a stream whose head said 200.
pub(crate) fn in_stream() -> Value {
    body("overloaded_error", "Overloaded")
}

pub(crate) fn of_status(status: u16, retry_after: Option<&str>) -> Reply {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (kind, message) = match status {
        401 => ("authentication_error", "invalid x-api-key"),
        402 => (
            "billing_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        ),
        403 => ("permission_error", "Your API key does not have permission to use the specified resource."),
        404 => ("not_found_error", "model: claude-missing"),
        408 | 504 => {
            ("timeout_error", "The request timed out while processing. Consider using the streaming Messages API.")
        }
        409 => ("conflict_error", "The request conflicts with another one. Please retry."),
        413 => ("request_too_large", "Request exceeds the maximum size"),
        429 => return rate_limited(code, retry_after),
        503 => ("api_error", "Service temporarily unavailable"),
        529 => ("overloaded_error", "Overloaded"),
        500.. => ("api_error", "Internal server error"),
        _ => ("invalid_request_error", "The request was refused by a fault of the simulation."),
    };
    error(code, kind, message)
}

fn rate_limited(code: StatusCode, retry_after: Option<&str>) -> Reply {
    let message = "This request would exceed your organization's rate limit of 50 requests per minute. For details, \
                   refer to: https://docs.claude.com/en/api/rate-limits.";
    let reply = error(code, "rate_limit_error", message)
        .with_text("anthropic-ratelimit-requests-limit", "50")
        .with_text("anthropic-ratelimit-requests-remaining", "0")
        .with_text("anthropic-ratelimit-requests-reset", "2026-11-21T00:00:30Z");
    match retry_after {
        Some(value) => reply.with_text("retry-after", value),
        None => reply,
    }
}

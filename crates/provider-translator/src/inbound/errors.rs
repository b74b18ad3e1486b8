//! What went wrong below, read from a chat answer.

use http::StatusCode;
use llm_layers_core::{Failure, ReadError};
use llm_layers_wire::openai;
use serde_json::{Map, Value};

/// The error of an answer, with all that it holds; one is made up for an answer that tells none.
pub(super) fn read(status: StatusCode, body: &[u8]) -> openai::Error {
    let Some(mut error) = openai::Error::parse(body) else {
        let kind = if status.is_server_error() { "api_error" } else { "invalid_request_error" };
        return openai::Error::new(kind, format!("The answer was {} without a reason.", status.as_u16()));
    };
    error.more = more(body);
    error
}

/// What an error holds beyond OpenAI's own members: who said it, and what.
fn more(body: &[u8]) -> Map<String, Value> {
    #[derive(serde::Deserialize)]
    struct Body {
        error: Map<String, Value>,
    }
    let mut more = serde_json::from_slice(body).map(|Body { error }| error).unwrap_or_default();
    for own in ["message", "type", "param", "code"] {
        more.remove(own);
    }
    more
}

/// A chat answer that cannot be read.
pub(super) fn unreadable(error: &ReadError) -> Failure {
    match error {
        ReadError::TooLarge { limit } => not_an_answer(&format!("longer than {limit} bytes")),
        ReadError::Encoding(_) => not_an_answer("encoded in a way that was not asked for"),
        ReadError::Json(_) => not_an_answer("no JSON object"),
        _ => Failure::bad_gateway("The answer broke off."),
    }
}

/// A successful chat answer that is none.
pub(super) fn not_an_answer(what: &str) -> Failure {
    Failure::bad_gateway(format!("The answer is {what}.")).with_code("upstream_protocol_error")
}

/// A stream that ended before its answer did.
pub(super) fn incomplete() -> Failure {
    Failure::bad_gateway("The stream ended before the answer did.").with_code("upstream_incomplete_stream")
}

/// An error that comes under a status of 200. By its type and code it has a status all the same.
pub(super) fn in_stream(data: &[u8]) -> Failure {
    let error = read(StatusCode::BAD_GATEWAY, data);
    let by_code = error.code.as_deref().and_then(status_of);
    let status = by_code.or_else(|| status_of(&error.kind)).unwrap_or(502);
    Failure::new(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), error)
}

/// The statuses that go with the types and codes of this crate's errors, and of OpenAI's.
fn status_of(word: &str) -> Option<u16> {
    Some(match word {
        "content_filter" | "context_length_exceeded" | "invalid_request_error" => 400,
        "invalid_api_key" | "authentication_error" => 401,
        "permission_error" => 403,
        "model_not_found" => 404,
        "conflict_error" => 409,
        "request_too_large" => 413,
        "insufficient_quota" | "rate_limit_exceeded" | "rate_limit_error" | "requests" | "tokens" => 429,
        "server_is_overloaded" | "service_unavailable_error" => 503,
        "upstream_timeout" | "timeout_error" => 504,
        _ => return None,
    })
}

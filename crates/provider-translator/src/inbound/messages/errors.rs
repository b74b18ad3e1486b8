//! Errors in Anthropic's shape, and the statuses that its clients understand.

use bytes::Bytes;
use http::StatusCode;
use llm_layers_wire::openai;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: Error<'a>,
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Error<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    /// What there is besides, and Anthropic's shape has no other place for.
    #[serde(skip_serializing_if = "Map::is_empty")]
    details: Map<String, Value>,
}

/// An error of a chat completion. `request_id` is taken from it, where it holds one.
pub(crate) fn failure(status: StatusCode, error: &openai::Error) -> (StatusCode, Bytes) {
    let (status, kind) = classify(status.as_u16(), error);
    let mut details = error.more.clone();
    let own_id = details.remove("request_id");
    let native_id = details.get("native").and_then(|native| native.get("request_id")).cloned();
    let request_id = own_id.or(native_id);
    for (name, value) in [("error_code", &error.code), ("param", &error.param)] {
        if let Some(value) = value {
            details.insert(name.into(), Value::String(value.clone()));
        }
    }
    let request_id = request_id.as_ref().and_then(Value::as_str);
    let body = Body { kind: "error", error: Error { kind, message: &error.message, details }, request_id };
    // Strings and JSON: writing them cannot fail.
    let bytes = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
    (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), bytes)
}

/// By its code, where that says more than its status.
fn classify(status: u16, error: &openai::Error) -> (u16, &'static str) {
    match (status, error.code.as_deref()) {
        // No waiting helps against these, and Anthropic's clients try again after a 429.
        (_, Some("insufficient_quota")) | (402, _) => (402, "billing_error"),
        (503 | 529, Some("server_is_overloaded")) | (529, _) => (529, "overloaded_error"),
        (401, _) => (401, "authentication_error"),
        (403, _) => (403, "permission_error"),
        (404, _) => (404, "not_found_error"),
        (409, _) => (409, "conflict_error"),
        (413, _) => (413, "request_too_large"),
        (429, _) => (429, "rate_limit_error"),
        (408 | 504, _) => (504, "timeout_error"),
        (400..=499, _) => (status, "invalid_request_error"),
        _ => (status, "api_error"),
    }
}

//! Anthropic's errors, in OpenAI's shape and with a status that its clients understand.

use http::StatusCode;
use llm_layers_core::Failure;
use serde::Deserialize;

use crate::{
    errors::{Class, Report},
    format::Refusal,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Option<Native>,
    request_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Native {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
    details: Option<Details>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    error_code: Option<String>,
}

/// An answer that is an error. What the provider said of it is kept: message, type, code, status, request id.
pub(crate) fn failure(refusal: &Refusal<'_>) -> Failure {
    let Refusal { status, headers, body, provider } = *refusal;
    let body = read(body);
    // The service has given it the name that it leaves by.
    let id = headers.get("x-llm-layers-upstream-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    normal(status.as_u16(), body, id, provider)
}

/// The kind of an error that leaves as it came.
pub(crate) fn class_of(status: StatusCode, body: &[u8]) -> Class {
    read(body).error.unwrap_or_default().class(status.as_u16())
}

/// An error that is reported under a status of 200: by its type it has a status all the same.
pub(crate) fn in_stream(data: &[u8], provider: &str) -> Failure {
    let body = read(data);
    let status = match body.error.as_ref().and_then(|error| error.kind.as_deref()).unwrap_or_default() {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "conflict_error" => 409,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    };
    normal(status, body, None, provider)
}

fn read(body: &[u8]) -> Body {
    serde_json::from_slice(body).unwrap_or_default()
}

fn normal(status: u16, body: Body, id: Option<String>, provider: &str) -> Failure {
    let Body { error, request_id } = body;
    let error = error.unwrap_or_default();
    let class = error.class(status);
    let Native { kind, message, details } = error;
    let code = details.and_then(|details| details.error_code);
    let report = Report { message, kind, code, request_id: request_id.or(id), ..Report::default() };
    report.into_failure(class, status, provider)
}

impl Native {
    fn class(&self, status: u16) -> Class {
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        let code = self.details.as_ref().and_then(|details| details.error_code.as_deref());
        // A spend limit comes as a rate limit, but waiting does not help.
        if self.kind.as_deref() == Some("billing_error") || code.is_some_and(|code| code.contains("spend_limit")) {
            return Class::Quota;
        }
        match status {
            400 | 422 if says(&["credit balance is too low"]) => Class::Quota,
            400 | 413 if says(&["prompt is too long", "exceed context limit", "context window"]) => {
                Class::ContextLength
            }
            400 if says(&["content filtering policy"]) => Class::ContentFilter,
            _ => Class::of_status(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn body(kind: &str, message: &str, code: &str) -> String {
        let details = if code.is_empty() { "null".into() } else { format!(r#"{{"error_code":"{code}"}}"#) };
        let error = format!(r#"{{"type":"{kind}","message":"{message}","details":{details}}}"#);
        format!(r#"{{"type":"error","error":{error},"request_id":"req_1"}}"#)
    }

    #[test]
    fn every_class_is_normal() {
        let invalid = "invalid_request_error";
        let quota = (429, "insufficient_quota", Some("insufficient_quota"), false);
        let overloaded = (503, "service_unavailable_error", Some("server_is_overloaded"), true);
        let bad = |code| (400, invalid, code, false);
        // What comes, and what a client sees: status, type, code, whether it is worth another try.
        let table = [
            ((400, invalid, "bad", ""), bad(None)),
            ((400, invalid, "prompt is too long: 3 > 2", ""), bad(Some("context_length_exceeded"))),
            ((400, invalid, "Your credit balance is too low", ""), quota),
            ((400, invalid, "Output blocked by content filtering policy", ""), bad(Some("content_filter"))),
            ((401, "authentication_error", "m", ""), (401, "authentication_error", Some("invalid_api_key"), false)),
            ((402, "billing_error", "m", ""), quota),
            ((403, "permission_error", "m", ""), (403, "permission_error", None, false)),
            ((404, "not_found_error", "m", ""), (404, invalid, Some("model_not_found"), false)),
            ((408, "timeout_error", "m", ""), (504, "timeout_error", Some("upstream_timeout"), true)),
            ((409, "conflict_error", "m", ""), (409, "conflict_error", None, true)),
            ((413, "request_too_large", "m", ""), (413, invalid, Some("request_too_large"), false)),
            ((422, invalid, "m", ""), bad(None)),
            ((429, "rate_limit_error", "m", ""), (429, "rate_limit_error", Some("rate_limit_exceeded"), true)),
            ((429, "rate_limit_error", "m", "enforced_spend_limit_reached"), quota),
            ((500, "api_error", "m", ""), (502, "api_error", Some("upstream_error"), true)),
            ((503, "api_error", "m", ""), overloaded),
            ((504, "timeout_error", "m", ""), (504, "timeout_error", Some("upstream_timeout"), true)),
            ((529, "overloaded_error", "m", ""), overloaded),
        ];
        for ((status, kind, message, code), expected) in table {
            let native = body(kind, message, code);
            let from = StatusCode::from_u16(status).expect("a status");
            let headers = HeaderMap::new();
            let refusal = Refusal { status: from, headers: &headers, body: native.as_bytes(), provider: "claude" };
            let failure = failure(&refusal);
            let error = failure.error();
            let retryable = error.more["retryable"] == true;
            let seen = (failure.status().as_u16(), error.kind.as_str(), error.code.as_deref(), retryable);
            assert_eq!(seen, expected, "{status} {kind} {message}");
            assert_eq!(error.message, message);
            assert_eq!(error.more["upstream_status"], status);
            assert_eq!(
                (&error.more["provider"], &error.more["native"]["request_id"]),
                (&"claude".into(), &"req_1".into())
            );
        }
    }

    #[test]
    fn an_error_without_a_body_still_has_its_class_and_request_id() {
        let mut headers = HeaderMap::new();
        headers.insert("x-llm-layers-upstream-request-id", http::HeaderValue::from_static("req_2"));
        for page in ["<html>secret proxy page</html>", "", "[]", "{\"error\":7}"] {
            let status = StatusCode::from_u16(529).expect("a status");
            let failure = failure(&Refusal { status, headers: &headers, body: page.as_bytes(), provider: "p" });
            assert_eq!(failure.status(), 503);
            assert!(!failure.error().message.contains("html"));
            assert_eq!(failure.error().more["native"]["request_id"], "req_2");
        }
    }

    #[test]
    fn an_error_in_a_stream_has_the_status_of_its_type() {
        let status = |kind: &str| in_stream(body(kind, "m", "").as_bytes(), "p").status().as_u16();
        assert_eq!(
            ["overloaded_error", "rate_limit_error", "api_error", "new_error"].map(status),
            [503, 429, 502, 502]
        );
    }
}

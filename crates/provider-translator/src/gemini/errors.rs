//! Google's errors, in OpenAI's shape and with a status that its clients understand.
//!
//! Source: Google's error model (`google.rpc.Status`, with `RetryInfo`, `QuotaFailure`, `BadRequest` and `ErrorInfo`
//! among its details), and ai.google.dev's page on errors, read in November 2026.

use std::time::Duration;

use llm_layers_core::Failure;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    anthropic,
    errors::{self, Class, Report},
    format::Refusal,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Native,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Native {
    code: Option<u16>,
    message: Option<String>,
    status: Option<String>,
    details: Vec<Detail>,
}

/// Any of the kinds of details.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail {
    reason: Option<String>,
    retry_delay: Option<String>,
    violations: Vec<Violation>,
    field_violations: Vec<FieldViolation>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Violation {
    quota_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FieldViolation {
    field: Option<String>,
}

/// An answer that is an error. What the provider said of it is kept: message, status, reason, member.
pub(super) fn failure(refusal: &Refusal<'_>) -> Failure {
    let Refusal { status, body, provider, .. } = *refusal;
    if is_anthropics(body) {
        return anthropic::failure(refusal);
    }
    normal(read(body), status.as_u16(), provider)
}

/// An error that is reported under a status of 200.
pub(super) fn in_stream(data: &[u8], provider: &str) -> Failure {
    let native = read(data);
    let status = native.code.filter(|code| (400..600).contains(code));
    let status = status.unwrap_or_else(|| match native.status.as_deref().unwrap_or_default() {
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "ABORTED" | "ALREADY_EXISTS" => 409,
        "RESOURCE_EXHAUSTED" => 429,
        "UNAVAILABLE" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => 500,
    });
    normal(native, status, provider)
}

/// Claude's own errors come through as they are.
fn is_anthropics(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_slice::<Kind>(body).is_ok_and(|body| body.kind == "error")
}

/// The error, alone or in a list. One whose details cannot be read still has a message.
fn read(body: &[u8]) -> Native {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Bare {
        code: Option<u16>,
        message: Option<String>,
        status: Option<String>,
    }
    #[derive(Deserialize)]
    struct BareBody {
        error: Bare,
    }
    let listed: Option<Vec<&RawValue>> = serde_json::from_slice(body).ok();
    let body = listed.as_ref().and_then(|list| list.first()).map_or(body, |raw| raw.get().as_bytes());
    serde_json::from_slice(body).map(|Body { error }| error).unwrap_or_else(|_| {
        let bare = serde_json::from_slice(body).map(|BareBody { error }| error).unwrap_or_default();
        Native { code: bare.code, message: bare.message, status: bare.status, details: Vec::new() }
    })
}

fn normal(native: Native, status: u16, provider: &str) -> Failure {
    let class = classify(status, &native);
    let Native { message, status: kind, details, .. } = native;
    let said = message.as_deref().unwrap_or_default();
    let reason = details.iter().find_map(|detail| detail.reason.clone());
    let unsigned = status == 400 && said.contains("thought_signature");
    let code = if unsigned { Some("missing_thought_signature".into()) } else { reason };
    let mut fields = details.iter().flat_map(|detail| &detail.field_violations);
    let param = fields.find_map(|violation| violation.field.clone());
    let report = Report { code, kind, param, retry_after: retry_after(class, &details), message, ..Report::default() };
    report.into_failure(class, status, provider)
}

/// A quota of the day comes with a delay too, which is none.
fn retry_after(class: Class, details: &[Detail]) -> Option<Duration> {
    let delay = details.iter().find_map(|detail| detail.retry_delay.as_deref())?;
    errors::duration(delay).filter(|_| class.is_retryable())
}

fn classify(status: u16, native: &Native) -> Class {
    let message = native.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let says = |word: &str| message.contains(word);
    let has = |reason: &str| native.details.iter().any(|detail| detail.reason.as_deref() == Some(reason));
    let mut quotas = native.details.iter().flat_map(|detail| &detail.violations);
    match status {
        400 if has("API_KEY_INVALID") || says("api key not valid") => Class::Unauthenticated,
        400 if says("exceeds the maximum number of tokens") => Class::ContextLength,
        // The caller's country, or an account without billing.
        400 if native.status.as_deref() == Some("FAILED_PRECONDITION") => Class::Forbidden,
        429 if quotas.any(|quota| quota.quota_id.as_deref().is_some_and(|id| id.contains("PerDay"))) => Class::Quota,
        _ => Class::of_status(status),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::{Value, json};

    use super::*;

    fn of(status: u16, body: &Value) -> Failure {
        let status = StatusCode::from_u16(status).expect("a status");
        let (headers, body) = (HeaderMap::new(), body.to_string());
        failure(&Refusal { status, headers: &headers, body: body.as_bytes(), provider: "p" })
    }

    fn error(code: u16, status: &str, message: &str, details: Value) -> Value {
        json!({"error": {"code": code, "message": message, "status": status, "details": details}})
    }

    #[test]
    fn every_class_is_normal() {
        let invalid = "invalid_request_error";
        let day = json!([{"@type": "…QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]},
                         {"@type": "…RetryInfo", "retryDelay": "34s"}]);
        let minute = json!([{"violations": [{"quotaId": "GenerateRequestsPerMinute"}]}, {"retryDelay": "36.2s"}]);
        let key = json!([{"@type": "…ErrorInfo", "reason": "API_KEY_INVALID"}]);
        let long = "The input token count (9) exceeds the maximum number of tokens allowed (8).";
        // What comes, and what a client sees: status, type, code, and the wait in seconds.
        for (status, word, message, details, expected) in [
            (400, "INVALID_ARGUMENT", "bad", json!([]), (400, invalid, None, None)),
            (
                400,
                "INVALID_ARGUMENT",
                "API key not valid.",
                key,
                (401, "authentication_error", Some("invalid_api_key"), None),
            ),
            (400, "INVALID_ARGUMENT", long, json!([]), (400, invalid, Some("context_length_exceeded"), None)),
            (
                400,
                "INVALID_ARGUMENT",
                "missing a thought_signature",
                json!([]),
                (400, invalid, Some("missing_thought_signature"), None),
            ),
            (400, "FAILED_PRECONDITION", "not in your country", json!([]), (403, "permission_error", None, None)),
            (401, "UNAUTHENTICATED", "no", json!([]), (401, "authentication_error", Some("invalid_api_key"), None)),
            (403, "PERMISSION_DENIED", "no", json!([]), (403, "permission_error", None, None)),
            (404, "NOT_FOUND", "no", json!([]), (404, invalid, Some("model_not_found"), None)),
            (409, "ABORTED", "no", json!([]), (409, "conflict_error", None, None)),
            (429, "RESOURCE_EXHAUSTED", "no", day, (429, "insufficient_quota", Some("insufficient_quota"), None)),
            (
                429,
                "RESOURCE_EXHAUSTED",
                "no",
                minute,
                (429, "rate_limit_error", Some("rate_limit_exceeded"), Some("37")),
            ),
            (500, "INTERNAL", "no", json!([]), (502, "api_error", Some("upstream_error"), None)),
            (
                503,
                "UNAVAILABLE",
                "no",
                json!([]),
                (503, "service_unavailable_error", Some("server_is_overloaded"), None),
            ),
            (504, "DEADLINE_EXCEEDED", "no", json!([]), (504, "timeout_error", Some("upstream_timeout"), None)),
        ] {
            let body = error(status, word, message, details);
            for (body, failure) in [
                (body.clone(), of(status, &body)),
                (json!([body]), of(status, &json!([body]))),
                (body.clone(), in_stream(body.to_string().as_bytes(), "p")),
            ] {
                let (seen, wait) = (failure.error().clone(), failure.clone().into_response());
                let wait = wait.headers().get("retry-after").map(|wait| wait.to_str().expect("text").to_owned());
                let is = (failure.status().as_u16(), &*seen.kind, seen.code.as_deref(), wait.as_deref());
                assert_eq!(is, expected, "{body}");
                assert_eq!((seen.message.as_str(), &seen.more["native"]["type"]), (message, &json!(word)));
            }
        }
    }

    #[test]
    fn the_member_at_fault_is_named() {
        let details =
            json!([{"@type": "…BadRequest", "fieldViolations": [{"field": "contents[0]", "description": "d"}]}]);
        assert_eq!(
            of(400, &error(400, "INVALID_ARGUMENT", "m", details)).error().param.as_deref(),
            Some("contents[0]")
        );
    }

    #[test]
    fn what_is_no_error_of_googles_has_a_status_all_the_same() {
        for body in [json!({}), json!([]), json!("x"), json!({"error": "x"}), json!({"error": {"code": "x"}})] {
            assert_eq!(of(503, &body).status(), 503, "{body}");
        }
        let odd = json!({"error": {"message": "m", "details": [{"violations": 1}]}});
        assert_eq!(of(400, &odd).error().message, "m");
        let claudes = json!({"type": "error", "error": {"type": "overloaded_error", "message": "m"}});
        assert_eq!(of(529, &claudes).error().more["native"]["type"], "overloaded_error");
    }
}

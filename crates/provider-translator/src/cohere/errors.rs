//! Cohere's errors, in OpenAI's shape and with a status that its clients understand.

use llm_layers_core::Failure;
use serde::Deserialize;

use super::mapper::Failed;
use crate::{
    errors::{Class, Report},
    format::Refusal,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    message: Option<String>,
    id: Option<String>,
}

/// An answer that is an error. What the provider said of it is kept: message, status, request id.
pub(super) fn failure(refusal: &Refusal<'_>) -> Failure {
    let Refusal { status, headers, body, provider } = *refusal;
    let Body { message, id } = serde_json::from_slice(body).unwrap_or_default();
    // The service has given it the name that it leaves by.
    let named = || headers.get("x-llm-layers-upstream-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let class = classify(status.as_u16(), message.as_deref().unwrap_or_default());
    let report = Report { message, request_id: id.or_else(named), ..Report::default() };
    report.into_failure(class, status.as_u16(), provider)
}

/// An error that is reported in place of an answer's end, under a status of 200.
pub(super) fn in_answer(failed: Failed, message: Option<String>, provider: &str) -> Failure {
    let status = failed.status();
    Report { message, ..Report::default() }.into_failure(Class::of_status(status), status, provider)
}

fn classify(status: u16, message: &str) -> Class {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match status {
        400 | 422 if says(&["too many tokens", "context length", "maximum context"]) => Class::ContextLength,
        // The free keys' limit of a month; that of a minute passes.
        429 if says(&["month"]) => Class::Quota,
        // It says that we have gone away, to us who are still here.
        499 => Class::Upstream,
        501 => Class::BadRequest,
        _ => Class::of_status(status),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    #[test]
    fn every_class_is_normal() {
        let quota = (429, "insufficient_quota", Some("insufficient_quota"), false);
        let bad = |code| (400, "invalid_request_error", code, false);
        let upstream = (502, "api_error", Some("upstream_error"), true);
        // What comes, and what a client sees: status, type, code, whether it is worth another try.
        let table = [
            (400, "invalid request: top_p must be below 1", bad(None)),
            (400, "too many tokens: size limit exceeded by 12", bad(Some("context_length_exceeded"))),
            (401, "invalid api token", (401, "authentication_error", Some("invalid_api_key"), false)),
            (402, "Please add or update your payment method", quota),
            (403, "no access", (403, "permission_error", None, false)),
            (404, "model 'x' not found", (404, "invalid_request_error", Some("model_not_found"), false)),
            (422, "unknown field: parameter 'x' is not a valid field", bad(None)),
            (429, "limited to 20 API calls / minute", (429, "rate_limit_error", Some("rate_limit_exceeded"), true)),
            (429, "limited to 1000 API calls / month", quota),
            (498, "invalid token", bad(None)),
            (499, "request cancelled", upstream),
            (500, "internal server error", upstream),
            (501, "not implemented", bad(None)),
            (503, "unavailable", (503, "service_unavailable_error", Some("server_is_overloaded"), true)),
            (504, "timeout", (504, "timeout_error", Some("upstream_timeout"), true)),
        ];
        for (status, message, expected) in table {
            let body = format!(r#"{{"id":"r1","message":"{message}"}}"#);
            let failure = failure(&Refusal {
                status: StatusCode::from_u16(status).expect("a status"),
                headers: &HeaderMap::new(),
                body: body.as_bytes(),
                provider: "cohere",
            });
            let error = failure.error();
            let seen = (
                failure.status().as_u16(),
                error.kind.as_str(),
                error.code.as_deref(),
                error.more["retryable"] == true,
            );
            assert_eq!(seen, expected, "{status} {message}");
            assert_eq!(error.message, message);
            assert_eq!(error.more["native"]["request_id"], "r1");
        }
    }

    #[test]
    fn what_is_no_error_of_coheres_still_has_its_status() {
        for body in ["", "<html>", "[]", r#"{"message":7}"#] {
            let headers = HeaderMap::new();
            let refusal =
                Refusal { status: StatusCode::BAD_GATEWAY, headers: &headers, body: body.as_bytes(), provider: "c" };
            assert_eq!(failure(&refusal).status(), 502, "{body}");
        }
    }

    #[test]
    fn an_end_that_is_an_error_has_a_status() {
        assert_eq!(in_answer(Failed::Error, Some("boom".into()), "c").status(), 502);
        assert_eq!(in_answer(Failed::Timeout, None, "c").status(), 504);
    }
}

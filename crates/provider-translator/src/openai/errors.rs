//! Errors of OpenAI-compatible providers, in OpenAI's shape and with a status that its clients understand.

use http::StatusCode;
use llm_layers_core::{Failure, ReadError};
use llm_layers_wire::openai;

/// A class of failure: what a client is told.
struct Class {
    status: u16,
    kind: &'static str,
    code: Option<&'static str>,
}

const fn class(status: u16, kind: &'static str, code: Option<&'static str>) -> Class {
    Class { status, kind, code }
}

/// The class of an upstream status.
///
/// 529 and 402 are no statuses that clients know; OpenAI's SDKs retry everything from 500 on, and no 4xx but
/// 408, 409 and 429.
fn classify(status: u16) -> Class {
    match status {
        401 => class(401, "authentication_error", Some("invalid_api_key")),
        402 => class(429, "insufficient_quota", Some("insufficient_quota")),
        403 => class(403, "permission_error", None),
        404 => class(404, "invalid_request_error", Some("model_not_found")),
        408 | 504 => class(504, "timeout_error", Some("upstream_timeout")),
        409 => class(409, "conflict_error", None),
        413 => class(413, "invalid_request_error", Some("request_too_large")),
        429 => class(429, "rate_limit_error", Some("rate_limit_exceeded")),
        503 | 529 => class(503, "service_unavailable_error", Some("server_is_overloaded")),
        400..=499 => class(400, "invalid_request_error", None),
        _ => class(502, "api_error", Some("upstream_error")),
    }
}

/// Whether an error is as OpenAI would have said it, so that it can leave byte for byte.
pub(crate) fn is_normal(status: StatusCode, body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Body {
        error: Inner,
    }
    #[derive(serde::Deserialize)]
    #[allow(dead_code, reason = "only their presence and type are asked for")]
    struct Inner {
        message: String,
        #[serde(rename = "type")]
        kind: String,
        #[serde(deserialize_with = "Option::deserialize")]
        param: Option<String>,
        #[serde(deserialize_with = "Option::deserialize")]
        code: Option<String>,
    }
    classify(status.as_u16()).status == status.as_u16()
        && serde_json::from_slice::<Body>(body).is_ok_and(|body| {
            let Inner { message, kind, .. } = body.error;
            !message.is_empty() && !kind.is_empty()
        })
}

/// An error answer in its normal form. What the provider said of it is kept: message, type, code, parameter, status.
pub(crate) fn failure(status: StatusCode, body: &[u8], provider: &str) -> Failure {
    let said = openai::Error::parse(body);
    normal(status, said, provider)
}

/// An error that a provider reports inside a stream, where it has no status but what its members tell.
pub(crate) fn in_stream(data: &[u8], provider: &str) -> Failure {
    let said = openai::Error::parse(data);
    let word = |word: &str| {
        said.as_ref()
            .is_some_and(|said| said.kind.contains(word) || said.code.as_ref().is_some_and(|c| c.contains(word)))
    };
    let number =
        said.as_ref().and_then(|said| said.code.as_ref()?.parse().ok()).filter(|code| (400..600).contains(code));
    let status = match number {
        Some(status) => status,
        None if word("insufficient_quota") => 402,
        None if word("rate_limit") => 429,
        None if word("overloaded") => 503,
        None if word("timeout") => 504,
        None if word("invalid_request") => 400,
        None => 500,
    };
    normal(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), said, provider)
}

fn normal(status: StatusCode, said: Option<openai::Error>, provider: &str) -> Failure {
    let class = classify(status.as_u16());
    let mut error = match said {
        Some(said) => said,
        None => openai::Error::new("", format!("The provider answered {} without saying why.", status.as_u16())),
    };
    // OpenAI says `insufficient_quota` under 429, where it must not read as a rate limit.
    let is_number = |code: &String| code.bytes().all(|byte| byte.is_ascii_digit());
    error.code = error.code.filter(|code| !code.is_empty() && !is_number(code));
    // What providers say under 402 is as various as they are, and clients look for one word.
    if error.code.is_none() || status == StatusCode::PAYMENT_REQUIRED {
        error.code = class.code.map(Into::into);
    }
    if error.kind.is_empty() || class.status != status.as_u16() {
        error.kind = class.kind.into();
    }
    let error = error.with("provider", provider).with("upstream_status", status.as_u16());
    Failure::new(StatusCode::from_u16(class.status).unwrap_or(StatusCode::BAD_GATEWAY), error)
}

/// A successful answer that is none.
pub(crate) fn not_an_answer(what: &str, provider: &str) -> Failure {
    gateway("upstream_protocol_error", format!("The provider answered with {what}."), provider)
}

/// An answer that cannot be read.
pub(crate) fn unreadable(error: &ReadError, provider: &str) -> Failure {
    let what = match error {
        ReadError::TooLarge { limit } => format!("more than {limit} bytes"),
        ReadError::Encoding(_) => "a content encoding that it was not asked for, or broken bytes of it".into(),
        ReadError::Json(error) => format!("something that is no JSON object: {error}"),
        _ => return gateway("upstream_error", "The provider's answer broke off.".into(), provider),
    };
    not_an_answer(&what, provider)
}

/// A stream whose provider says that it failed, and not how.
pub(crate) fn broken_off(provider: &str) -> Failure {
    gateway("upstream_error", "The provider failed before its answer was whole.".into(), provider)
}

/// A stream that ended before its answer did.
pub(crate) fn incomplete(provider: &str) -> Failure {
    let message = "The provider's stream ended before the answer did.";
    gateway("upstream_incomplete_stream", message.into(), provider)
}

fn gateway(code: &str, message: String, provider: &str) -> Failure {
    let error = openai::Error::new("api_error", message).with_code(code).with("provider", provider);
    Failure::new(StatusCode::BAD_GATEWAY, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, body: &str) -> (u16, String, Option<String>, String) {
        let failure = failure(StatusCode::from_u16(status).expect("a status"), body.as_bytes(), "p");
        let error = failure.error().clone();
        assert_eq!(error.more["upstream_status"], status);
        (failure.status().as_u16(), error.kind, error.code, error.message)
    }

    #[test]
    fn what_the_provider_said_is_kept() {
        let body = r#"{"error":{"message":"slow down","type":"requests","param":null,"code":"slow_down"}}"#;
        assert_eq!(seen(429, body), (429, "requests".into(), Some("slow_down".into()), "slow down".into()));
    }

    #[test]
    fn statuses_that_clients_do_not_know_are_mapped() {
        let status = |status| seen(status, "").0;
        assert_eq!([400, 422, 402, 529, 503, 500, 520].map(status), [400, 400, 429, 503, 503, 502, 502]);
        assert_eq!(seen(402, "").1, "insufficient_quota");
    }

    #[test]
    fn a_number_is_no_code() {
        let (_, kind, code, message) = seen(400, r#"{"message":"m","type":"BadRequestError","code":400}"#);
        assert_eq!((kind.as_str(), code, message.as_str()), ("BadRequestError", None, "m"));
    }

    #[test]
    fn only_openais_own_shape_is_left_alone() {
        let ok = |status, body: &str| is_normal(StatusCode::from_u16(status).expect("a status"), body.as_bytes());
        let whole = r#"{"error":{"message":"m","type":"t","param":null,"code":null}}"#;
        assert!(ok(429, whole) && ok(400, whole));
        assert!(!ok(500, whole), "500 leaves as 502");
        assert!(!ok(400, r#"{"error":{"message":"m","type":"t","param":null,"code":400}}"#));
        assert!(!ok(400, r#"{"error":{"message":"m","type":"t","param":null}}"#));
        assert!(!ok(400, "<html>"));
    }

    #[test]
    fn errors_in_streams_find_their_status() {
        let status = |body: &str| in_stream(body.as_bytes(), "p").status().as_u16();
        assert_eq!(status(r#"{"error":{"message":"m","code":429}}"#), 429);
        assert_eq!(status(r#"{"error":{"message":"m","type":"overloaded_error"}}"#), 503);
        assert_eq!(status(r#"{"error":{"message":"m"}}"#), 502);
    }
}

//! Bedrock's errors, in OpenAI's shape and with a status that its clients understand.
//!
//! An error is named by `x-amzn-errortype`, cut at the colon, or by the body's `__type`, behind the hash; within a
//! stream by the type of its frame, whose first letter is small. Names and statuses: the service model of botocore
//! 1.44.5; words of messages: public issues, 2024 to 2026.

use llm_layers_core::{BoxError, Failure};
use serde::Deserialize;

use crate::{
    errors::{Class, Report, incomplete, not_an_answer},
    format::Refusal,
    framing::aws::{ERROR, FrameError},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(alias = "Message", alias = "originalMessage")]
    message: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
    code: Option<String>,
}

/// An answer that is an error. What Bedrock said of it is kept: message, name, status, request id.
pub(super) fn failure(refusal: &Refusal<'_>) -> Failure {
    let Refusal { status, headers, body, provider } = *refusal;
    let body = read(body);
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let name = text("x-amzn-errortype").and_then(|name| name.split(':').next());
    let name = name.or_else(|| body.kind.as_deref().and_then(|name| name.rsplit('#').next()));
    let name = name.unwrap_or_default().to_owned();
    // The service has given it the name that it leaves by.
    let id = text("x-llm-layers-upstream-request-id").map(str::to_owned);
    normal(status.as_u16(), name, body.message, id, provider)
}

/// Whether an event of a stream is an error.
pub(super) fn is_exception(name: &str) -> bool {
    name == ERROR || name.ends_with("Exception")
}

/// An error that is reported within a stream: by its name it has a status all the same.
pub(super) fn in_stream(name: &str, data: &[u8], provider: &str) -> Failure {
    let body = read(data);
    let name = match body.code {
        Some(code) if name == ERROR => code,
        _ => capitalised(name),
    };
    let status = match name.as_str() {
        "ValidationException" | "ServiceQuotaExceededException" => 400,
        "AccessDeniedException" => 403,
        "ResourceNotFoundException" => 404,
        "ModelTimeoutException" => 408,
        "ModelErrorException" | "ModelStreamErrorException" => 424,
        "ThrottlingException" | "ModelNotReadyException" => 429,
        "ServiceUnavailableException" => 503,
        _ => 500,
    };
    normal(status, name, body.message, None, provider)
}

/// The model has written what is no answer, and Bedrock says so as the reason of its end.
pub(super) fn malformed(reason: Option<&str>, provider: &str) -> Failure {
    let message = Some("The model's output could not be read.".to_owned());
    let report = Report { message, kind: reason.map(str::to_owned), ..Report::default() };
    report.into_failure(Class::Malformed, 200, provider)
}

/// A stream that ended before its answer did.
pub(super) fn broken(error: Option<BoxError>, provider: &str) -> Failure {
    match error.as_deref().and_then(|error| error.downcast_ref::<FrameError>()) {
        Some(error) => not_an_answer(&format!("a broken stream: {error}"), provider),
        None => incomplete(provider),
    }
}

fn read(body: &[u8]) -> Body {
    serde_json::from_slice(body).unwrap_or_default()
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn normal(status: u16, name: String, message: Option<String>, id: Option<String>, provider: &str) -> Failure {
    let class = classify(status, &name, message.as_deref().unwrap_or_default());
    let report = Report { message, kind: Some(name), request_id: id, ..Report::default() };
    report.into_failure(class, status, provider)
}

fn classify(status: u16, name: &str, message: &str) -> Class {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match name {
        "ValidationException"
            if says(&[
                "input is too long",
                "prompt is too long",
                "too many input tokens",
                "maximum context length",
                "context window",
                "exceed context limit",
                "exceeds the maximum number of input tokens",
            ]) =>
        {
            Class::ContextLength
        }
        "ValidationException" if says(&["model identifier is invalid"]) => Class::NotFound,
        "ValidationException" if says(&["content filtering policy"]) => Class::ContentFilter,
        // A quota of the day: to wait is no use to whoever asks now.
        "ThrottlingException" if says(&["per day"]) => Class::Quota,
        "ServiceQuotaExceededException" => Class::Quota,
        "AccessDeniedException" if says(&["api key", "security token"]) => Class::Unauthenticated,
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignatureException"
        | "MissingAuthenticationTokenException"
        | "InvalidClientTokenId"
        | "ExpiredTokenException" => Class::Unauthenticated,
        "AccessDeniedException" => Class::Forbidden,
        "ResourceNotFoundException" | "UnknownOperationException" => Class::NotFound,
        "ModelTimeoutException" => Class::Timeout,
        "ModelErrorException" | "ModelStreamErrorException" | "InternalServerException" => Class::Upstream,
        // The model is being loaded, and nobody asks too often.
        "ModelNotReadyException" | "ServiceUnavailableException" => Class::Overloaded,
        "ThrottlingException" => Class::RateLimit,
        _ => Class::of_status(status),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    type Normal = (u16, String, Option<String>, bool);

    fn seen(failure: &Failure) -> Normal {
        let error = failure.error();
        (failure.status().as_u16(), error.kind.clone(), error.code.clone(), error.more["retryable"] == true)
    }

    fn expected(status: u16, kind: &str, code: Option<&str>, retryable: bool) -> Normal {
        (status, kind.to_owned(), code.map(str::to_owned), retryable)
    }

    #[test]
    fn every_exception_has_its_class() {
        let invalid = "invalid_request_error";
        let context = expected(400, invalid, Some("context_length_exceeded"), false);
        let quota = expected(429, "insufficient_quota", Some("insufficient_quota"), false);
        let unknown = expected(401, "authentication_error", Some("invalid_api_key"), false);
        let missing = expected(404, invalid, Some("model_not_found"), false);
        let upstream = expected(502, "api_error", Some("upstream_error"), true);
        let busy = expected(503, "service_unavailable_error", Some("server_is_overloaded"), true);
        let limited = expected(429, "rate_limit_error", Some("rate_limit_exceeded"), true);
        for (status, name, message, expected) in [
            (400, "ValidationException", "bad", expected(400, invalid, None, false)),
            (400, "ValidationException", "Input is too long for requested model.", context.clone()),
            (400, "ValidationException", "Too many input tokens. Max input tokens: 3", context.clone()),
            (400, "ValidationException", "prompt is too long: 250000 tokens > 200000 maximum", context),
            (400, "ValidationException", "The provided model identifier is invalid.", missing.clone()),
            (400, "ServiceQuotaExceededException", "quota", quota.clone()),
            (429, "ThrottlingException", "Too many tokens per day, please wait before trying again.", quota),
            (429, "ThrottlingException", "Too many requests, please wait before trying again.", limited),
            (429, "ModelNotReadyException", "loading", busy.clone()),
            (503, "ServiceUnavailableException", "busy", busy),
            (403, "AccessDeniedException", "no access", expected(403, "permission_error", None, false)),
            (403, "AccessDeniedException", "Authentication failed: your API Key is not valid.", unknown.clone()),
            (403, "UnrecognizedClientException", "who?", unknown.clone()),
            (403, "InvalidSignatureException", "wrong", unknown.clone()),
            (403, "ExpiredTokenException", "old", unknown),
            (404, "ResourceNotFoundException", "gone", missing),
            (408, "ModelTimeoutException", "slow", expected(504, "timeout_error", Some("upstream_timeout"), true)),
            (424, "ModelErrorException", "oops", upstream.clone()),
            (424, "ModelStreamErrorException", "oops", upstream.clone()),
            (500, "InternalServerException", "oops", upstream.clone()),
            (500, "", "oops", upstream),
        ] {
            let header = HeaderValue::from_str(&format!("{name}:http://internal.amazon.com/x")).expect("a value");
            let body = format!("{{\"message\":\"{message}\"}}");
            let (status, provider) = (StatusCode::from_u16(status).expect("a status"), "aws");
            let headers = if name.is_empty() {
                HeaderMap::new()
            } else {
                [("x-amzn-errortype", header)]
                    .into_iter()
                    .map(|(name, value)| (http::HeaderName::from_static(name), value))
                    .collect()
            };
            let by_header = failure(&Refusal { status, headers: &headers, body: body.as_bytes(), provider });
            assert_eq!(seen(&by_header), expected, "{name}: {message}");
            let body = format!("{{\"__type\":\"com.amazon.coral.service#{name}\",\"Message\":\"{message}\"}}");
            let headers = HeaderMap::new();
            let by_body = failure(&Refusal { status, headers: &headers, body: body.as_bytes(), provider });
            assert_eq!(seen(&by_body), expected, "{name} in the body");
            assert_eq!(by_body.error().message, message);
        }
    }

    #[test]
    fn an_exception_in_a_stream_is_what_it_would_be_outside() {
        let of = |name, data: &str| {
            let failure = in_stream(name, data.as_bytes(), "aws");
            (failure.status().as_u16(), failure.error().more["native"]["type"].clone())
        };
        let message = "{\"message\":\"x\"}";
        assert_eq!(of("throttlingException", message), (429, "ThrottlingException".into()));
        assert_eq!(of("validationException", message), (400, "ValidationException".into()));
        assert_eq!(of("modelStreamErrorException", message), (502, "ModelStreamErrorException".into()));
        assert_eq!(of("modelTimeoutException", message), (504, "ModelTimeoutException".into()));
        assert_eq!(of("serviceUnavailableException", message), (503, "ServiceUnavailableException".into()));
        assert_eq!(of("internalServerException", "no JSON"), (502, "InternalServerException".into()));
        assert_eq!(of("laterException", "{}"), (502, "LaterException".into()));
        assert_eq!(of(ERROR, "{\"code\":\"InternalFailure\",\"message\":\"x\"}"), (502, "InternalFailure".into()));
    }
}

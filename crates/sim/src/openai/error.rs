//! OpenAI's error bodies, in OpenAI's words.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::reply::Reply;

fn body(message: &str, kind: &str, param: Option<&str>, code: Option<&str>) -> Value {
    json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
}

fn error(status: StatusCode, message: &str, kind: &str, code: Option<&str>) -> Reply {
    Reply::json(status, body(message, kind, None, code))
}

/// A 400.
pub(crate) fn invalid(message: &str, param: Option<&str>, code: Option<&str>) -> Reply {
    Reply::json(StatusCode::BAD_REQUEST, body(message, "invalid_request_error", param, code))
}

pub(super) fn no_json() -> Reply {
    invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP \
         library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you \
         have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)",
        None,
        None,
    )
}

pub(super) fn model_not_found(model: &str) -> Reply {
    error(
        StatusCode::NOT_FOUND,
        &format!("The model `{model}` does not exist or you do not have access to it."),
        "invalid_request_error",
        Some("model_not_found"),
    )
}

pub(super) fn unknown_path(method: &Method, path: &str) -> Reply {
    error(StatusCode::NOT_FOUND, &format!("Invalid URL ({method} {path})"), "invalid_request_error", None)
}

pub(super) fn method() -> Reply {
    error(
        StatusCode::METHOD_NOT_ALLOWED,
        "Only POST requests are accepted.",
        "invalid_request_error",
        Some("method_not_supported"),
    )
}

pub(super) fn no_key() -> Reply {
    error(
        StatusCode::UNAUTHORIZED,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer \
         auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from \
         https://platform.openai.com/account/api-keys.",
        "invalid_request_error",
        None,
    )
}

/// The real one repeats parts of the key; a simulation has no reason to.
pub(super) fn wrong_key() -> Reply {
    error(
        StatusCode::UNAUTHORIZED,
        "Incorrect API key provided: ***. You can find your API key at https://platform.openai.com/account/api-keys.",
        "invalid_request_error",
        Some("invalid_api_key"),
    )
}

/// A 429 that no waiting helps against: no `retry-after`.
pub(crate) fn insufficient_quota() -> Reply {
    error(
        StatusCode::TOO_MANY_REQUESTS,
        "You exceeded your current quota, please check your plan and billing details. For more information on this \
         error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        "insufficient_quota",
        Some("insufficient_quota"),
    )
}

/// What comes inside a stream whose head said 200.
pub(crate) fn in_stream() -> Value {
    body(SERVER_ERROR, "server_error", None, None)
}

const SERVER_ERROR: &str = "The server had an error while processing your request. Sorry about that! You can retry \
    your request, or contact us through our help center at help.openai.com if the error persists.";

/// The error of a status. 502 and 504 come from the CDN and carry a number as their code, as seen in the wild.
pub(crate) fn of_status(status: u16, retry_after: Option<&str>) -> Reply {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let invalid = "invalid_request_error";
    match status {
        401 => wrong_key(),
        403 => error(
            code,
            "Country, region, or territory not supported",
            "request_forbidden",
            Some("unsupported_country_region_territory"),
        ),
        404 => model_not_found("sim-missing"),
        405 => method(),
        408 => error(code, "Request timed out.", "timeout_error", None),
        409 => error(code, "The resource is locked by another request. Please retry.", "conflict", None),
        413 => error(code, "Maximum content size limit exceeded.", invalid, Some("request_too_large")),
        422 => error(code, "The request was well-formed but could not be processed.", invalid, None),
        429 => rate_limited(code, retry_after),
        502 => cdn(code, "Bad gateway.", "cf_bad_gateway"),
        503 => error(
            code,
            "The server is currently overloaded with other requests. Sorry about that! Please try again later.",
            "service_unavailable_error",
            Some("server_is_overloaded"),
        ),
        504 => cdn(code, "Gateway timeout.", "cf_gateway_timeout"),
        500.. => error(code, SERVER_ERROR, "server_error", None),
        _ => error(code, "The request was refused by a fault of the simulation.", invalid, Some("invalid_value")),
    }
}

fn rate_limited(code: StatusCode, retry_after: Option<&str>) -> Reply {
    let seconds = retry_after.and_then(|value| value.parse::<u64>().ok());
    let hint = seconds.map(|seconds| format!(" Please try again in {seconds}s.")).unwrap_or_default();
    let message = format!(
        "Rate limit reached for sim-small in organization org-sim on requests per min (RPM): Limit 3, Used 3, \
         Requested 1.{hint} Visit https://platform.openai.com/account/rate-limits to learn more."
    );
    error(code, &message, "requests", Some("rate_limit_exceeded"))
        .with_text("x-ratelimit-limit-requests", "3")
        .with_text("x-ratelimit-remaining-requests", "0")
        .with_text("x-ratelimit-reset-requests", &format!("{}s", seconds.unwrap_or(20)))
        .with_text("x-ratelimit-limit-tokens", "2000000")
        .with_text("x-ratelimit-remaining-tokens", "1999000")
        .with_text("x-ratelimit-reset-tokens", "30ms")
}

fn cdn(code: StatusCode, message: &str, kind: &str) -> Reply {
    let number = code.as_u16();
    Reply::json(code, json!({"error": {"code": number, "message": message, "param": null, "type": kind}}))
}

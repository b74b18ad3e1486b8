//! Google's error bodies (`google.rpc.Status` as JSON), in Google's words.

use http::StatusCode;
use serde_json::{Value, json};

use super::Surface;
use crate::reply::Reply;

/// One thing that is wrong with a request's JSON.
#[derive(Debug)]
pub(super) struct Violation {
    pub(super) field: String,
    pub(super) description: String,
}

fn body(code: u16, status: &str, message: &str, details: Vec<Value>) -> Value {
    let mut error = json!({"code": code, "message": message, "status": status});
    if let Some(members) = error.as_object_mut().filter(|_| !details.is_empty()) {
        members.insert("details".to_owned(), Value::Array(details));
    }
    json!({"error": error})
}

fn error(code: StatusCode, status: &str, message: &str, details: Vec<Value>) -> Reply {
    Reply::json(code, body(code.as_u16(), status, message, details))
}

fn detail(kind: &str, mut members: Value) -> Value {
    if let Some(members) = members.as_object_mut() {
        members.insert("@type".to_owned(), json!(format!("type.googleapis.com/google.rpc.{kind}")));
    }
    members
}

/// A 400.
pub(crate) fn invalid(message: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message, Vec::new())
}

/// A 400 for a field of the request: `* GenerateContentRequest.contents: contents is not specified`.
pub(super) fn field(place: &str, message: &str) -> Reply {
    invalid(&format!("* GenerateContentRequest.{place}: {message}\n"))
}

pub(super) fn violations(violations: &[Violation]) -> Reply {
    let texts: Vec<&str> = violations.iter().map(|violation| violation.description.as_str()).collect();
    let list: Vec<Value> = violations
        .iter()
        .map(|violation| match violation.field.as_str() {
            "" => json!({"description": violation.description}),
            field => json!({"field": field, "description": violation.description}),
        })
        .collect();
    let detail = detail("BadRequest", json!({"fieldViolations": list}));
    error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", &texts.join("\n"), vec![detail])
}

pub(super) fn not_found(message: &str) -> Reply {
    error(StatusCode::NOT_FOUND, "NOT_FOUND", message, Vec::new())
}

pub(super) fn no_key(surface: Surface) -> Reply {
    match surface {
        Surface::Developer => error(
            StatusCode::FORBIDDEN,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or \
             other form of API consumer identity to call this API.",
            Vec::new(),
        ),
        Surface::Vertex => unauthenticated("CREDENTIALS_MISSING"),
    }
}

/// A wrong key is a 400 with the Developer API, and a wrong token a 401 with Vertex AI.
pub(super) fn wrong_key(surface: Surface) -> Reply {
    match surface {
        Surface::Developer => {
            let info = json!({
                "reason": "API_KEY_INVALID", "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            });
            let message = "API key not valid. Please pass a valid API key.";
            error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message, vec![detail("ErrorInfo", info)])
        }
        Surface::Vertex => unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED"),
    }
}

fn unauthenticated(reason: &str) -> Reply {
    let info = json!({
        "reason": reason, "domain": "googleapis.com", "metadata": {"service": "aiplatform.googleapis.com"},
    });
    let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or \
                   other valid authentication credential. See \
                   https://developers.google.com/identity/sign-in/web/devconsole-project.";
    error(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message, vec![detail("ErrorInfo", info)])
}

/// A 429 that no waiting of today helps against: a quota for the day. It names a short delay all the same, as the
/// real one does.
pub(crate) fn day_quota() -> Reply {
    exhausted("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "37")
}

/// What comes inside a stream whose head said 200.
pub(crate) fn in_stream() -> Value {
    body(503, "UNAVAILABLE", OVERLOADED, Vec::new())
}

const OVERLOADED: &str = "The model is overloaded. Please try again later.";

pub(crate) fn of_status(surface: Surface, status: u16, retry_after: Option<&str>) -> Reply {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (name, message) = match status {
        401 => return unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED"),
        403 => ("PERMISSION_DENIED", "The caller does not have permission"),
        404 => return not_found(&no_model(surface, "sim-missing", "generateContent")),
        409 => ("ABORTED", "The operation was aborted."),
        429 => {
            let seconds = retry_after.filter(|value| value.parse::<f64>().is_ok_and(f64::is_finite)).unwrap_or("1");
            return exhausted("GenerateRequestsPerMinutePerProjectPerModel", seconds);
        }
        499 => ("CANCELLED", "The operation was cancelled."),
        501 => ("UNIMPLEMENTED", "Operation is not implemented, or supported, or enabled."),
        503 => ("UNAVAILABLE", OVERLOADED),
        504 => ("DEADLINE_EXCEEDED", "The request timed out. Please try again."),
        500.. => (
            "INTERNAL",
            "An internal error has occurred. Please retry or report in \
             https://developers.generativeai.google/guide/troubleshooting",
        ),
        _ => ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    };
    error(code, name, message, Vec::new())
}

pub(super) fn no_model(surface: Surface, model: &str, method: &str) -> String {
    match surface {
        Surface::Developer => format!(
            "models/{model} is not found for API version v1beta, or is not supported for {method}. Call ListModels to \
             see the list of available models and their supported methods."
        ),
        Surface::Vertex => format!(
            "Publisher Model `projects/sim/locations/global/publishers/google/models/{model}` was not found or your \
             project does not have access to it. Please ensure you are using a valid model version. For more \
             information, see: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
        ),
    }
}

/// The delay stands in the body and in no header.
fn exhausted(quota: &str, seconds: &str) -> Reply {
    let violation = json!({
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests", "quotaId": quota,
        "quotaDimensions": {"location": "global", "model": "gemini-sim"}, "quotaValue": "10",
    });
    let link = json!({
        "description": "Learn more about Gemini API quotas", "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
    });
    let details = vec![
        detail("QuotaFailure", json!({"violations": [violation]})),
        detail("Help", json!({"links": [link]})),
        detail("RetryInfo", json!({"retryDelay": format!("{seconds}s")})),
    ];
    let message = format!(
        "You exceeded your current quota, please check your plan and billing details. For more information on this \
         error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: \
         generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 10\nPlease retry in {seconds}s."
    );
    error(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", &message, details)
}

//! Azure's error bodies. Those of a model's checks are OpenAI's own; these come from the gateway before it.

use http::StatusCode;
use serde_json::{Value, json};

use super::filter;
use crate::openai;
use crate::reply::Reply;

fn error(status: StatusCode, code: &str, message: &str) -> Reply {
    Reply::json(status, json!({"error": {"code": code, "message": message}}))
}

pub(super) fn no_path() -> Reply {
    error(StatusCode::NOT_FOUND, "404", "Resource not found")
}

pub(super) fn no_version() -> Reply {
    error(StatusCode::BAD_REQUEST, "BadRequest", "API version not supported")
}

pub(super) fn no_deployment() -> Reply {
    error(
        StatusCode::NOT_FOUND,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 \
         minutes, please wait a moment and try again.",
    )
}

/// A member of the body that the version does not know.
pub(super) fn unknown_argument(name: &str) -> Reply {
    openai::error::invalid(&format!("Unrecognized request argument supplied: {name}"), None, None)
}

pub(super) fn unauthorized() -> Reply {
    error(
        StatusCode::UNAUTHORIZED,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an \
         active subscription and use a correct regional API endpoint for your resource.",
    )
}

/// The prompt was refused by the filter.
pub(super) fn filtered() -> Reply {
    let message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. \
                   Please modify your prompt and retry. To learn more about our content filtering policies please \
                   read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766";
    let inner = json!({"code": "ResponsibleAIPolicyViolation", "content_filter_result": filter::of_prompt(true)});
    let error = json!({
        "message": message, "type": null, "param": "prompt", "code": "content_filter", "status": 400,
        "innererror": inner,
    });
    Reply::json(StatusCode::BAD_REQUEST, json!({"error": error}))
}

/// A 429 that no waiting helps against.
pub(crate) fn quota() -> Reply {
    error(
        StatusCode::TOO_MANY_REQUESTS,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    )
}

/// What comes inside a stream whose head said 200.
pub(crate) fn in_stream() -> Value {
    json!({"error": {
        "message": "The server had an error while processing your request. Sorry about that!",
        "type": "server_error", "param": null, "code": "InternalServerError",
    }})
}

pub(crate) fn of_status(status: u16, retry_after: Option<&str>) -> Reply {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match status {
        401 => unauthorized(),
        403 => error(code, "403", "Access denied due to Virtual Network/Firewall rules."),
        404 => no_deployment(),
        408 => error(code, "Timeout", "The operation was timeout."),
        413 => error(code, "413", "Request body too large."),
        424 => error(code, "424", "The model's dependency failed. Please retry."),
        429 => {
            let wait = retry_after.unwrap_or("1");
            let message = format!(
                "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have \
                 exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after {wait} seconds."
            );
            error(code, "429", &message).with_text("x-ratelimit-remaining-requests", "0")
        }
        503 => error(code, "InternalServerError", "The service is temporarily unable to process your request."),
        500.. => error(code, "InternalServerError", "Backend returned unexpected response. Please retry."),
        _ => openai::error::of_status(status, retry_after),
    }
}

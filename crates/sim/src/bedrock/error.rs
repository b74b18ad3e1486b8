//! The errors of Bedrock's runtime: the name in a header, the text in the body.

use http::StatusCode;
use serde_json::{Value, json};

use crate::reply::{Event, Reply};

/// What the services built on Coral append to the name of an error; readers have to cut it off.
const NAMESPACE: &str = "http://internal.amazon.com/coral/com.amazon.bedrock/";

/// Stands in until the headers are made.
const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

pub(super) fn error(status: StatusCode, name: &str, body: Value) -> Reply {
    Reply::json(status, body)
        .with_text("x-amzn-errortype", &format!("{name}:{NAMESPACE}"))
        .with_text("x-amzn-requestid", REQUEST_ID)
}

/// A 400.
pub(crate) fn validation(message: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, "ValidationException", json!({"message": message}))
}

pub(super) fn no_json() -> Reply {
    serialization("Unexpected end-of-input: expected a JSON object")
}

/// The body is JSON of another shape than the operation's.
pub(super) fn serialization(message: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, "SerializationException", json!({"message": message}))
}

pub(super) fn forbidden(name: &str, message: &str) -> Reply {
    error(StatusCode::FORBIDDEN, name, json!({"message": message}))
}

/// A path or method that is no operation, in the shape that the framework itself answers in.
pub(super) fn unknown_operation() -> Reply {
    let body = json!({"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}, "Version": "1.0"});
    error(StatusCode::NOT_FOUND, "UnknownOperationException", body)
}

/// A quota that no waiting helps against; a 400, unlike everybody else's.
pub(crate) fn quota() -> Reply {
    let message = "Your request exceeds the service quota for your account.";
    error(StatusCode::BAD_REQUEST, "ServiceQuotaExceededException", json!({"message": message}))
}

const THROTTLED: &str = "Too many requests, please wait before trying again.";

/// An exception inside a stream whose head said 200.
pub(crate) fn in_stream() -> Event {
    Event::named("throttlingException", json!({"message": THROTTLED}))
}

pub(crate) fn of_status(status: u16) -> Reply {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (name, message) = match status {
        401 => ("UnrecognizedClientException", "The security token included in the request is invalid."),
        403 => ("AccessDeniedException", "You don't have access to the model with the specified model ID."),
        404 => {
            ("ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier.")
        }
        408 => ("ModelTimeoutException", "Model has timed out in processing the request. Try your request again."),
        409 => ("ConflictException", "The request conflicts with another one. Try your request again."),
        413 => ("RequestEntityTooLargeException", "The request is too large."),
        424 => return model_error(code),
        429 => ("ThrottlingException", THROTTLED),
        503 => ("ServiceUnavailableException", "Bedrock is unable to process your request."),
        500.. => (
            "InternalServerException",
            "The system encountered an unexpected error during processing. Try your request again.",
        ),
        _ => ("ValidationException", "The request was refused by a fault of the simulation."),
    };
    error(code, name, json!({"message": message}))
}

/// The error of the model behind the service, with the status that the model gave.
fn model_error(code: StatusCode) -> Reply {
    let message = "The model returned the following errors: the model failed.";
    let body = json!({"message": message, "originalStatusCode": 500, "resourceName": "sim"});
    error(code, "ModelErrorException", body)
}

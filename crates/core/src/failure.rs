mod event;

use std::{fmt, time::Duration};

use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use llm_layers_wire::{json, openai};

use crate::{Body, FailureKind, ReadError, Rejection, retry_after};

/// A failure on its way to becoming an answer: a status and an error in OpenAI's shape.
///
/// ```
/// use llm_layers_core::{Failure, Rejection};
///
/// let response = Failure::not_found("The model `x` does not exist.")
///     .with_code("model_not_found")
///     .into_response();
/// assert_eq!(response.status(), 404);
/// assert_eq!(response.extensions().get(), Some(&Rejection::NotFound));
/// ```
#[derive(Clone, Debug)]
pub struct Failure {
    status: StatusCode,
    /// Boxed, so that a `Result` of a failure stays small.
    error: Box<openai::Error>,
    rejection: Option<Rejection>,
    kind: Option<FailureKind>,
    retry_after: Option<Duration>,
}

impl Failure {
    /// A failure of this status. Not a [`Rejection`]: that is for layers that answer without asking a provider.
    #[must_use]
    pub fn new(status: StatusCode, error: openai::Error) -> Self {
        Self { status, error: Box::new(error), rejection: None, kind: None, retry_after: None }
    }

    fn rejected(status: StatusCode, kind: &str, message: impl Into<String>, rejection: Rejection) -> Self {
        Self::new(status, openai::Error::new(kind, message)).with_rejection(rejection)
    }

    /// 400 `invalid_request_error`.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::rejected(StatusCode::BAD_REQUEST, "invalid_request_error", message, Rejection::Invalid)
    }

    /// 401 `authentication_error`, code `invalid_api_key`.
    #[must_use]
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::rejected(StatusCode::UNAUTHORIZED, "authentication_error", message, Rejection::Unauthenticated)
            .with_code("invalid_api_key")
    }

    /// 404 `invalid_request_error`.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::rejected(StatusCode::NOT_FOUND, "invalid_request_error", message, Rejection::NotFound)
    }

    /// 413 `invalid_request_error`, code `request_too_large`.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let message = format!("The request body is longer than {limit} bytes.");
        Self::rejected(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", message, Rejection::TooLarge)
            .with_code("request_too_large")
    }

    /// 502 `api_error`, code `upstream_error`: a provider was asked, and what came is no answer.
    #[must_use]
    pub fn bad_gateway(message: impl Into<String>) -> Self {
        let error = openai::Error::new("api_error", message).with_code("upstream_error");
        Self::new(StatusCode::BAD_GATEWAY, error)
    }

    /// 504 `timeout_error`, code `upstream_timeout`.
    #[must_use]
    pub fn timed_out(message: impl Into<String>) -> Self {
        let error = openai::Error::new("timeout_error", message).with_code("upstream_timeout");
        Self::new(StatusCode::GATEWAY_TIMEOUT, error).with_kind(FailureKind::Timeout)
    }

    /// 504 `timeout_error`, code `deadline_exceeded`: the time of the whole call is over.
    ///
    /// Without a [`FailureKind`]: it is no failure of a provider's, and nobody should try again.
    #[must_use]
    pub fn deadline_exceeded(message: impl Into<String>) -> Self {
        Self::rejected(StatusCode::GATEWAY_TIMEOUT, "timeout_error", message, Rejection::TimedOut)
            .with_code("deadline_exceeded")
    }

    /// Sets what is wrong, for a program.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.error.code = Some(code.into());
        self
    }

    /// Sets the member of the request that is at fault.
    #[must_use]
    pub fn with_param(mut self, param: impl Into<String>) -> Self {
        self.error.param = Some(param.into());
        self
    }

    /// Marks the answer as one for which no provider was asked.
    #[must_use]
    pub const fn with_rejection(mut self, rejection: Rejection) -> Self {
        self.rejection = Some(rejection);
        self
    }

    /// Says what kind of failure it is, for layers above: the status alone may not.
    #[must_use]
    pub const fn with_kind(mut self, kind: FailureKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Says when to try again. Goes out in whole seconds, rounded up, and in milliseconds.
    #[must_use]
    pub const fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Why no provider was asked, where none was.
    #[must_use]
    pub const fn rejection(&self) -> Option<Rejection> {
        self.rejection
    }

    /// The error.
    #[must_use]
    pub fn error(&self) -> &openai::Error {
        &self.error
    }

    /// The answer.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.error.to_bytes()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(wait) = self.retry_after {
            retry_after::write(headers, wait);
        }
        if let Some(rejection) = self.rejection {
            response.extensions_mut().insert(rejection);
        }
        if let Some(kind) = self.kind {
            response.extensions_mut().insert(kind);
        }
        response
    }
}

/// What is wrong with a client's body, said to the client.
impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match &error {
            ReadError::TooLarge { limit } => Self::too_large(*limit),
            ReadError::Json(json) => Self::from(json.clone()),
            ReadError::Body(_) => Self::bad_request("The request body broke off."),
            ReadError::Encoding(what) => {
                let message = format!("The request body cannot be decoded: {what}.");
                Self::rejected(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request_error", message, Rejection::Invalid)
            }
        }
    }
}

/// Names the byte of a client's body where it is wrong.
impl From<json::Error> for Failure {
    fn from(error: json::Error) -> Self {
        Self::bad_request(format!("The request body is not a valid JSON object: {error}.")).with_code("invalid_json")
    }
}

/// Names the member of a client's body that is wrong.
impl From<json::ReadError> for Failure {
    fn from(error: json::ReadError) -> Self {
        Self::bad_request(format!("{error}.")).with_param(error.member()).with_code("invalid_type")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.error)
    }
}

impl std::error::Error for Failure {}

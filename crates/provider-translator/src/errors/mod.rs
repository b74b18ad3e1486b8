//! Providers' errors, in OpenAI's shape and with a status that its clients understand.
//!
//! A format reads what its provider says into a [`Report`] and finds its [`Class`]; what a client is told of each
//! class is the same for all of them.

mod gateway;
mod retry_after;

use std::time::Duration;

use http::StatusCode;
use llm_layers_core::Failure;
use llm_layers_wire::openai;
use serde_json::{Map, Value};

pub(crate) use gateway::{broken_off, incomplete, not_an_answer, unreadable};
pub(crate) use retry_after::{duration, from_headers, rfc3339};

/// A class of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    BadRequest,
    /// The prompt is longer than the model's context window. Another model may do.
    ContextLength,
    /// The provider will not answer this prompt.
    ContentFilter,
    Unauthenticated,
    /// Paid up or spent: waiting does not help.
    Quota,
    Forbidden,
    NotFound,
    Timeout,
    Conflict,
    TooLarge,
    RateLimit,
    Overloaded,
    Upstream,
    /// The model has answered with what is no answer: broken calls, say. Once more may do.
    Malformed,
}

impl Class {
    /// The class of an upstream status, where nothing more is known.
    ///
    /// 529 and 402 are no statuses that clients know; OpenAI's SDKs retry everything from 500 on, and no 4xx but
    /// 408, 409 and 429.
    pub(crate) const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            402 => Self::Quota,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout,
            409 => Self::Conflict,
            413 => Self::TooLarge,
            429 => Self::RateLimit,
            503 | 529 => Self::Overloaded,
            400..=499 => Self::BadRequest,
            _ => Self::Upstream,
        }
    }

    /// The status of the answer.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::ContextLength | Self::ContentFilter => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Quota | Self::RateLimit => StatusCode::TOO_MANY_REQUESTS,
            Self::Upstream | Self::Malformed => StatusCode::BAD_GATEWAY,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// `error.type`.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::BadRequest | Self::ContextLength | Self::ContentFilter | Self::NotFound | Self::TooLarge => {
                "invalid_request_error"
            }
            Self::Unauthenticated => "authentication_error",
            Self::Quota => "insufficient_quota",
            Self::Forbidden => "permission_error",
            Self::Timeout => "timeout_error",
            Self::Conflict => "conflict_error",
            Self::RateLimit => "rate_limit_error",
            Self::Overloaded => "service_unavailable_error",
            Self::Upstream | Self::Malformed => "api_error",
        }
    }

    /// `error.code`, where the class says more than the provider does.
    pub(crate) const fn code(self) -> Option<&'static str> {
        match self {
            Self::BadRequest | Self::Forbidden | Self::Conflict => None,
            Self::ContextLength => Some("context_length_exceeded"),
            Self::ContentFilter => Some("content_filter"),
            Self::Unauthenticated => Some("invalid_api_key"),
            Self::Quota => Some("insufficient_quota"),
            Self::NotFound => Some("model_not_found"),
            Self::Timeout => Some("upstream_timeout"),
            Self::TooLarge => Some("request_too_large"),
            Self::RateLimit => Some("rate_limit_exceeded"),
            Self::Overloaded => Some("server_is_overloaded"),
            Self::Upstream => Some("upstream_error"),
            Self::Malformed => Some("upstream_malformed_output"),
        }
    }

    /// `error.retryable`: whether the same call to the same provider may do better.
    pub(crate) const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Timeout | Self::Conflict | Self::RateLimit | Self::Overloaded | Self::Upstream | Self::Malformed
        )
    }
}

/// What a provider says of a failure, in its own words.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) message: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) code: Option<String>,
    /// The member of the request that is at fault.
    pub(crate) param: Option<String>,
    pub(crate) request_id: Option<String>,
    /// When to try again, where the body says so.
    pub(crate) retry_after: Option<Duration>,
}

impl Report {
    /// What a client is told. `status` is the provider's own.
    pub(crate) fn into_failure(self, class: Class, status: u16, provider: &str) -> Failure {
        let Self { message, kind, code, param, request_id, retry_after } = self;
        let message = message.filter(|message| !message.trim().is_empty());
        let message = message.unwrap_or_else(|| format!("The provider answered {status} without saying why."));
        let mut native = Map::new();
        for (name, value) in [("type", &kind), ("code", &code), ("request_id", &request_id)] {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                native.insert(name.into(), Value::String(value.clone()));
            }
        }
        let mut error = openai::Error::new(class.kind(), message);
        error.code = class.code().map(Into::into).or(code);
        error.param = param;
        let error = error.with("provider", provider).with("upstream_status", status);
        let error = error.with("retryable", class.is_retryable());
        let error = if native.is_empty() { error } else { error.with("native", native) };
        let failure = Failure::new(class.status(), error);
        match retry_after {
            Some(wait) => failure.with_retry_after(wait),
            None => failure,
        }
    }
}

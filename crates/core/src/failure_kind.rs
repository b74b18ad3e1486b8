use http::{Response, StatusCode};
use llm_layers_wire::openai;

use crate::{Rejection, Unanswered};

/// What kind of failure an answer is: for whoever tries again, breaks a circuit or goes elsewhere.
///
/// An extension of responses, put there by whoever has read the error. [`FailureKind::of`] looks at it, and at the status
/// where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The request is at fault.
    BadRequest,
    /// The prompt is longer than the model's context window. Another model may do.
    ContextLength,
    /// The provider will not answer this prompt.
    ContentFilter,
    /// The provider does not know the key.
    Unauthenticated,
    /// Paid up or spent: waiting does not help.
    Quota,
    /// The key may not do this.
    Forbidden,
    /// No such model or path.
    NotFound,
    /// No connection, or one that broke off before the answer began.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// Something else is being done to the same thing, or it is too early (409, 425).
    Conflict,
    /// The request is larger than the provider takes.
    TooLarge,
    /// Too much in too short a time.
    RateLimit,
    /// The provider has too much to do.
    Overloaded,
    /// The provider failed.
    Upstream,
    /// The model has answered with what is no answer: broken calls, say. Once more may do.
    Malformed,
}

impl FailureKind {
    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All of them, in the order of [`index`](Self::index).
    pub const ALL: [Self; 15] = [
        Self::BadRequest,
        Self::ContextLength,
        Self::ContentFilter,
        Self::Unauthenticated,
        Self::Quota,
        Self::Forbidden,
        Self::NotFound,
        Self::Unreachable,
        Self::Timeout,
        Self::Conflict,
        Self::TooLarge,
        Self::RateLimit,
        Self::Overloaded,
        Self::Upstream,
        Self::Malformed,
    ];

    /// The kind of an answer; `None` for a success, and for a layer's own refusal ([`Rejection`]), of which no provider
    /// knows.
    #[must_use]
    pub fn of<B>(response: &Response<B>) -> Option<Self> {
        if response.extensions().get::<Rejection>().is_some() {
            return None;
        }
        if let Some(kind) = response.extensions().get::<Self>() {
            return Some(*kind);
        }
        let status = response.status();
        if status.is_success() || status.is_informational() || status.is_redirection() {
            return None;
        }
        let kind = Self::of_status(status.as_u16());
        let unanswered = kind == Self::Upstream && response.extensions().get::<Unanswered>().is_some();
        Some(if unanswered { Self::Unreachable } else { kind })
    }

    /// The kind of a provider's status, where nothing more is known.
    ///
    /// 529 is Anthropic's for an overload; 520 to 524 are Cloudflare's for an origin that fails.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            402 => Self::Quota,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            408 | 504 | 522 | 524 => Self::Timeout,
            409 | 425 => Self::Conflict,
            413 => Self::TooLarge,
            429 => Self::RateLimit,
            503 | 529 => Self::Overloaded,
            // It does not do this, today or tomorrow.
            400..=499 | 501 | 505 => Self::BadRequest,
            _ => Self::Upstream,
        }
    }

    /// The kind that an error tells by its code or type, in the words of OpenAI and of those who follow it; `None`
    /// where it says neither.
    ///
    /// Sources: OpenAI's guide on error codes, Anthropic's on errors, both as of November 2026.
    #[must_use]
    pub fn of_error(error: &openai::Error) -> Option<Self> {
        let words = [error.code.as_deref(), Some(&*error.kind)];
        words.into_iter().flatten().find_map(|word| {
            Some(match word {
                "insufficient_quota"
                | "exceeded_current_quota_error"
                | "billing_hard_limit_reached"
                | "billing_not_active"
                | "billing_error"
                | "insufficient_balance"
                | "insufficient_credits"
                | "quota_exceeded"
                | "402" => Self::Quota,
                "context_length_exceeded" => Self::ContextLength,
                "content_filter" | "content_policy_violation" => Self::ContentFilter,
                "rate_limit_exceeded" | "rate_limit_error" | "too_many_requests" | "429" => Self::RateLimit,
                "overloaded_error" | "server_is_overloaded" | "service_unavailable_error" | "529" | "503" => {
                    Self::Overloaded
                }
                "timeout_error" | "upstream_timeout" | "504" | "408" => Self::Timeout,
                "authentication_error" | "invalid_api_key" | "401" => Self::Unauthenticated,
                "permission_error" | "403" => Self::Forbidden,
                "model_not_found" | "not_found_error" | "404" => Self::NotFound,
                "request_too_large" | "413" => Self::TooLarge,
                "conflict_error" | "409" => Self::Conflict,
                "upstream_malformed_output" => Self::Malformed,
                "invalid_request_error" | "400" => Self::BadRequest,
                "server_error" | "api_error" | "internal_server_error" | "upstream_error" | "500" | "502" => {
                    Self::Upstream
                }
                _ => return None,
            })
        })
    }

    /// The status that an answer of this kind has.
    ///
    /// OpenAI's SDKs retry everything from 500 on, and no 4xx but 408, 409 and 429.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::ContextLength | Self::ContentFilter => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Quota | Self::RateLimit => StatusCode::TOO_MANY_REQUESTS,
            Self::Unreachable | Self::Upstream | Self::Malformed => StatusCode::BAD_GATEWAY,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// `error.type`.
    #[must_use]
    pub const fn error_type(self) -> &'static str {
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
            Self::Unreachable | Self::Upstream | Self::Malformed => "api_error",
        }
    }

    /// `error.code`, where the kind says more than the provider does.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
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
            Self::Unreachable | Self::Upstream => Some("upstream_error"),
            Self::Malformed => Some("upstream_malformed_output"),
        }
    }

    /// Whether the same call to the same provider may do better (`error.retryable`).
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Timeout
                | Self::Conflict
                | Self::RateLimit
                | Self::Overloaded
                | Self::Upstream
                | Self::Malformed
        )
    }

    /// Its place in [`ALL`](Self::ALL): for tables with a row for each.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// A short name, for metrics and configurations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::ContextLength => "context_length",
            Self::ContentFilter => "content_filter",
            Self::Unauthenticated => "unauthenticated",
            Self::Quota => "quota",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::RateLimit => "rate_limit",
            Self::Overloaded => "overloaded",
            Self::Upstream => "upstream",
            Self::Malformed => "malformed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_place_and_a_name_of_its_own() {
        let mut names: Vec<_> = FailureKind::ALL.iter().map(|kind| kind.as_str()).collect();
        for (place, kind) in FailureKind::ALL.iter().enumerate() {
            assert_eq!(kind.index(), place);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FailureKind::COUNT);
    }

    #[test]
    fn an_answer_tells_its_kind() {
        let of = |status: u16| FailureKind::of(&Response::builder().status(status).body(()).expect("a response"));
        assert_eq!(of(200), None);
        assert_eq!(of(304), None);
        assert_eq!(of(404), Some(FailureKind::NotFound));
        assert_eq!(of(425), Some(FailureKind::Conflict));
        assert_eq!(of(529), Some(FailureKind::Overloaded));
        // What a provider does not do, it does not do the next time either.
        assert_eq!((of(501), of(505)), (Some(FailureKind::BadRequest), Some(FailureKind::BadRequest)));
        let with = |extension: http::Extensions| {
            let mut response = Response::builder().status(502).body(()).expect("a response");
            *response.extensions_mut() = extension;
            FailureKind::of(&response)
        };
        let mut extensions = http::Extensions::new();
        extensions.insert(Unanswered);
        assert_eq!(with(extensions.clone()), Some(FailureKind::Unreachable));
        extensions.insert(FailureKind::Malformed);
        assert_eq!(with(extensions.clone()), Some(FailureKind::Malformed));
        extensions.insert(Rejection::CircuitOpen);
        assert_eq!(with(extensions), None, "no provider was asked");
    }

    #[test]
    fn an_error_tells_its_kind_by_its_words() {
        let of = |kind: &str, code: Option<&str>| {
            let mut error = openai::Error::new(kind, "m");
            error.code = code.map(Into::into);
            FailureKind::of_error(&error)
        };
        assert_eq!(of("insufficient_quota", Some("insufficient_quota")), Some(FailureKind::Quota));
        assert_eq!(of("exceeded_current_quota_error", None), Some(FailureKind::Quota), "Moonshot's");
        assert_eq!(of("requests", Some("rate_limit_exceeded")), Some(FailureKind::RateLimit));
        assert_eq!(of("overloaded_error", None), Some(FailureKind::Overloaded));
        assert_eq!(of("invalid_request_error", Some("something_new")), Some(FailureKind::BadRequest));
        assert_eq!(of("", None), None);
    }
}

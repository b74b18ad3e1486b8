use http::Response;
use llm_layers_core::{Body, FailureKind, Rejection, encoding};
use llm_layers_wire::openai;

use crate::answer::Begun;

/// What an answer is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the answer: a success, or a failure that is the request's own.
    Answer,
    /// The service below has failed without one.
    Error,
    /// A layer below has refused the call for reasons that are the deployment's.
    Rejected,
    /// This deployment cannot express, or do, what the request asks for, or does not have what it goes on from.
    Unsupported,
    /// The deployment has failed.
    Failed(FailureKind),
    /// The prompt is too long for it.
    TooLong(FailureKind),
    /// It will not answer the prompt.
    Refused,
}

impl Verdict {
    pub(crate) async fn of(response: &mut Response<Body>, begun: &Begun) -> Self {
        if let Some(rejection) = response.extensions().get::<Rejection>().copied() {
            return match rejection {
                Rejection::CircuitOpen | Rejection::Limited | Rejection::Unreachable | Rejection::NotFound => {
                    Self::Rejected
                }
                Rejection::Invalid if is_unsupported(response).await => Self::Unsupported,
                _ => Self::Answer,
            };
        }
        match FailureKind::of(response) {
            None if begun.is_refused => Self::Refused,
            None => Self::Answer,
            Some(FailureKind::ContentFilter) => Self::Refused,
            Some(kind @ (FailureKind::ContextLength | FailureKind::TooLarge)) => Self::TooLong(kind),
            Some(FailureKind::BadRequest) if is_unsupported(response).await => Self::Unsupported,
            Some(FailureKind::BadRequest) => Self::Answer,
            Some(kind) => Self::Failed(kind),
        }
    }

    /// A word for headers and metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answered",
            Self::Error => "error",
            Self::Rejected => "rejected",
            Self::Unsupported => "unsupported",
            Self::Failed(kind) | Self::TooLong(kind) => kind.as_str(),
            Self::Refused => FailureKind::ContentFilter.as_str(),
        }
    }
}

/// Whether an error says that what was asked for cannot be done here: by OpenAI (`unsupported_parameter`,
/// `unsupported_value`; `previous_response_not_found`, a 400), or by a translator in the same words. Elsewhere it may.
async fn is_unsupported(response: &mut Response<Body>) -> bool {
    /// Longer errors are pages.
    const MAX_ERROR: usize = 64 << 10;
    let is_short = response.body().content_length().is_some_and(|length| length <= MAX_ERROR as u64);
    if !is_short || !response.body().is_replayable() || encoding::is_encoded(response.headers()) {
        return false;
    }
    let Ok(bytes) = response.body_mut().bytes(MAX_ERROR).await else { return false };
    let code = openai::Error::parse(&bytes).and_then(|error| error.code);
    code.is_some_and(|code| code.starts_with("unsupported_") || code == "previous_response_not_found")
}

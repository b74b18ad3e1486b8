//! Why a candidate ended.
//!
//! Source: `google.genai.types.FinishReason` of google-genai 3.4.0.

use llm_layers_core::Failure;

use crate::{
    errors::{Class, Report},
    ir::Finish,
};

/// What a reason means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Finish(Finish),
    /// It depends on whether anything was said.
    Unclear,
    /// The model has written what is no answer. Told as an end, an agent would take it for one of few words.
    Malformed,
    /// A call of the history lacks what vouches for it.
    Unsigned,
}

impl Ending {
    pub(super) fn of(reason: &str) -> Self {
        match reason {
            // A continuation is for those that ask for one.
            "MAX_TOKENS" | "TOO_MANY_TOOL_CALLS" | "CONTINUATION" => Self::Finish(Finish::Length),
            "SAFETY"
            | "RECITATION"
            | "LANGUAGE"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"
            | "IMAGE_RECITATION"
            | "ESCALATION"
            | "MODEL_ARMOR"
            | "PUP_LIMITED_DISABLED" => Self::Finish(Finish::ContentFilter),
            "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "MALFORMED_RESPONSE" => Self::Malformed,
            "MISSING_THOUGHT_SIGNATURE" => Self::Unsigned,
            "OTHER" | "IMAGE_OTHER" => Self::Unclear,
            // `STOP`, and what is not known yet.
            _ => Self::Finish(Finish::Natural),
        }
    }

    /// The failure that it is. What the model has written instead of an answer is not told: it is no error's text.
    pub(super) fn failure(self, reason: &str, provider: &str) -> Option<Failure> {
        let (class, status, code) = match self {
            Self::Finish(_) | Self::Unclear => return None,
            Self::Malformed => (Class::Malformed, 200, None),
            Self::Unsigned => (Class::BadRequest, 200, Some("missing_thought_signature".to_owned())),
        };
        let message = match self {
            Self::Unsigned => "A call of the history has lost its thought signature.",
            _ => "The model has written a call or an answer that is malformed.",
        };
        let kind = Some(reason.to_owned());
        let report = Report { message: Some(message.to_owned()), kind, code, ..Report::default() };
        Some(report.into_failure(class, status, provider))
    }

    pub(super) const fn finish(self, spoke: bool) -> Finish {
        match self {
            Self::Finish(finish) => finish,
            Self::Unclear if !spoke => Finish::ContentFilter,
            Self::Unclear | Self::Malformed | Self::Unsigned => Finish::Natural,
        }
    }
}

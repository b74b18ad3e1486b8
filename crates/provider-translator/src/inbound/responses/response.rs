//! The response that an answer is told in, whole or at the beginning and the end of a stream.

use llm_layers_wire::openai::{self, Usage};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{echo::Echo, items::Item};

#[derive(Serialize)]
pub(super) struct Response<'a> {
    pub(super) id: &'a str,
    pub(super) object: &'static str,
    pub(super) created_at: u64,
    pub(super) status: &'static str,
    pub(super) completed_at: Option<u64>,
    pub(super) error: Option<Error<'a>>,
    pub(super) incomplete_details: Option<IncompleteDetails>,
    pub(super) model: &'a str,
    pub(super) output: &'a [Item],
    pub(super) service_tier: Option<&'static str>,
    pub(super) usage: Option<ResponseUsage>,
    #[serde(flatten)]
    pub(super) echo: &'a Echo,
}

#[derive(Clone, Copy, Serialize)]
pub(super) struct IncompleteDetails {
    pub(super) reason: &'static str,
}

#[derive(Serialize)]
pub(super) struct ResponseUsage {
    input_tokens: u64,
    input_tokens_details: InputTokensDetails,
    output_tokens: u64,
    output_tokens_details: OutputTokensDetails,
    total_tokens: u64,
}

#[derive(Serialize)]
struct InputTokensDetails {
    cache_write_tokens: u64,
    cached_tokens: u64,
}

#[derive(Serialize)]
struct OutputTokensDetails {
    reasoning_tokens: u64,
}

impl ResponseUsage {
    pub(super) fn new(usage: &Usage) -> Self {
        let sum = usage.prompt_tokens.saturating_add(usage.completion_tokens);
        Self {
            input_tokens: usage.prompt_tokens,
            input_tokens_details: InputTokensDetails {
                cache_write_tokens: usage.cache_write_tokens(),
                cached_tokens: usage.cached_tokens(),
            },
            output_tokens: usage.completion_tokens,
            output_tokens_details: OutputTokensDetails { reasoning_tokens: usage.reasoning_tokens() },
            total_tokens: if usage.total_tokens == 0 { sum } else { usage.total_tokens },
        }
    }
}

/// Why a response failed.
#[derive(Serialize)]
pub(super) struct Error<'a> {
    code: &'static str,
    message: &'a str,
    param: Option<&'a str>,
    r#type: &'a str,
    /// What the provider itself has said; `code` has a few words only.
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_code: Option<&'a str>,
    #[serde(flatten)]
    more: &'a Map<String, Value>,
}

impl<'a> Error<'a> {
    pub(super) fn new(error: &'a openai::Error) -> Self {
        let says =
            |word: &str| error.kind.contains(word) || error.code.as_ref().is_some_and(|code| code.contains(word));
        let code = if says("rate_limit") || says("insufficient_quota") {
            "rate_limit_exceeded"
        } else if says("invalid_request") {
            "invalid_prompt"
        } else {
            "server_error"
        };
        Self {
            code,
            message: &error.message,
            param: error.param.as_deref(),
            r#type: &error.kind,
            upstream_code: error.code.as_deref(),
            more: &error.more,
        }
    }
}

/// The tier as OpenAI names it. Other providers have other names, which its clients refuse.
pub(super) fn service_tier(tier: &str) -> Option<&'static str> {
    ["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"].into_iter().find(|known| *known == tier)
}

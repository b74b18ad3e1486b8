//! Which class a failure is of, by its status and by the words that providers have for it.

use super::read::Said;
use crate::errors::Class;

/// By a status, and by what tells more than the status.
pub(super) fn of(status: u16, said: &Said) -> Class {
    let class = match status {
        // TGI's generation that failed, Azure's model behind it, Groq's client that it believes to be gone.
        424 | 499 => Class::Upstream,
        // Groq's flex capacity, used up; Cloudflare's and Together's overload.
        498 | 524 => Class::Overloaded,
        status => Class::of_status(status),
    };
    let may_say_more = matches!(status, 400 | 402 | 403 | 413 | 422 | 429 | 500 | 503);
    if may_say_more { words(said, status).unwrap_or(class) } else { class }
}

/// Where there is no status, or one of success.
pub(super) fn without_status(said: &Said) -> Class {
    if let Some(status) = said.status() {
        return of(status, said);
    }
    let word = |word: &str| has(&said.kind, word) || has(&said.code, word);
    words(said, 0).unwrap_or_else(|| match () {
        () if word("insufficient_quota") => Class::Quota,
        () if word("rate_limit") => Class::RateLimit,
        () if word("overloaded") => Class::Overloaded,
        () if word("timeout") => Class::Timeout,
        () if word("invalid_request") || word("validation") => Class::BadRequest,
        () => Class::Upstream,
    })
}

fn has(member: &Option<String>, word: &str) -> bool {
    member.as_deref().is_some_and(|member| member.contains(word))
}

fn words(said: &Said, status: u16) -> Option<Class> {
    let is = |words: &[&str]| {
        let one = |member: &Option<String>| member.as_deref().is_some_and(|member| words.contains(&member));
        one(&said.code) || one(&said.kind) || one(&said.reason)
    };
    let filtered = ["content_filter", "data_inspection_failed", "DataInspectionFailed", "content_policy_violation"];
    let spent = [
        "insufficient_quota",
        "exceeded_current_quota_error",
        "billing_hard_limit_reached",
        "billing_not_active",
        "budget_exceeded",
        "NOT_ENOUGH_BALANCE",
        "1113",
        "1008",
    ];
    // Zhipu's and MiniMax's are numbers; they are never statuses.
    match () {
        () if is(&filtered) || is(&["1301", "1026", "1027"]) => Some(Class::ContentFilter),
        () if is(&["context_length_exceeded", "exceed_context_size_error", "1261"]) => Some(Class::ContextLength),
        () if matches!(status, 400 | 413 | 422) && is_too_long(said) => Some(Class::ContextLength),
        // Together says so under 403.
        () if status == 403 && message(said).contains("`inputs` tokens + `max_new_tokens` must be") => {
            Some(Class::ContextLength)
        }
        // OpenRouter's moderation: what it has found.
        () if status == 403 && said.native.contains_key("reasons") => Some(Class::ContentFilter),
        () if is(&spent) => Some(Class::Quota),
        // xAI says so under 403.
        () if status == 403 && message(said).contains("used all available credits") => Some(Class::Quota),
        () if is(&["engine_overloaded_error"]) => Some(Class::Overloaded),
        () if is(&["1302", "1303", "1305", "1002", "1039"]) => Some(Class::RateLimit),
        () if is(&["1004"]) => Some(Class::Unauthenticated),
        () if is(&["1001"]) => Some(Class::Timeout),
        () if is(&["2013"]) => Some(Class::BadRequest),
        () => None,
    }
}

/// Servers of open models say it in words only. They are looked for where the status is of a bad request alone: a
/// message may quote a prompt.
fn is_too_long(said: &Said) -> bool {
    const WORDS: [&str; 10] = [
        "maximum context length",
        "context length",
        "context_length",
        "prompt is too long",
        "too many tokens",
        "exceeds the maximum number of tokens",
        "exceed context limit",
        "exceed_context_size",
        "input is too long",
        "`inputs` tokens + `max_new_tokens` must be",
    ];
    let message = message(said);
    WORDS.iter().any(|words| message.contains(words))
}

/// Whether it is a model that was not found, and no path, file or batch.
pub(super) fn is_of_a_model(class: Class, said: &Said) -> bool {
    let message = message(said);
    class == Class::NotFound
        && message.contains("model")
        && ["not found", "not exist", "no such", "unknown"].iter().any(|no| message.contains(no))
}

fn message(said: &Said) -> String {
    said.message.as_deref().unwrap_or_default().to_ascii_lowercase()
}

//! The only place that emits metrics and events.

use std::{sync::OnceLock, time::Duration};

use http::StatusCode;
use llm_layers_core::Operation;
use metrics::{Counter, SharedString, counter};

use crate::Provider;

fn name(provider: &Provider) -> SharedString {
    SharedString::from_shared(provider.shared_name().clone())
}

/// The counters of answers of one provider, looked up once each: a look-up for every call would cost more than
/// the counting. They count where the recorder of the first call is.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    counters: [[OnceLock<Counter>; CLASSES.len()]; Operation::COUNT],
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Answers {
    fn counter(&self, provider: &Provider, operation: Operation, status: StatusCode) -> Option<&Counter> {
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let counter = self.counters.get(operation.index())?.get(class)?;
        Some(counter.get_or_init(|| {
            counter!(
                "llm_translator_answers_total",
                "provider" => name(provider),
                "operation" => operation.as_str(),
                "status" => CLASSES.get(class).copied().unwrap_or_default(),
            )
        }))
    }
}

/// A provider's answer began, with its own status.
pub(crate) fn answered(provider: &Provider, operation: Operation, status: StatusCode) {
    if let Some(counter) = provider.answers().counter(provider, operation, status) {
        counter.increment(1);
    }
    if !status.is_success() {
        tracing::debug!(provider = provider.name(), operation = operation.as_str(), %status, "provider refused");
    }
}

/// A provider gave no answer.
pub(crate) fn unanswered(provider: &Provider, operation: Operation) {
    counter!(
        "llm_translator_unanswered_total",
        "provider" => name(provider),
        "operation" => operation.as_str(),
    )
    .increment(1);
}

/// A provider answered a call in its own words.
pub(crate) fn passed(provider: &Provider, status: StatusCode) {
    let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
    counter!(
        "llm_translator_passed_total",
        "provider" => name(provider),
        "status" => CLASSES.get(class).copied().unwrap_or_default(),
    )
    .increment(1);
}

/// A request was refused before any provider was asked.
pub(crate) fn refused(provider: &Provider, operation: Operation, status: StatusCode) {
    counter!(
        "llm_translator_refusals_total",
        "provider" => name(provider),
        "operation" => operation.as_str(),
        "status" => status.as_str().to_owned(),
    )
    .increment(1);
    tracing::debug!(provider = provider.name(), operation = operation.as_str(), %status, "request refused");
}

/// A key is out of use for what it was refused for. Which one is told by its number in the list.
pub(crate) fn key_set_aside(provider: &Provider, key: usize, reason: &'static str, length: Duration) {
    counter!(
        "llm_translator_keys_set_aside_total",
        "provider" => name(provider),
        "key" => key.to_string(),
        "reason" => reason,
    )
    .increment(1);
    let seconds = length.as_secs();
    tracing::warn!(provider = provider.name(), key, reason, seconds, "key set aside");
}

/// A key rests, as its provider asks for.
pub(crate) fn key_rests(provider: &Provider, key: usize, wait: Duration) {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(provider = provider.name(), key, millis, "key rests");
}

/// A stream broke the rules in some way; what was wrong is told by `kind`.
pub(crate) fn stream_failed(provider: &Provider, code: &str) {
    let code = known(code);
    counter!(
        "llm_translator_stream_failures_total",
        "provider" => name(provider),
        "code" => code,
    )
    .increment(1);
    tracing::debug!(provider = provider.name(), code, "stream failed");
}

/// A code of ours; what a provider made up becomes `other`, so that it can neither fill a log nor a metric's labels.
fn known(code: &str) -> &'static str {
    const CODES: [&str; 12] = [
        "content_filter",
        "context_length_exceeded",
        "insufficient_quota",
        "invalid_api_key",
        "model_not_found",
        "rate_limit_exceeded",
        "server_is_overloaded",
        "upstream_error",
        "upstream_incomplete_stream",
        "upstream_malformed_output",
        "upstream_protocol_error",
        "upstream_timeout",
    ];
    CODES.into_iter().find(|known| *known == code).unwrap_or("other")
}

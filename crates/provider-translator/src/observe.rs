//! The only place that emits metrics and events.

use http::StatusCode;
use llm_layers_core::Operation;
use metrics::{SharedString, counter};

use crate::Provider;

fn name(provider: &Provider) -> SharedString {
    SharedString::from_shared(provider.shared_name())
}

const fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// A provider's answer began, with its own status.
pub(crate) fn answered(provider: &Provider, operation: Operation, status: StatusCode) {
    counter!(
        "llm_translator_answers_total",
        "provider" => name(provider),
        "operation" => operation.as_str(),
        "status" => class(status),
    )
    .increment(1);
    if !status.is_success() {
        tracing::debug!(provider = provider.name(), operation = operation.as_str(), %status, "provider refused");
    }
}

/// A request was refused before any provider was asked.
pub(crate) fn refused(provider: &Provider, operation: Operation, status: StatusCode) {
    counter!(
        "llm_translator_refusals_total",
        "provider" => name(provider),
        "operation" => operation.as_str(),
        "status" => class(status),
    )
    .increment(1);
    tracing::debug!(provider = provider.name(), operation = operation.as_str(), %status, "request refused");
}

/// A stream broke the rules in some way; what was wrong is told by `kind`.
pub(crate) fn stream_failed(provider: &Provider, code: &str) {
    counter!(
        "llm_translator_stream_failures_total",
        "provider" => name(provider),
        "code" => code.to_owned(),
    )
    .increment(1);
    tracing::debug!(provider = provider.name(), code, "stream failed");
}

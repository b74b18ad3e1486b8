//! The only place that emits metrics and events. No value goes in here.

use llm_layers_core::Operation;
use metrics::counter;

use crate::{Action, ExternalError, Report};

/// Something was found.
pub(crate) fn found(report: &Report) {
    let operation = report.operation.map_or("other", Operation::as_str);
    let direction = report.direction.as_str();
    for found in report.found.iter() {
        counter!(
            "llm_pii_found_total",
            "entity" => found.entity.as_str().to_owned(),
            "action" => found.action.as_str(),
            "direction" => direction,
        )
        .increment(found.count);
    }
    let caller = report.caller.as_ref().map_or("", |caller| caller.name());
    if report.is_blocked() {
        counter!("llm_pii_blocked_total", "operation" => operation, "direction" => direction).increment(1);
        tracing::warn!(operation, direction, caller, found = %report, "personal data: the call was refused");
    } else {
        tracing::debug!(operation, direction, caller, found = %report, "personal data was found");
    }
}

/// An external detector has not answered as it should.
pub(crate) fn detector_failed(detector: &'static str, is_closed: bool, error: &ExternalError) {
    let consequence = if is_closed { "refused" } else { "skipped" };
    counter!("llm_pii_detector_failures_total", "detector" => detector, "consequence" => consequence).increment(1);
    tracing::warn!(detector, consequence, %error, "a detector of personal data has failed");
}

/// An image, sound or file passed unread, or was refused.
pub(crate) fn media(kind: &'static str, is_blocked: bool) {
    let action = if is_blocked { Action::Block } else { Action::Ignore };
    counter!("llm_pii_media_total", "kind" => kind, "action" => action.as_str()).increment(1);
}

//! The only place that emits metrics and events.

use llm_layers_core::{Deployment, Operation};
use metrics::counter;

use crate::Limit;

/// A limit has run out.
pub(crate) fn expired(limit: Limit, operation: Option<Operation>, deployment: Option<&Deployment>) {
    let operation = operation.map_or("other", Operation::as_str);
    let deployment = deployment.map_or("", Deployment::label);
    counter!(
        "llm_timeout_expired_total",
        "limit" => limit.as_str(),
        "operation" => operation,
        "deployment" => deployment.to_owned(),
    )
    .increment(1);
    tracing::warn!(limit = limit.as_str(), operation, deployment, "a call ran out of time");
}

/// A request asked for a time that is none.
pub(crate) fn refused() {
    counter!("llm_timeout_refusals_total").increment(1);
}

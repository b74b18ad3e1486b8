//! The only place that emits metrics and events.

use std::sync::Arc;

use metrics::{SharedString, counter};

use crate::pin::Pin;

/// A host shows other keys than before.
pub(crate) struct Change<'c> {
    pub(crate) host: &'c Arc<str>,
    pub(crate) before: &'c [Pin],
    pub(crate) now: &'c [Pin],
    /// Whether the chain is none of the last few.
    pub(crate) is_new: bool,
}

pub(crate) fn chain_changed(change: &Change<'_>) {
    let Change { host, before, now, is_new } = *change;
    counter!("llm_egress_chain_changes_total", "host" => SharedString::from_shared(Arc::clone(host))).increment(1);
    let issuers_changed = before.get(1..) != now.get(1..);
    let host = host.as_ref();
    if is_new {
        tracing::warn!(host, issuers_changed, ?before, ?now, "certificate chain changed");
    } else {
        tracing::debug!(host, issuers_changed, ?before, ?now, "certificate chain changed back to an earlier one");
    }
}

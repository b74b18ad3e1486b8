//! The only place that emits metrics and events.

use std::{sync::Arc, time::Duration};

use metrics::{SharedString, counter, gauge};

use crate::away::Reason;

pub(crate) struct Observe {
    server: Arc<str>,
}

impl Observe {
    pub(crate) fn new(server: &str) -> Self {
        Self { server: Arc::from(server) }
    }

    fn server(&self) -> SharedString {
        SharedString::from_shared(Arc::clone(&self.server))
    }

    /// A call got no answer, or a refusal.
    pub(crate) fn failed(&self, reason: Reason) {
        counter!("llm_redis_errors_total", "server" => self.server(), "reason" => reason.as_str()).increment(1);
        tracing::debug!(server = &*self.server, reason = reason.as_str(), "a call of Redis failed");
    }

    /// It is away, or still is.
    pub(crate) fn gone(&self, reason: Reason, cool_down: Duration) {
        gauge!("llm_redis_away", "server" => self.server()).set(1.0);
        tracing::warn!(server = &*self.server, reason = reason.as_str(), ?cool_down, "Redis is away");
    }

    /// It answers again.
    pub(crate) fn back(&self) {
        gauge!("llm_redis_away", "server" => self.server()).set(0.0);
        tracing::info!(server = &*self.server, "Redis is back");
    }
}

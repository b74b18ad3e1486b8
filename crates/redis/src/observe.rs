//! The only place that emits metrics and events.

use std::sync::Arc;

use metrics::{SharedString, counter, gauge};

use crate::{away::Reason, health::Change};

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

    /// It is away, or still is. Who reads the log is warned once, however long it takes.
    pub(crate) fn gone(&self, reason: Reason, change: Change) {
        let (server, reason) = (&*self.server, reason.as_str());
        gauge!("llm_redis_away", "server" => self.server()).set(1.0);
        match change {
            Change::Gone(cool_down) => tracing::warn!(server, reason, ?cool_down, "Redis is away"),
            _ => tracing::debug!(server, reason, ?change, "Redis is still away"),
        }
    }

    /// It answers again.
    pub(crate) fn back(&self) {
        gauge!("llm_redis_away", "server" => self.server()).set(0.0);
        tracing::info!(server = &*self.server, "Redis is back");
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, PoisonError},
        time::Duration,
    };

    use tracing::{Event, Level, Metadata, Subscriber, span};

    use super::*;

    /// The levels of all events.
    #[derive(Clone, Default)]
    struct Levels(Arc<Mutex<Vec<Level>>>);

    impl Subscriber for Levels {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn event(&self, event: &Event<'_>) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(*event.metadata().level());
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    #[test]
    fn who_reads_the_log_is_warned_once() {
        let levels = Levels::default();
        tracing::subscriber::with_default(levels.clone(), || {
            let (observe, cool_down) = (Observe::new("server"), Duration::from_secs(5));
            observe.gone(Reason::TimedOut, Change::Gone(cool_down));
            observe.gone(Reason::Unreachable, Change::StillGone(cool_down));
            observe.gone(Reason::Unreachable, Change::StillGone(cool_down));
            observe.back();
        });
        let told: Vec<_> = levels.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert_eq!(told, [Level::WARN, Level::DEBUG, Level::DEBUG, Level::INFO]);
    }
}

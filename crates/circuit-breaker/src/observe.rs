//! The only place that emits metrics and events.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use llm_layers_core::Deployment;
use metrics::{Counter, SharedString, counter, gauge};

use crate::{Change, State, Verdict, key::Key};

/// What became of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Success,
    Failure,
    Ignored,
    Cancelled,
    Refused,
}

impl Outcome {
    const COUNT: usize = 5;

    pub(crate) const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Success => Self::Success,
            Verdict::Failure(_) | Verdict::Auth(_) => Self::Failure,
            Verdict::Ignore => Self::Ignored,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Ignored => "ignored",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
        }
    }
}

/// How many labels have been given to keys that strangers may have made up. A recorder forgets none.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    given: AtomicU32,
}

const MAX_LABELS: u32 = 100;
const OTHER: SharedString = SharedString::const_str("other");

/// What a breaker is called in metrics.
struct Label {
    text: SharedString,
    /// No other is called so: of several a gauge would tell now this one's state and now that one's.
    is_own: bool,
}

impl Label {
    fn state(&self, state: f64) {
        if self.is_own {
            gauge!("llm_circuit_state", "deployment" => self.text.clone()).set(state);
        }
    }
}

impl Labels {
    fn of(&self, key: &Key<'_>) -> Label {
        let is_known = key.deployment().is_some_and(Deployment::is_configured);
        if is_known || key.deployment().is_none() && self.given.fetch_add(1, Ordering::Relaxed) < MAX_LABELS {
            return Label { text: SharedString::from_owned(key.name().to_owned()), is_own: true };
        }
        if let Some(deployment) = key.deployment() {
            return Label { text: SharedString::from_owned(deployment.label().to_owned()), is_own: false };
        }
        // So that it never comes to its end.
        self.given.store(MAX_LABELS, Ordering::Relaxed);
        Label { text: OTHER, is_own: false }
    }
}

/// Tells of one breaker. Its counters are looked up once: a look-up for every call would cost more than the counting.
pub(crate) struct Observer {
    label: Label,
    calls: [OnceLock<Counter>; Outcome::COUNT],
}

impl Observer {
    pub(crate) fn new(labels: &Labels, key: &Key<'_>) -> Self {
        let label = labels.of(key);
        label.state(0.0);
        Self { label, calls: Default::default() }
    }

    /// A call is over.
    pub(crate) fn ended(&self, outcome: Outcome) {
        let Some(counter) = self.calls.get(outcome as usize) else { return };
        let label = || self.label.text.clone();
        counter
            .get_or_init(|| counter!("llm_circuit_calls_total", "deployment" => label(), "outcome" => outcome.as_str()))
            .increment(1);
    }

    /// The breaker is dropped: a gauge that nobody sets would tell of it for ever.
    pub(crate) fn forgotten(&self) {
        self.label.state(0.0);
    }

    /// The breaker has changed its state.
    pub(crate) fn changed(&self, change: &Change) {
        let state = match change.to {
            State::Closed => 0.0,
            State::Recovering => 1.0,
            State::HalfOpen => 2.0,
            State::Open => 3.0,
        };
        self.label.state(state);
        if change.to == State::Open && change.from != State::Open {
            let (label, reason) = (self.label.text.clone(), change.reason.map_or("", |reason| reason.as_str()));
            counter!("llm_circuit_openings_total", "deployment" => label, "reason" => reason).increment(1);
        }
    }

    /// The breaker has changed its state. Not for under a lock: a subscriber may write to a slow terminal.
    pub(crate) fn log(&self, change: &Change) {
        let Change { from, to, counts, .. } = change;
        let (from, state) = (from.as_str(), to.as_str());
        let reason = change.reason.map_or("", |reason| reason.as_str());
        if *to == State::Open {
            let seconds = change.until.map(|until| until.saturating_duration_since(change.at).as_secs_f64());
            let (calls, failures) = (counts.calls, counts.failures);
            tracing::warn!(deployment = &*self.label.text, from, reason, seconds, calls, failures, "circuit opened");
        } else {
            tracing::info!(deployment = &*self.label.text, from, state, reason, "circuit changed");
        }
    }
}

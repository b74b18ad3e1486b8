use std::{sync::Arc, time::Duration};

use llm_layers_wire::sse;
use tower_layer::Layer;

use crate::EnforceDeadline;

/// Bounds how long a whole call may take, retries and fallbacks included.
///
/// The time is the client's (`x-llm-timeout`: seconds such as `30` and `1.5`, or `500ms`, `2m`, `1h`), up to a greatest
/// one, else the layer's own; an earlier [`Deadline`](llm_layers_core::Deadline) that the request carries already holds.
/// Layers below find the deadline in the request, and the header gone.
#[derive(Clone, Debug)]
pub struct DeadlineLayer {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) default: Option<Duration>,
    pub(super) max: Option<Duration>,
    pub(super) sse_limits: sse::Limits,
    pub(super) all_requests: bool,
}

impl DeadlineLayer {
    pub(crate) const DEFAULT: Duration = Duration::from_secs(600);
    pub(crate) const MAX: Duration = Duration::from_secs(1800);

    /// A layer with this time for calls that name none; `None` gives these the longest time that may be asked for.
    #[must_use]
    pub fn new(default: impl Into<Option<Duration>>) -> Self {
        let default = default.into();
        let max = Some(default.unwrap_or_default().max(Self::MAX));
        let settings = Settings { default, max, sse_limits: sse::Limits::DEFAULT, all_requests: false };
        Self { settings: Arc::new(settings) }
    }

    /// Sets the longest time that a client may ask for: who asks for more gets so much. It bounds the layer's own, too.
    /// Default 30 min, or the layer's own where that is longer; `None` is no bound.
    #[must_use]
    pub fn max(self, time: impl Into<Option<Duration>>) -> Self {
        let time = time.into();
        self.set(|settings| settings.max = time)
    }

    /// Sets the bounds on lines and events of streams. Default 1 MiB and 4 MiB.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.sse_limits = limits)
    }

    /// Sets whether calls that no [`Operation`](llm_layers_core::Operation) knows have a deadline as well. Default
    /// `false`: they pass with their headers as they are.
    #[must_use]
    pub fn all_requests(self, yes: bool) -> Self {
        self.set(|settings| settings.all_requests = yes)
    }

    /// The longest that a call may take; `None` where that has no bound.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        self.settings.max
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Settings {
    /// The time for a call that asks for so much.
    pub(super) fn time(&self, asked: Option<Duration>) -> Option<Duration> {
        let time = asked.or(self.default);
        match (time, self.max) {
            (Some(time), Some(max)) => Some(time.min(max)),
            (time, max) => time.or(max),
        }
    }
}

/// Ten minutes, at most thirty.
impl Default for DeadlineLayer {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = EnforceDeadline<S>;

    fn layer(&self, inner: S) -> EnforceDeadline<S> {
        EnforceDeadline::new(inner, Arc::clone(&self.settings))
    }
}

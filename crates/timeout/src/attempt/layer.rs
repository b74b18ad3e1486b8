use std::{fmt, sync::Arc};

use http::request::Parts;
use llm_layers_wire::sse;
use tower_layer::Layer;

use crate::{Limits, Timeout};

/// Bounds how long one attempt may take, from its first byte to its last. See the [crate](crate) for what is measured.
///
/// It belongs below retry and circuit breaker: its failures are a provider's.
#[derive(Clone, Debug)]
pub struct TimeoutLayer {
    settings: Arc<Settings>,
}

type LimitsFor = dyn Fn(&Parts) -> Option<Limits> + Send + Sync;

#[derive(Clone)]
pub(super) struct Settings {
    limits: Limits,
    limits_for: Option<Arc<LimitsFor>>,
    pub(super) sse_limits: sse::Limits,
    pub(super) all_requests: bool,
}

impl TimeoutLayer {
    /// A layer with these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let settings = Settings { limits, limits_for: None, sse_limits: sse::Limits::DEFAULT, all_requests: false };
        Self { settings: Arc::new(settings) }
    }

    /// Sets limits that depend on the request: on its [`Deployment`](llm_layers_core::Deployment), say, or a header.
    /// `None` leaves those of the layer in force.
    #[must_use]
    pub fn limits_for(self, limits: impl Fn(&Parts) -> Option<Limits> + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.limits_for = Some(Arc::new(limits)))
    }

    /// Sets the bounds on lines and events of streams. Default 1 MiB and 4 MiB.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.sse_limits = limits)
    }

    /// Sets whether calls that no [`Operation`](llm_layers_core::Operation) knows have limits as well. Default `false`.
    ///
    /// Of such a call even a stream of events breaks off: what an error looks like in it is not known.
    #[must_use]
    pub fn all_requests(self, yes: bool) -> Self {
        self.set(|settings| settings.all_requests = yes)
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Settings {
    pub(super) const fn depends_on_request(&self) -> bool {
        self.limits_for.is_some()
    }

    pub(super) fn limits(&self, request: &Parts) -> Limits {
        self.limits_for.as_ref().and_then(|limits| limits(request)).unwrap_or(self.limits)
    }

    pub(super) const fn default_limits(&self) -> Limits {
        self.limits
    }
}

/// With the [default limits](Limits::default).
impl Default for TimeoutLayer {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl From<Limits> for TimeoutLayer {
    fn from(limits: Limits) -> Self {
        Self::new(limits)
    }
}

impl<S> Layer<S> for TimeoutLayer {
    type Service = Timeout<S>;

    fn layer(&self, inner: S) -> Timeout<S> {
        Timeout::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("limits", &self.limits)
            .field("limits_for", &self.limits_for.is_some())
            .field("sse_limits", &self.sse_limits)
            .field("all_requests", &self.all_requests)
            .finish()
    }
}

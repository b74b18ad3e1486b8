use std::{borrow::Cow, fmt, sync::Arc};

use http::Request;
use llm_layers_core::Body;
use tower_layer::Layer;

use crate::{Breakers, ByKind, Classify, Rules, key::KeyBy, service::CircuitBreaker};

/// A circuit breaker for each deployment. See the [crate](crate) for what it does.
///
/// Clones, and all services that it is put around, share the breakers.
#[derive(Clone)]
pub struct CircuitBreakerLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) breakers: Breakers,
    pub(crate) classify: Arc<dyn Classify>,
    pub(crate) key_by: Option<Arc<KeyBy>>,
}

impl CircuitBreakerLayer {
    /// A layer with these rules.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self::of(Breakers::new(rules))
    }

    /// A layer over breakers that others may share.
    #[must_use]
    pub fn of(breakers: Breakers) -> Self {
        Self { settings: Arc::new(Settings { breakers, classify: Arc::new(ByKind::default()), key_by: None }) }
    }

    /// Sets what tells successes from failures. Default [`ByKind`].
    #[must_use]
    pub fn classify(mut self, classify: impl Classify) -> Self {
        Arc::make_mut(&mut self.settings).classify = Arc::new(classify);
        self
    }

    /// Sets what says which breaker is a request's. For `None` it is that of its deployment or authority.
    ///
    /// ```
    /// use llm_layers_circuit_breaker::CircuitBreakerLayer;
    ///
    /// let layer = CircuitBreakerLayer::default()
    ///     .key_by(|request| Some(request.headers().get("x-region")?.to_str().ok()?.into()));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn key_by<F>(mut self, key_by: F) -> Self
    where
        F: for<'a> Fn(&'a Request<Body>) -> Option<Cow<'a, str>> + Send + Sync + 'static,
    {
        Arc::make_mut(&mut self.settings).key_by = Some(Arc::new(key_by));
        self
    }

    /// The breakers: to see, watch and steer them.
    #[must_use]
    pub fn breakers(&self) -> Breakers {
        self.settings.breakers.clone()
    }
}

/// With the default [`Rules`].
impl Default for CircuitBreakerLayer {
    fn default() -> Self {
        Self::new(Rules::default())
    }
}

impl<S> Layer<S> for CircuitBreakerLayer {
    type Service = CircuitBreaker<S>;

    fn layer(&self, inner: S) -> CircuitBreaker<S> {
        CircuitBreaker::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for CircuitBreakerLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreakerLayer").field("breakers", &self.settings.breakers).finish_non_exhaustive()
    }
}

use http::request::Parts;
use llm_layers_core::Unavailable;

use crate::{
    Key, Namespace, Purge, Stats, Tenant,
    layer::{Settings, Shared},
};

/// A cache, to look at and to purge from beside its calls.
///
/// ```
/// use llm_layers_cache::{CacheLayer, Purge};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let layer = CacheLayer::default();
/// let cache = layer.handle();
/// let forgotten = cache.purge(Purge::Tenant(cache.tenant("team-a"))).await?;
/// assert_eq!((forgotten, cache.stats().hits), (Some(0), 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CacheHandle {
    shared: Shared,
}

impl CacheHandle {
    pub(crate) const fn new(shared: Shared) -> Self {
        Self { shared }
    }

    /// What the cache has done since it was made.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.state.counters.stats(self.shared.settings.store.size())
    }

    /// Forgets entries, and says how many, where that is known. Answers under way are kept when they are there.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn purge(&self, what: Purge) -> Result<Option<u64>, Unavailable> {
        let Shared { settings, state } = &self.shared;
        let purged = settings.store.purge(&what).get().await;
        // Questions lead to nothing then: who asks for this waits for the answers alone.
        #[cfg(feature = "semantic")]
        if let Some(semantic) = &settings.semantic {
            semantic.purge(what, &state.background);
        }
        #[cfg(not(feature = "semantic"))]
        let _ = state;
        purged
    }

    /// The tenant of this name: that of a [`Caller`](llm_layers_core::Caller), or that which the layer's
    /// [function](crate::CacheLayer::tenant_by) names so.
    #[must_use]
    pub fn tenant(&self, name: &str) -> Tenant {
        let Settings { tenant, keyring, .. } = &*self.shared.settings;
        keyring.tenant(&tenant.called(name))
    }

    /// The tenant whose this request is; `None` for one that is not cached.
    #[must_use]
    pub fn tenant_of(&self, head: &Parts) -> Option<Tenant> {
        let Settings { tenant, keyring, .. } = &*self.shared.settings;
        Some(keyring.tenant(&tenant.name(head)?))
    }

    /// The namespace of this name; the empty one is that of requests which name none.
    #[must_use]
    pub fn namespace(&self, name: &str) -> Namespace {
        self.shared.settings.keyring.namespace(name)
    }

    /// The key that `x-llm-cache-key` has told this tenant, in this namespace. `None` if it is no key.
    #[must_use]
    pub fn key(&self, tenant: Tenant, namespace: Namespace, told: &str) -> Option<Key> {
        Key::told(tenant, namespace, told)
    }

    /// Waits until what is on its way to the store has arrived: before the process ends.
    pub async fn flush(&self) {
        self.shared.state.background.flush().await;
    }
}

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use http::request::Parts;
use llm_layers_core::{Clock, Secret};
use llm_layers_wire::{json, sse};
use tower_layer::Layer;

#[cfg(feature = "semantic")]
use crate::Semantic;
use crate::{
    Admission, Cache, CacheHandle, MemoryStore, Store, background::Background, flight::Flights, key::Keyring,
    observe::Counters, tenant::TenantBy,
};

/// Answers the same request twice for the price of one.
///
/// By default answers are kept for 10 minutes in 256 MiB of memory, for each caller apart. See the [crate](crate) for
/// examples.
#[derive(Clone, Debug)]
pub struct CacheLayer {
    shared: Shared,
}

/// What all clones of a layer, and all of its services, share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Arc<Settings>,
    pub(crate) state: Arc<State>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Keyring,
    pub(crate) tenant: TenantBy,
    pub(crate) admission: Admission,
    pub(crate) ttl: Duration,
    pub(crate) max_ttl: Duration,
    pub(crate) stale_while_revalidate: Duration,
    pub(crate) stale_if_error: Duration,
    pub(crate) coalesce: bool,
    pub(crate) pace: Option<Duration>,
    pub(crate) piece_chars: usize,
    pub(crate) max_entry: usize,
    pub(crate) limits: json::Limits,
    pub(crate) sse_limits: sse::Limits,
    pub(crate) clock: Clock,
    #[cfg(feature = "semantic")]
    pub(crate) semantic: Option<Semantic>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) flights: Flights,
    pub(crate) background: Background,
    pub(crate) counters: Counters,
}

impl CacheLayer {
    /// A cache of what is kept here.
    #[must_use]
    pub fn new(store: impl Store) -> Self {
        Self::default().store(store)
    }

    /// Where answers are kept. Default: 256 MiB of [memory](MemoryStore).
    #[must_use]
    pub fn store(self, store: impl Store) -> Self {
        self.set(|settings| settings.store = Arc::new(store))
    }

    /// How long an answer is fresh, where its request does not say. Default 10 minutes.
    #[must_use]
    pub fn ttl(self, time: Duration) -> Self {
        self.set(|settings| settings.ttl = time)
    }

    /// The longest time that a request may ask for by `x-llm-cache-ttl`. Default 7 days.
    #[must_use]
    pub fn max_ttl(self, time: Duration) -> Self {
        self.set(|settings| settings.max_ttl = time)
    }

    /// For how long an answer that is no longer fresh is given at once, while a new one is asked for. Default 0.
    #[must_use]
    pub fn stale_while_revalidate(self, time: Duration) -> Self {
        self.set(|settings| settings.stale_while_revalidate = time)
    }

    /// For how long an answer that is no longer fresh is given where a new one cannot be had. Default 0.
    #[must_use]
    pub fn stale_if_error(self, time: Duration) -> Self {
        self.set(|settings| settings.stale_if_error = time)
    }

    /// Who is a tenant: only requests of the same share answers. `None` is not cached. Default: the
    /// [`Caller`](llm_layers_core::Caller) where there is one, or else the credentials of the request.
    #[must_use]
    pub fn tenant_by(self, name: impl Fn(&Parts) -> Option<Cow<'_, str>> + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.tenant = TenantBy::Function(Arc::new(name)))
    }

    /// All share answers with all. What somebody asks, and when, can then be found out by whoever asks the same.
    #[must_use]
    pub fn shared(self) -> Self {
        self.set(|settings| settings.tenant = TenantBy::Shared)
    }

    /// Which requests are cached. Default: [all that depend on nothing but themselves](Admission).
    #[must_use]
    pub fn admission(self, admission: Admission) -> Self {
        self.set(|settings| settings.admission = admission)
    }

    /// The secret of the keys that entries are kept by: who has it not cannot tell by a key what was asked. Replicas that
    /// share a store must have the same. Default: drawn by chance for this layer, so that what another process has kept is
    /// not found.
    #[must_use]
    pub fn secret(self, secret: &Secret) -> Self {
        self.set(|settings| settings.keyring = settings.keyring.clone().with_secret(secret))
    }

    /// Another member of requests that does not change the answer, beside `stream`, `user` and the like.
    #[must_use]
    pub fn ignore_member(self, name: impl Into<Box<str>>) -> Self {
        self.set(|settings| settings.keyring.ignore(name.into()))
    }

    /// A member of requests that does change the answer, although by default it is said not to.
    #[must_use]
    pub fn heed_member(self, name: &str) -> Self {
        self.set(|settings| settings.keyring.heed(name))
    }

    /// Whether equal calls at the same time are one call. Default `true`.
    #[must_use]
    pub fn coalesce(self, yes: bool) -> Self {
        self.set(|settings| settings.coalesce = yes)
    }

    /// The time between two events of a stream that is told from the cache. Default `None`: as fast as it is read.
    #[must_use]
    pub fn pace(self, time: impl Into<Option<Duration>>) -> Self {
        self.set(|settings| settings.pace = time.into().filter(|time| !time.is_zero()))
    }

    /// The characters of text in one event of such a stream, at least 1. Default 64.
    #[must_use]
    pub fn piece_chars(self, chars: usize) -> Self {
        self.set(|settings| settings.piece_chars = chars.max(1))
    }

    /// The longest answer that is kept, and the most that is remembered of one under way for those who join late, in
    /// bytes. Default 4 MiB.
    #[must_use]
    pub fn max_entry(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_entry = bytes)
    }

    /// The bounds on a request's body. Default [`json::Limits::DEFAULT`]: 16 MiB; what is longer is a 413.
    #[must_use]
    pub fn limits(self, limits: json::Limits) -> Self {
        self.set(|settings| settings.limits = limits)
    }

    /// The bounds on lines and events of streams. Default 1 MiB and 4 MiB.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.sse_limits = limits)
    }

    /// The time of day, for ages. Default: the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.set(|settings| settings.clock = clock)
    }

    /// Also answers questions that mean the same. Default: off.
    #[cfg(feature = "semantic")]
    #[must_use]
    pub fn semantic(self, semantic: impl Into<Option<Semantic>>) -> Self {
        self.set(|settings| settings.semantic = semantic.into())
    }

    /// Changes how questions that mean the same are found, if they are looked for at all.
    #[cfg(feature = "semantic")]
    #[must_use]
    pub fn map_semantic(self, change: impl FnOnce(Semantic) -> Semantic) -> Self {
        self.set(|settings| settings.semantic = settings.semantic.take().map(change))
    }

    /// To look at the cache, and to purge from it, beside its calls.
    #[must_use]
    pub fn handle(&self) -> CacheHandle {
        CacheHandle::new(self.shared.clone())
    }

    /// What is set, to be compared in tests.
    #[cfg(all(test, feature = "serde", feature = "semantic"))]
    pub(crate) fn to_settings(&self) -> String {
        format!("{:?}", self.shared.settings)
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.shared.settings));
        self
    }
}

impl Default for CacheLayer {
    fn default() -> Self {
        let settings = Settings::default();
        Self { shared: Shared { settings: Arc::new(settings), state: Arc::default() } }
    }
}

impl Default for Settings {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            store: Arc::new(MemoryStore::default()),
            keyring: Keyring::default(),
            tenant: TenantBy::default(),
            admission: Admission::default(),
            ttl: 10 * MINUTE,
            max_ttl: 7 * 24 * 60 * MINUTE,
            stale_while_revalidate: Duration::ZERO,
            stale_if_error: Duration::ZERO,
            coalesce: true,
            pace: None,
            piece_chars: 64,
            max_entry: 4 << 20,
            limits: json::Limits::DEFAULT,
            sse_limits: sse::Limits::DEFAULT,
            clock: Clock::system(),
            #[cfg(feature = "semantic")]
            semantic: None,
        }
    }
}

impl Settings {
    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.clock.unix_millis()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings = f.debug_struct("Settings");
        #[cfg(feature = "semantic")]
        settings.field("semantic", &self.semantic);
        settings
            .field("store", &self.store)
            .field("tenant", &self.tenant)
            .field("admission", &self.admission)
            .field("ttl", &self.ttl)
            .field("max_ttl", &self.max_ttl)
            .field("stale_while_revalidate", &self.stale_while_revalidate)
            .field("stale_if_error", &self.stale_if_error)
            .field("coalesce", &self.coalesce)
            .field("pace", &self.pace)
            .field("piece_chars", &self.piece_chars)
            .field("max_entry", &self.max_entry)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for CacheLayer {
    type Service = Cache<S>;

    fn layer(&self, inner: S) -> Cache<S> {
        Cache::new(inner, self.shared.clone())
    }
}

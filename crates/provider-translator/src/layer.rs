use std::{fmt, sync::Arc};

use foldhash::HashMap;
use llm_layers_core::{Clock, Rng};
use llm_layers_wire::{json, sse};
use tower_layer::Layer;

use crate::{Provider, memory::Memory, service::Translator};

/// OpenAI's API in, any provider out. See the [crate] for what it does.
///
/// Cloning it shares the settings.
#[derive(Clone)]
pub struct TranslatorLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    /// The first is for requests that name no deployment.
    pub(crate) providers: Vec<Arc<Provider>>,
    by_name: HashMap<Arc<str>, Arc<Provider>>,
    pub(crate) request_limits: json::Limits,
    pub(crate) max_response: usize,
    pub(crate) sse_limits: sse::Limits,
    pub(crate) default_max_tokens: u32,
    pub(crate) clock: Clock,
    pub(crate) rng: Rng,
    pub(crate) memory: Memory,
}

impl Settings {
    pub(crate) fn provider(&self, name: &str) -> Option<&Arc<Provider>> {
        self.by_name.get(name)
    }
}

impl TranslatorLayer {
    /// A layer for one provider, to which every request goes.
    #[must_use]
    pub fn new(provider: Provider) -> Self {
        Self::of([provider])
    }

    /// A layer for several providers. A request's [`Deployment`](llm_layers_core::Deployment) says which is to
    /// answer; one without goes to the first. Of two providers of one name the later counts.
    #[must_use]
    pub fn of(providers: impl IntoIterator<Item = Provider>) -> Self {
        let providers: Vec<_> = providers.into_iter().map(Arc::new).collect();
        let by_name = providers.iter().map(|provider| (provider.shared_name().clone(), Arc::clone(provider))).collect();
        Self {
            settings: Arc::new(Settings {
                providers,
                by_name,
                request_limits: json::Limits::DEFAULT,
                max_response: 32 << 20,
                sse_limits: sse::Limits::DEFAULT,
                default_max_tokens: 4096,
                clock: Clock::system(),
                rng: Rng::new(),
                memory: Memory::new(16 << 20),
            }),
        }
    }

    /// Sets the longest request that is read, in bytes. Default 16 MiB; beyond it the answer is a 413.
    #[must_use]
    pub fn max_request(self, bytes: usize) -> Self {
        self.set(|settings| settings.request_limits.max_bytes = bytes)
    }

    /// Sets the longest answer that is read whole, in bytes. Default 32 MiB; beyond it the answer is a 502.
    ///
    /// Answers that need no translation are not read, and streams are not held.
    #[must_use]
    pub fn max_response(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_response = bytes)
    }

    /// Sets the bounds on lines and events of streams.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.sse_limits = limits)
    }

    /// Sets the `max_tokens` of a request that names none, for providers that demand it. Default 4096.
    #[must_use]
    pub fn default_max_tokens(self, tokens: u32) -> Self {
        self.set(|settings| settings.default_max_tokens = tokens)
    }

    /// Sets how much is remembered of the reasoning that led to calls, in bytes. Default 16 MiB; 0 switches it off.
    ///
    /// Some providers demand it back with a call's result, and some clients do not keep it.
    #[must_use]
    pub fn max_memory(self, bytes: usize) -> Self {
        self.set(|settings| settings.memory = Memory::new(bytes))
    }

    /// Sets the clock of `created`.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.set(|settings| settings.clock = clock)
    }

    /// Sets the chance that ids are made of.
    #[must_use]
    pub fn rng(self, rng: Rng) -> Self {
        self.set(|settings| settings.rng = rng)
    }

    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }
}

impl<S> Layer<S> for TranslatorLayer {
    type Service = Translator<S>;

    fn layer(&self, inner: S) -> Translator<S> {
        Translator::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for TranslatorLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TranslatorLayer").field("providers", &self.settings.providers).finish_non_exhaustive()
    }
}

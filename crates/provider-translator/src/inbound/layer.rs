use std::{fmt, sync::Arc};

use llm_layers_core::{Clock, Operation, Rng};
use llm_layers_wire::{json, sse};
use tower_layer::Layer;

use super::InboundTranslator;

/// Anthropic's Messages, OpenAI's Responses and old Completions in, chat completions to the layers below.
///
/// The outermost layer of a stack whose others speak chat completions. Every other call passes untouched.
///
/// ```
/// use llm_layers_core::Operation;
/// use llm_layers_provider_translator::{InboundLayer, Provider, TranslatorLayer};
/// use tower::ServiceBuilder;
///
/// # let client = tower::service_fn(|_: http::Request<llm_layers_core::Body>| async {
/// #     Ok::<_, std::convert::Infallible>(http::Response::new(llm_layers_core::Body::empty()))
/// # });
/// let service = ServiceBuilder::new()
///     // What OpenAI serves itself is better asked of it directly.
///     .layer(InboundLayer::new().native(|operation, _model| operation == Operation::Response))
///     .layer(TranslatorLayer::new(Provider::openai("https://api.openai.com/v1")?))
///     .service(client);
/// # let _ = service;
/// # Ok::<(), llm_layers_provider_translator::ProviderError>(())
/// ```
///
/// Cloning it shares the settings.
#[derive(Clone)]
pub struct InboundLayer {
    settings: Arc<Settings>,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) native: Option<Native>,
    pub(super) request_limits: json::Limits,
    pub(super) max_response: usize,
    pub(super) sse_limits: sse::Limits,
    pub(super) clock: Clock,
    pub(super) rng: Rng,
}

type Native = Arc<dyn Fn(Operation, &str) -> bool + Send + Sync>;

impl InboundLayer {
    /// A layer that translates messages and responses, and lets completions pass.
    #[must_use]
    pub fn new() -> Self {
        Self {
            settings: Arc::new(Settings {
                native: None,
                request_limits: json::Limits::DEFAULT,
                max_response: 32 << 20,
                sse_limits: sse::Limits::DEFAULT,
                clock: Clock::system(),
                rng: Rng::new(),
            }),
        }
    }

    /// Decides, by the operation and the `model` that is asked for, whether the provider behind takes a call in the
    /// shape that it came in: it then passes untouched. Asked for messages, responses and completions.
    ///
    /// Default: completions always, messages and responses never.
    #[must_use]
    pub fn native(self, is_native: impl Fn(Operation, &str) -> bool + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.native = Some(Arc::new(is_native)))
    }

    /// Sets the longest request that is read, in bytes. Default 16 MiB; beyond it the answer is a 413.
    #[must_use]
    pub fn max_request(self, bytes: usize) -> Self {
        self.set(|settings| settings.request_limits.max_bytes = bytes)
    }

    /// Sets the longest answer that is read whole, in bytes. Default 32 MiB; beyond it the answer is a 502.
    ///
    /// Streams are not held.
    #[must_use]
    pub fn max_response(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_response = bytes)
    }

    /// Sets the bounds on lines and events of streams.
    #[must_use]
    pub fn sse_limits(self, limits: sse::Limits) -> Self {
        self.set(|settings| settings.sse_limits = limits)
    }

    /// Sets the clock of times in answers.
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

impl Default for InboundLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for InboundLayer {
    type Service = InboundTranslator<S>;

    fn layer(&self, inner: S) -> InboundTranslator<S> {
        InboundTranslator::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for InboundLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundLayer").finish_non_exhaustive()
    }
}

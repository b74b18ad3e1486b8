//! The layers, put together for one configuration.

mod caller;
mod models;
mod route;
mod upstream;

use std::{convert::Infallible, fmt, pin::Pin};

use http::{HeaderMap, Request, Response};
use llm_layers_core::{Body, ErrorToResponse, ErrorToResponseLayer, Failure};
use llm_layers_provider_translator::{ApiVersion, Provider, ProviderError, Translator, TranslatorLayer};
use tower_layer::Layer;
use tower_service::Service;

use self::{caller::Callers, models::Models, route::Route, upstream::Upstream};
use crate::config::{self, Config};

pub use self::upstream::TlsError;

/// From a model's name to its provider's answer. Cloning it shares everything.
type Layers = Route<Translator<ErrorToResponse<Upstream>>>;

/// All that is made of a configuration to serve it.
#[derive(Clone)]
pub struct Stack {
    layers: Layers,
    callers: Callers,
    models: Models,
}

/// An answer, or what it will be.
pub enum Answer {
    /// It is there.
    Made(Response<Body>),
    /// It is to be waited for.
    Coming(Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>),
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Made(_) => "Made",
            Self::Coming(_) => "Coming",
        })
    }
}

/// A configuration that is right by itself and cannot be served.
#[derive(Debug)]
pub enum Error {
    /// A provider cannot be called as it is described.
    Provider(Box<str>, ProviderError),
    /// There are providers behind TLS, and nothing to verify them by.
    Tls(TlsError),
}

impl Stack {
    /// Puts the layers together.
    ///
    /// # Errors
    /// A provider cannot be called as it is described.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let providers = config.providers().iter().map(provider).collect::<Result<Vec<_>, _>>()?;
        let upstream = Upstream::new(config.providers()).map_err(Error::Tls)?;
        let routes = config.route_table();
        let models = Models::new(&routes);
        let layers = ErrorToResponseLayer::new().layer(upstream);
        let layers = TranslatorLayer::of(providers).layer(layers);
        let layers = Route::new(layers, routes);
        Ok(Self { layers, callers: Callers::new(config.keys()), models })
    }

    /// Answers one call.
    #[must_use]
    pub fn call(&self, mut request: Request<Body>) -> Answer {
        match self.callers.admit(request.headers()) {
            Ok(None) => {}
            Ok(Some(caller)) => {
                request.extensions_mut().insert(caller);
            }
            Err(refusal) => return Answer::Made(refusal.into_response()),
        }
        // Every service of this stack is always ready: what limits does so in its future.
        Answer::Coming(self.layers.clone().call(request))
    }

    /// The list of models, or one of them by its id, as `GET /v1/models` answers it.
    #[must_use]
    pub fn models(&self, headers: &HeaderMap, id: Option<&str>) -> Response<Body> {
        let answer = match self.callers.admit(headers) {
            Err(refusal) => Err(refusal),
            Ok(_) => self.models.answer(id),
        };
        answer.unwrap_or_else(Failure::into_response)
    }
}

fn provider(from: &config::Provider) -> Result<Provider, Error> {
    let url = from.base_url.to_string();
    let made = match from.dialect {
        config::Dialect::OpenAi => Provider::openai(&url),
        config::Dialect::Anthropic => Provider::anthropic(&url),
    };
    let version = match from.api_version.as_deref() {
        Some("2026-10-21") => ApiVersion::V2026_10_21,
        _ => ApiVersion::V2023_06_01,
    };
    let named = made.map(|provider| provider.with_name(from.name.clone()).with_api_version(version));
    let keyed = match &from.api_key {
        Some(key) => named.and_then(|provider| provider.with_key(key)),
        None => named,
    };
    keyed.map_err(|error| Error::Provider(from.name[..].into(), error))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(name, error) => write!(f, "provider `{name}`: {error}"),
            Self::Tls(error) => write!(f, "TLS cannot be used: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").finish_non_exhaustive()
    }
}

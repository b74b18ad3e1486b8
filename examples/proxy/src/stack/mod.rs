//! The layers, put together for one configuration.

mod accounts;
mod cache;
mod caller;
mod credentials;
mod facts;
mod form;
mod layers;
mod local;
mod models;
mod provider;
mod redaction;
mod resource;
mod routing;
#[cfg(test)]
mod tests;
mod upstream;

use std::{fmt, pin::Pin};

use http::{HeaderMap, Method, Request, Response};
use llm_layers_accounts::ConfigError;
use llm_layers_catalogue::PriceError;
use llm_layers_circuit_breaker::Breakers;
use llm_layers_core::{Body, Deployment, ErrorToResponse, ErrorToResponseLayer, Failure, Operation};
use llm_layers_cost_router::{RouterLayer, RoutesError};
use llm_layers_egress::RefuseRedirects;
use llm_layers_provider_translator::{InboundLayer, Provider, ProviderError, Translator, TranslatorLayer};
use tower_layer::Layer;
use tower_service::Service;

use self::{
    caller::Callers,
    layers::{Kept, Layers, Passed},
    models::Models,
    resource::Resources,
    upstream::Upstream,
};
use crate::config::{Config, Dialect};

/// From a call to its provider, in the provider's words.
type Providers = Translator<ErrorToResponse<RefuseRedirects<Upstream>>>;

/// All that is made of a configuration to serve it.
#[derive(Clone)]
pub struct Stack {
    layers: Layers,
    /// For what is no LLM call: the providers' own words, and OpenAI's further resources.
    passed: Passed,
    callers: Callers,
    models: Models,
    kept: Kept,
}

/// An answer, or what it will be.
#[allow(clippy::large_enum_variant, reason = "nearly all are the large one, which a box would cost an allocation each")]
pub(crate) enum Answer {
    /// It is there.
    Made(Response<Body>),
    /// It is to be waited for.
    Coming(<Layers as Service<Request<Body>>>::Future),
    /// So is one of a resource.
    Passing(<Passed as Service<Request<Body>>>::Future),
    /// It is made beside the layers.
    Later(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Made(_) => "Made",
            Self::Coming(_) => "Coming",
            Self::Passing(_) => "Passing",
            Self::Later(_) => "Later",
        })
    }
}

/// A configuration that is right by itself and cannot be served.
#[derive(Debug)]
pub enum Error {
    /// A provider cannot be called as it is described.
    Provider(Box<str>, ProviderError),
    /// A provider may not be called where it is said to be.
    Egress(Box<str>, String),
    /// A deployment's price is none.
    Price(Box<str>, PriceError),
    /// Aliases and deployments do not fit together.
    Routes(RoutesError),
    /// The ledger cannot be written.
    Accounts(ConfigError),
    /// A detector outside cannot be asked as it is described.
    Redaction(ConfigError),
    /// There are providers behind TLS, and nothing to verify them by, most often for want of CA certificates.
    Tls(Box<dyn std::error::Error + Send + Sync>),
}

impl Stack {
    /// Puts the layers together.
    ///
    /// # Errors
    /// A provider cannot be called as it is described.
    pub fn new(config: &Config) -> Result<Self, Error> {
        Self::build(config, None)
    }

    /// As [`new`](Self::new), and takes over what was counted, and the circuits, as far as their settings are the same.
    pub(crate) fn after(config: &Config, before: &Self) -> Result<Self, Error> {
        Self::build(config, Some(&before.kept))
    }

    fn build(config: &Config, before: Option<&Kept>) -> Result<Self, Error> {
        let providers = config.providers().iter().map(provider::provider).collect::<Result<Vec<_>, _>>()?;
        let both = config.providers().iter().zip(&providers);
        let destinations = both.map(|(from, made)| provider::destination(from, made)).collect::<Result<Vec<_>, _>>()?;
        let upstream = RefuseRedirects::new(Upstream::new(&destinations, config.egress())?);
        let routes = config.route_table();
        let models = Models::new(&routes);
        let natively = natively(config, &providers);
        let inbound = |router| InboundLayer::new().native(move |operation, model| natively(&router, operation, model));
        let providers = TranslatorLayer::of(providers).layer(ErrorToResponseLayer::new().layer(upstream));
        let (layers, kept) = layers::assemble(config, routes, inbound, providers.clone(), before)?;
        let resources = Resources::new(providers, config, kept.router(), kept.budgets());
        let passed = layers::pass(&kept, resources);
        Ok(Self { layers, passed, callers: Callers::new(config.keys()), models, kept })
    }

    /// Answers one call.
    #[must_use]
    pub(crate) fn call(&self, mut request: Request<Body>) -> Answer {
        if let Err(refusal) = self.admit(&mut request) {
            return Answer::Made(refusal.into_response());
        }
        // Every service of this stack is always ready: what limits does so in its future.
        Answer::Coming(self.layers.clone().call(request))
    }

    /// The circuits of the deployments, if there are any.
    #[must_use]
    pub fn breakers(&self) -> Option<Breakers> {
        self.kept.breakers()
    }

    /// Does what the layers need done beside calls, for as long as it is polled.
    pub(crate) fn look_after(&self) -> impl Future<Output = ()> + Send + use<> {
        self.kept.clone().look_after()
    }

    /// Tells shared stores what is left to tell, at the end.
    pub(crate) async fn flush(&self) {
        self.kept.flush().await;
        self.kept.keep().await;
    }

    /// Whether a request that is no LLM call is for a provider: `/providers/NAME/…`, and OpenAI's further resources.
    pub(crate) fn is_resource(request: &Request<Body>) -> bool {
        Resources::<Providers>::serves(request)
    }

    /// Answers it.
    pub(crate) fn resource(&self, mut request: Request<Body>) -> Answer {
        match self.admit(&mut request) {
            Ok(()) => Answer::Passing(self.passed.clone().call(request)),
            Err(refusal) => Answer::Made(refusal.into_response()),
        }
    }

    /// Whether a request is to forget what is cached of its caller's answers: `DELETE /cache…`.
    pub(crate) fn is_purge(request: &Request<Body>) -> bool {
        cache::is_purge(request)
    }

    /// Forgets it.
    pub(crate) fn purge(&self, mut request: Request<Body>) -> Answer {
        match self.admit(&mut request) {
            Ok(()) => Answer::Later(Box::pin(cache::purge(self.kept.cache(), request))),
            Err(refusal) => Answer::Made(refusal.into_response()),
        }
    }

    /// Tells the layers who calls.
    fn admit(&self, request: &mut Request<Body>) -> Result<(), Failure> {
        if let Some(caller) = self.callers.admit(request.method(), request.headers())? {
            request.extensions_mut().insert(caller);
        }
        Ok(())
    }

    /// The list of models, or one of them by its id, as `GET /v1/models` answers it.
    #[must_use]
    pub(crate) fn models(&self, headers: &HeaderMap, id: Option<&str>) -> Response<Body> {
        let answer = match self.callers.admit(&Method::GET, headers) {
            Err(refusal) => Err(refusal),
            Ok(_) => self.models.answer(id),
        };
        answer.unwrap_or_else(Failure::into_response)
    }
}

/// Which models speak an operation themselves, so that it need not be said as a chat.
fn natively(
    config: &Config,
    providers: &[Provider],
) -> impl Fn(&RouterLayer, Operation, &str) -> bool + Send + Sync + 'static {
    let both = config.providers().iter().zip(providers);
    let native: Vec<_> = both.map(|(from, made)| (made.clone(), from.dialect, from.responses)).collect();
    let speaks = move |operation, deployment: &Deployment| {
        let provider = native.iter().find(|(provider, ..)| provider.name() == deployment.provider());
        provider.is_some_and(|(provider, dialect, has_responses)| match operation {
            Operation::Message => provider.takes_messages(deployment.model()),
            Operation::Response => *has_responses,
            _ => matches!(dialect, Dialect::OpenAi | Dialect::Azure),
        })
    };
    // All of an alias must, for any of them may answer.
    move |router, operation, model| router.all(model, |deployment| speaks(operation, deployment))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(name, error) => write!(f, "provider `{name}`: {error}"),
            Self::Egress(name, why) => write!(f, "provider `{name}`: {why}"),
            Self::Price(name, error) => write!(f, "the price of the deployment `{name}`: {error}"),
            Self::Routes(error) => error.fmt(f),
            Self::Accounts(error) => write!(f, "`layers.accounts`: {error}"),
            Self::Redaction(error) => write!(f, "`layers.pii_redaction`: {error}"),
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

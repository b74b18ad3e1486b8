//! The HTTP clients that reach the providers.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use foldhash::HashMap;
use http::{Request, Uri, uri::Scheme};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{HttpConnector, dns::GaiResolver};
use llm_layers_core::{Body, Deployment};
use llm_layers_egress::{AddressPolicy, Allowlist, ChainWatch, Guard, GuardedConnector, GuardedResolver, Trust};
use rustls::ClientConfig;
use thread_local::ThreadLocal;
use tower_service::Service;

use super::Error;
use crate::{
    client::{self, Client, ClientBody, ResponseFuture},
    config::{Egress, Reach},
};

type Connector = HttpsConnector<GuardedConnector<HttpConnector<GuardedResolver<GaiResolver>>>>;
type HttpClient = Client<Connector>;
/// What a connection is made of.
type Io = <Connector as Service<Uri>>::Response;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client for each provider and thread, each with connections of its own. Cloned for every call, and so it is one
/// pointer.
#[derive(Clone)]
pub(crate) struct Upstream {
    shared: Arc<Shared>,
}

struct Shared {
    connectors: Clients<Connector>,
    /// A thread serves by its own connections: those of another wake it, and cost a lock.
    clients: ThreadLocal<Clients<HttpClient>>,
}

struct Clients<C> {
    by_provider: HashMap<Arc<str>, C>,
    /// For a request that names no deployment; there is none such in this stack, and it reaches nobody.
    fallback: C,
}

/// Where a provider is, and what its connections may reach.
pub(super) struct Destination<'a> {
    pub(super) name: Arc<str>,
    pub(super) base_url: Uri,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) reach: &'a Reach,
}

impl Upstream {
    pub(super) fn new(destinations: &[Destination<'_>], egress: &Egress) -> Result<Self, Error> {
        let is_https = |destination: &Destination<'_>| destination.base_url.scheme() == Some(&Scheme::HTTPS);
        let tls = Tls::new(destinations.iter().any(is_https), egress)?;
        let watch = Arc::new(ChainWatch::new(destinations.iter().map(|destination| &destination.base_url)));
        let mut by_provider = HashMap::default();
        for destination in destinations {
            let Destination { name, base_url, connect_timeout, reach } = destination;
            let guard = guard(base_url, reach, egress);
            let refused = |error: &dyn fmt::Display| Error::Egress(name[..].into(), error.to_string());
            guard.check(base_url).map_err(|error| refused(&error))?;
            let config = tls.config(reach, &watch).map_err(|error| refused(&error))?;
            let connect_timeout = connect_timeout.unwrap_or(CONNECT_TIMEOUT);
            by_provider.insert(Arc::clone(name), connector(config, &guard, connect_timeout));
        }
        let nowhere = Guard::new(AddressPolicy::default()).allowlist(Allowlist::default());
        let fallback = connector(no_tls().map_err(|error| Error::Tls(error.into()))?, &nowhere, CONNECT_TIMEOUT);
        let connectors = Clients { by_provider, fallback };
        Ok(Self { shared: Arc::new(Shared { connectors, clients: ThreadLocal::new() }) })
    }
}

/// A base URL that is a private address itself is meant to be; a name that turns out to be one must be allowed to.
fn guard(base_url: &Uri, reach: &Reach, egress: &Egress) -> Guard {
    let mut addresses = AddressPolicy::implied_by(base_url);
    if reach.private {
        addresses = addresses.allow_private();
    }
    let addresses = reach.networks.iter().fold(addresses, |policy, network| policy.allow(*network));
    let guard = Guard::new(addresses);
    match &egress.allow {
        Some(list) => guard.allowlist(Arc::clone(list)),
        None => guard,
    }
}

/// Whom to believe behind TLS.
enum Tls {
    Trust(Trust),
    /// Nothing is behind TLS: a system without CA certificates is no reason not to start.
    Unused,
}

impl Tls {
    fn new(is_needed: bool, egress: &Egress) -> Result<Self, Error> {
        if !is_needed {
            return Ok(Self::Unused);
        }
        let trust = Trust::platform_and(egress.roots.iter().cloned()).map_err(|error| Error::Tls(error.into()))?;
        Ok(Self::Trust(trust))
    }

    fn config(&self, reach: &Reach, watch: &Arc<ChainWatch>) -> Result<ClientConfig, rustls::Error> {
        match self {
            Self::Trust(trust) => trust.client_config(reach.pins.clone(), Arc::clone(watch)),
            Self::Unused => no_tls(),
        }
    }
}

fn no_tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

impl Shared {
    /// The clients of this thread.
    fn clients(&self) -> &Clients<HttpClient> {
        self.clients.get_or(|| {
            let Clients { by_provider, fallback } = &self.connectors;
            let by_provider = by_provider
                .iter()
                .map(|(name, connector)| (Arc::clone(name), Client::new(connector.clone())))
                .collect();
            Clients { by_provider, fallback: Client::new(fallback.clone()) }
        })
    }
}

fn connector(tls: ClientConfig, guard: &Guard, connect_timeout: Duration) -> Connector {
    let mut http = HttpConnector::new_with_resolver(guard.resolver(GaiResolver::new()));
    http.enforce_http(false);
    // A burst of small writes must not wait for acknowledgements: 44 ms each, measured.
    http.set_nodelay(true);
    http.set_connect_timeout(Some(connect_timeout));
    http.set_keepalive(Some(Duration::from_secs(60)));
    HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(guard.connector(http))
}

impl Service<Request<Body>> for Upstream {
    type Response = http::Response<ClientBody<Io>>;
    type Error = client::Error;
    type Future = ResponseFuture<Io>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), client::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> ResponseFuture<Io> {
        let provider = request.extensions().get::<Deployment>().map(Deployment::provider);
        let clients = self.shared.clients();
        let client = provider.and_then(|provider| clients.by_provider.get(provider));
        let client = client.unwrap_or(&clients.fallback);
        client.send(request)
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let providers = self.shared.connectors.by_provider.keys();
        f.debug_struct("Upstream").field("providers", &providers).finish_non_exhaustive()
    }
}

//! The HTTP clients that reach the providers.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use foldhash::HashMap;
use http::{Request, uri::Scheme};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, ResponseFuture, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use llm_layers_core::{Body, Deployment};
use tower_service::Service;

use crate::config::Provider;

type HttpClient = Client<HttpsConnector<HttpConnector>, Body>;

/// Why TLS cannot be used, most often because the system has no CA certificates.
pub type TlsError = Box<dyn std::error::Error + Send + Sync>;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client for each provider, each with connections of its own. Cloned for every call, and so it is one pointer.
#[derive(Clone)]
pub(super) struct Upstream {
    clients: Arc<Clients>,
}

struct Clients {
    by_provider: HashMap<Arc<str>, HttpClient>,
    /// For a request that names no deployment; there is none such in this stack.
    fallback: HttpClient,
}

impl Upstream {
    pub(super) fn new(providers: &[Provider]) -> Result<Self, TlsError> {
        let with_tls = providers.iter().any(|provider| provider.base_url.scheme() == Some(&Scheme::HTTPS));
        let tls = tls(with_tls)?;
        let client = |timeout: Option<Duration>| client(&tls, timeout.unwrap_or(CONNECT_TIMEOUT));
        let by_provider =
            providers.iter().map(|provider| (Arc::clone(&provider.name), client(provider.timeouts.connect))).collect();
        Ok(Self { clients: Arc::new(Clients { by_provider, fallback: client(None) }) })
    }
}

fn tls(needed: bool) -> Result<rustls::ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    if needed {
        return Ok(builder.try_with_platform_verifier()?.with_no_client_auth());
    }
    // Nothing is behind TLS: a system without CA certificates is no reason not to start.
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn client(tls: &rustls::ClientConfig, connect_timeout: Duration) -> HttpClient {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    // A burst of small writes must not wait for acknowledgements: 44 ms each, measured.
    http.set_nodelay(true);
    http.set_connect_timeout(Some(connect_timeout));
    http.set_keepalive(Some(Duration::from_secs(60)));
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls.clone())
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(http);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(90))
        // A connection that died without a word is found out, and its calls end.
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(20))
        .build(https)
}

impl Service<Request<Body>> for Upstream {
    type Response = http::Response<hyper::body::Incoming>;
    type Error = hyper_util::client::legacy::Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> ResponseFuture {
        let provider = request.extensions().get::<Deployment>().map(Deployment::provider);
        let client = provider.and_then(|provider| self.clients.by_provider.get(provider));
        let client = client.unwrap_or(&self.clients.fallback);
        client.request(request)
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("providers", &self.clients.by_provider.keys()).finish_non_exhaustive()
    }
}

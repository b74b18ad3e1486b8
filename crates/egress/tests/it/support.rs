//! A certificate authority, a TLS server that notes what it receives, and the client that a program would build.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use llm_layers_egress::{AddressPolicy, Guard, GuardedConnector, GuardedResolver, Pin};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::SupportedProtocolVersion;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key, and what is presented along with it.
#[derive(Clone)]
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Authority {
    pub(crate) fn root() -> Self {
        Self::root_named("root")
    }

    pub(crate) fn root_named(name: &str) -> Self {
        Self(CertifiedIssuer::self_signed(Self::params(name), KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn intermediate(&self, name: &str) -> Self {
        Self(CertifiedIssuer::signed_by(Self::params(name), KeyPair::generate().unwrap(), &self.0).unwrap())
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    pub(crate) fn issue(&self, host: &str) -> Identity {
        self.issue_with(host, |_| ())
    }

    pub(crate) fn issue_with(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }
}

impl Identity {
    pub(crate) fn presenting(mut self, certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Self {
        self.chain.extend(certificates);
        self
    }

    pub(crate) fn pin(&self) -> Pin {
        Pin::of(&self.chain[0]).unwrap()
    }
}

/// Answers each request with an empty 200, and notes what came through TLS.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: Option<JoinHandle<()>>,
    stop: Arc<tokio::sync::Notify>,
    notes: Arc<Notes>,
}

#[derive(Default)]
struct Notes {
    received: Mutex<Vec<u8>>,
    handshakes_failed: AtomicU64,
    handshakes_resumed: AtomicU64,
}

impl Server {
    pub(crate) async fn start(identity: Identity) -> Self {
        Self::start_with(identity, rustls::DEFAULT_VERSIONS).await
    }

    pub(crate) async fn start_with(identity: Identity, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let key = PrivateKeyDer::try_from(identity.key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(identity.chain, key)
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, notes) = (Arc::new(tokio::sync::Notify::new()), Arc::new(Notes::default()));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let task = serve(listener, acceptor, Arc::clone(&stop), Arc::clone(&notes));
        #[expect(clippy::disallowed_methods, reason = "a server of its own, not a layer")]
        let task = Some(tokio::spawn(task));
        Self { address, task, stop, notes }
    }

    /// Closes the client's connections and waits until the server has seen all that there was to see.
    pub(crate) async fn finish<C>(&mut self, client: C) {
        drop(client);
        self.stop.notify_one();
        self.task.take().unwrap().await.unwrap();
    }

    pub(crate) fn received(&self) -> String {
        String::from_utf8(self.notes.received.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn handshakes_failed(&self) -> u64 {
        self.notes.handshakes_failed.load(Ordering::Relaxed)
    }

    pub(crate) fn handshakes_resumed(&self) -> u64 {
        self.notes.handshakes_resumed.load(Ordering::Relaxed)
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, stop: Arc<tokio::sync::Notify>, notes: Arc<Notes>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            biased;
            connection = listener.accept() => {
                let (acceptor, notes) = (acceptor.clone(), Arc::clone(&notes));
                connections.spawn(async move { converse(connection.unwrap().0, acceptor, &notes).await });
            }
            () = stop.notified() => break,
        }
    }
    while let Some(ended) = connections.join_next().await {
        ended.unwrap();
    }
}

async fn converse(stream: tokio::net::TcpStream, acceptor: TlsAcceptor, notes: &Notes) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        notes.handshakes_failed.fetch_add(1, Ordering::Relaxed);
        return;
    };
    if stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed) {
        notes.handshakes_resumed.fetch_add(1, Ordering::Relaxed);
    }
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        notes.received.lock().unwrap().extend_from_slice(&buffer[..read]);
        let request_ended = notes.received.lock().unwrap().ends_with(b"secret prompt");
        if request_ended {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
    }
}

/// Answers every name with addresses that a test may change.
#[derive(Clone, Default)]
pub(crate) struct Names {
    pub(crate) answers: Arc<Mutex<HashMap<String, Vec<IpAddr>>>>,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    pub(crate) fn set(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.answers.lock().unwrap().insert(name.to_owned(), addresses);
    }
}

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        self.asked.lock().unwrap().push(name.as_str().to_owned());
        let addresses = self.answers.lock().unwrap().get(name.as_str()).cloned().unwrap_or_default();
        let sockets: Vec<_> = addresses.into_iter().map(|address| (address, 0).into()).collect();
        ready(Ok(sockets.into_iter()))
    }
}

pub(crate) type Guarded = GuardedConnector<HttpConnector<GuardedResolver<Names>>>;

/// The connector as a program would build it: the guard below TLS.
pub(crate) fn guarded(guard: &Guard, names: Names) -> Guarded {
    let mut http = HttpConnector::new_with_resolver(guard.resolver(names));
    http.enforce_http(false);
    guard.connector(http)
}

pub(crate) type HttpClient<C> = Client<C, Full<Bytes>>;

/// A client that takes every name for the server's address.
pub(crate) fn client(tls: rustls::ClientConfig, server: SocketAddr) -> HttpClient<HttpsConnector<Guarded>> {
    let names = Names::default();
    names.set("provider.test", &[&server.ip().to_string()]);
    let guard = Guard::new(AddressPolicy::default().allow_private());
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_only()
        .enable_http1()
        .wrap_connector(guarded(&guard, names));
    Client::builder(TokioExecutor::new()).build(https)
}

pub(crate) fn url(host: &str, server: SocketAddr) -> Uri {
    format!("https://{host}:{}/v1/chat/completions", server.port()).parse().unwrap()
}

pub(crate) async fn post<C>(client: &HttpClient<C>, url: &Uri) -> Result<Response<hyper::body::Incoming>, Error>
where
    C: hyper_util::client::legacy::connect::Connect + Clone + Send + Sync + 'static,
{
    client.request(Request::post(url).body(Full::from("secret prompt")).unwrap()).await
}

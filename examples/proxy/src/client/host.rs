use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use http::{
    HeaderValue, Request, Uri, Version,
    header::HOST,
    uri::{Authority, PathAndQuery, Scheme},
};
use hyper::{
    client::conn::http2::SendRequest,
    rt::{Read, Write},
};
use llm_layers_core::Body;
use tokio::{runtime::Handle, time::Instant};

use super::connection::Connection;

/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(90);

/// How often those are looked after that are kept.
const ROUND: Duration = Duration::from_secs(15);

/// A connection to send a request by.
pub(super) enum Way<T: Read + Write + 'static> {
    Http1(Box<Connection<T>>),
    Http2(SendRequest<Body>),
}

/// Who looks after what a host keeps. Its task may end with its runtime, and then another is to follow.
struct Watch<T: Read + Write + Unpin + Send + 'static>(Weak<Host<T>>);

impl<T: Read + Write + Unpin + Send + 'static> Drop for Watch<T> {
    fn drop(&mut self) {
        if let Some(host) = self.0.upgrade() {
            host.kept().is_looked_after = false;
        }
    }
}

/// A host, and the connections to it that are kept.
pub(super) struct Host<T: Read + Write + 'static> {
    scheme: Scheme,
    authority: Authority,
    /// What the header of this name says.
    name: HeaderValue,
    kept: Mutex<Kept<T>>,
}

struct Kept<T: Read + Write + 'static> {
    /// Those that nobody uses, since when; the one that was used last is at the end, and the next to be used.
    idle: Vec<(Box<Connection<T>>, Instant)>,
    /// One that all share, and when it was used last.
    shared: Option<(SendRequest<Body>, Instant)>,
    is_looked_after: bool,
}

impl<T: Read + Write + Unpin + Send + 'static> Host<T> {
    pub(super) fn new(scheme: &Scheme, authority: &Authority) -> Option<Self> {
        let port = authority.port_u16().filter(|port| {
            let default = if *scheme == Scheme::HTTPS { 443 } else { 80 };
            *port != default
        });
        let name = authority.host();
        let name = port.map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        Some(Self {
            scheme: scheme.clone(),
            authority: authority.clone(),
            name: HeaderValue::try_from(name).ok()?,
            kept: Mutex::new(Kept { idle: Vec::new(), shared: None, is_looked_after: false }),
        })
    }

    pub(super) fn is(&self, scheme: &Scheme, authority: &Authority) -> bool {
        // They are mostly spelt alike, and that is found out at once.
        let is_named = self.authority.as_str() == authority.as_str() || self.authority == *authority;
        is_named && self.scheme == *scheme
    }

    /// Makes a request's head what a host of HTTP/1.1 expects that is asked directly.
    pub(super) fn address(&self, request: &mut Request<Body>) {
        *request.version_mut() = Version::HTTP_11;
        request.headers_mut().entry(HOST).or_insert_with(|| self.name.clone());
        let path = std::mem::take(request.uri_mut()).into_parts().path_and_query;
        *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    }

    /// Makes a request's head again what says where it is to go.
    pub(super) fn readdress(&self, request: &mut Request<Body>) {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query.get_or_insert(PathAndQuery::from_static("/"));
        // All of its parts are there.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    }

    /// A connection that is kept.
    pub(super) fn take(&self) -> Option<Way<T>> {
        let mut kept = self.kept();
        if let Some((sender, used)) = kept.shared.as_mut().filter(|(sender, _)| !sender.is_closed()) {
            *used = Instant::now();
            return Some(Way::Http2(sender.clone()));
        }
        let (connection, since) = kept.idle.pop()?;
        if since.elapsed() < KEPT {
            return Some(Way::Http1(connection));
        }
        // The others have been idle for longer.
        kept.idle.clear();
        None
    }

    /// Keeps a connection for the next call, if it takes one.
    pub(super) fn keep(self: &Arc<Self>, mut connection: Box<Connection<T>>) {
        if connection.is_free() {
            self.change(|kept| kept.idle.push((connection, Instant::now())));
        }
    }

    /// Lets all further calls go by one connection.
    pub(super) fn share(self: &Arc<Self>, sender: SendRequest<Body>) {
        self.change(|kept| kept.shared = Some((sender, Instant::now())));
    }

    fn change(self: &Arc<Self>, change: impl FnOnce(&mut Kept<T>)) {
        let mut kept = self.kept();
        change(&mut kept);
        let is_looked_after = std::mem::replace(&mut kept.is_looked_after, true);
        drop(kept);
        if !is_looked_after {
            self.have_looked_after();
        }
    }

    #[allow(clippy::disallowed_methods, reason = "what is kept is looked after when there are no calls")]
    fn have_looked_after(self: &Arc<Self>) {
        let watch = Watch(Arc::downgrade(self));
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(ROUND).await;
                let Some(host) = watch.0.upgrade() else { return };
                if !host.look_after() {
                    return;
                }
            }
        });
    }

    /// Closes what nobody has used for long, or the host has closed. Whether anything is left.
    fn look_after(&self) -> bool {
        let mut kept = self.kept();
        kept.idle.retain_mut(|(connection, since)| since.elapsed() < KEPT && connection.is_free());
        // Calls that run hold a connection by themselves.
        kept.shared.take_if(|(sender, used)| used.elapsed() >= KEPT || sender.is_closed());
        !kept.idle.is_empty() || kept.shared.is_some()
    }

    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The HTTP client by which calls reach their providers: hyper's connections, kept for the next call.
//!
//! hyper-util's client gives each connection a task, and a call and its connection tell each other by channels: every
//! chunk of a stream wakes two tasks. Here whoever waits for an answer drives the connection that it comes on, so that
//! a chunk wakes one; forwarding a stream costs two thirds. It also means that nobody reads ahead of a slow reader, and
//! that a call which is dropped has closed its connection.
//!
//! A connection of HTTP/2, which many calls share, still has a task of its own.

mod body;
mod connection;
mod host;
mod pool;
#[cfg(test)]
mod tests;
mod wake;

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use http::{Request, Response, Uri};
use hyper::{
    client::conn::{TrySendError, http1, http2},
    rt::{Read, Write},
};
use hyper_util::{
    client::legacy::connect::Connection as Connected,
    rt::{TokioExecutor, TokioTimer},
};
use llm_layers_core::{Body, BoxError};
use tower::{Service, ServiceExt};

pub(crate) use self::body::ClientBody;
use self::{
    connection::Connection,
    host::{Host, Way},
    pool::Pool,
};

/// The answer to a call.
pub(crate) type ResponseFuture<T> = Pin<Box<dyn Future<Output = Result<Response<ClientBody<T>>, Error>> + Send>>;

/// Calls by the connections that `C` makes. Cloning it shares them.
pub(crate) struct Client<C: Service<Uri, Response: Read + Write + 'static>> {
    shared: Arc<Shared<C, C::Response>>,
}

struct Shared<C, T: Read + Write + 'static> {
    connector: C,
    pool: Pool<T>,
    http2: http2::Builder<TokioExecutor>,
}

/// A call that got no answer.
#[derive(Debug)]
pub(crate) enum Error {
    /// It names no host to connect to.
    NoHost,
    /// The host cannot be reached.
    Connect(BoxError),
    /// It was reached, and did not answer.
    Exchange(hyper::Error),
}

impl<C> Client<C>
where
    C: Service<Uri, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
    C::Response: Connected + Read + Write + Unpin + Send + 'static,
{
    pub(crate) fn new(connector: C) -> Self {
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            // A connection that died without a word is found out, and its calls end.
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20));
        Self { shared: Arc::new(Shared { connector, pool: Pool::default(), http2 }) }
    }

    /// Sends a request to where its URI says.
    pub(crate) fn send(&self, request: Request<Body>) -> ResponseFuture<C::Response> {
        Box::pin(Arc::clone(&self.shared).send(request))
    }
}

impl<C> Shared<C, C::Response>
where
    C: Service<Uri, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
    C::Response: Connected + Read + Write + Unpin + Send + 'static,
{
    async fn send(self: Arc<Self>, mut request: Request<Body>) -> Result<Response<ClientBody<C::Response>>, Error> {
        let host = self.pool.host(request.uri()).ok_or(Error::NoHost)?;
        loop {
            let (way, is_reused) = match host.take() {
                Some(way) => (way, true),
                // Boxed, for it is large and rare.
                None => (Box::pin(self.connect(&host, request.uri())).await?, false),
            };
            let answered = match way {
                Way::Http1(connection) => connection.send(&host, request).await,
                Way::Http2(mut sender) => sender.try_send_request(request).await.map(|it| it.map(ClientBody::shared)),
            };
            let error: TrySendError<_> = match answered {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            request = unsent(error, is_reused)?;
            host.readdress(&mut request);
        }
    }

    async fn connect(&self, host: &Arc<Host<C::Response>>, uri: &Uri) -> Result<Way<C::Response>, Error> {
        let connected = self.connector.clone().oneshot(uri.clone()).await;
        let io = connected.map_err(|error| Error::Connect(error.into()))?;
        if io.connected().is_negotiated_h2() {
            let (sender, connection) = self.http2.handshake(io).await.map_err(Error::Exchange)?;
            #[allow(
                clippy::disallowed_methods,
                reason = "many calls share it, and none of them may hold up the others"
            )]
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection to a provider ended");
                }
            });
            host.share(sender.clone());
            return Ok(Way::Http2(sender));
        }
        let (sender, driver) = http1::handshake(io).await.map_err(Error::Exchange)?;
        Ok(Way::Http1(Connection::new(sender, driver)))
    }
}

/// The request, if it has not left: the host had closed the connection that was kept. A fresh one gets no second try.
fn unsent(mut error: TrySendError<Request<Body>>, is_reused: bool) -> Result<Request<Body>, Error> {
    match error.take_message() {
        Some(request) if is_reused => Ok(request),
        _ => Err(Error::Exchange(error.into_error())),
    }
}

impl<C: Service<Uri, Response: Read + Write + 'static>> Clone for Client<C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoHost => "the request names no host",
            Self::Connect(_) => "the host cannot be connected to",
            Self::Exchange(_) => "the exchange failed",
        })
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoHost => None,
            Self::Connect(error) => Some(&**error),
            Self::Exchange(error) => Some(error),
        }
    }
}

//! Sockets in, answers out, until it is told to stop.

mod connections;
mod front;
mod metrics;
mod reload;
mod stop;

use std::{convert::Infallible, io, path::PathBuf, sync::Arc, time::Duration};

use http::Request;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use llm_layers_core::Body;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use self::connections::{Connections, Counted, Link};
pub use self::front::Front;
pub use self::metrics::Metrics;
use crate::config::Config;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long streams may go on after the proxy was told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// How long a client may take to say which version of HTTP it speaks.
const PREFACE: Duration = Duration::from_secs(30);

/// Serves until a signal to stop, then lets what runs come to its end.
///
/// `file` is watched: a good change is taken over, a bad one reported and left.
///
/// # Errors
/// Signals cannot be listened to.
#[allow(clippy::disallowed_methods, reason = "one task for each connection, and a few that look after what all share")]
pub async fn serve(listener: TcpListener, front: Front, file: Option<(PathBuf, Config)>) -> io::Result<()> {
    let mut stop = stop::signals()?;
    if let Some((path, config)) = file {
        tokio::spawn(reload::watch(path, config.listen(), front.clone()));
    }
    tokio::spawn(front.metrics().upkeep());
    tokio::spawn(front.clone().look_after());
    let server = Arc::new(Server::new());
    let connections = Connections::default();
    tokio::spawn(connections.clone().look_after());
    let (stopping, stop_seen) = watch::channel(());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (server, front, connections) = (Arc::clone(&server), front.clone(), connections.clone());
                    let mut stopping = stop_seen.clone();
                    tokio::spawn(async move {
                        // A connection that has said nothing yet has nothing to come to an end.
                        let said = tokio::select! {
                            said = tokio::time::timeout(PREFACE, is_http2(&stream)) => said,
                            _ = stopping.changed() => return,
                        };
                        let Ok(Ok(is_http2)) = said else { return };
                        if let Err(error) = server.connection(stream, is_http2, front, &connections).await {
                            tracing::debug!(error, "connection ended");
                        }
                    });
                }
                Err(error) => refused(&error).await,
            },
            () = stop.recv() => break,
        }
    }
    drop((listener, stopping));
    front.drain();
    tracing::info!("stopping: calls that run may take {} s more", DRAIN.as_secs());
    tokio::select! {
        () = connections.finish() => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("calls were cut off"),
        () = stop.recv() => tracing::warn!("told to stop again: calls were cut off"),
    }
    // Other replicas would count the last calls as running, and their estimates as used, for minutes.
    front.stack().flush().await;
    Ok(())
}

/// The two versions of HTTP, each with its settings.
struct Server {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Server {
    fn new() -> Self {
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(60));
        Self { http1: http1::Builder::new(), http2 }
    }

    /// Serves one connection to its end.
    async fn connection(
        &self,
        stream: TcpStream,
        is_http2: bool,
        front: Front,
        connections: &Connections,
    ) -> Result<(), Error> {
        // The chunks of a stream are small and must not wait for each other's acknowledgement.
        stream.set_nodelay(true)?;
        let stream = TokioIo::new(stream);
        let service = |link: Arc<Link>| {
            service_fn(move |request: Request<Incoming>| {
                let running = link.begin();
                let answer = front.answer(request.map(Body::new));
                async move { Ok::<_, Infallible>(answer.await.map(|body| Counted::new(body, running))) }
            })
        };
        if is_http2 {
            connections.serve(|link| self.http2.serve_connection(stream, service(link))).await?;
        } else {
            connections.serve(|link| self.http1.serve_connection(stream, service(link))).await?;
        }
        Ok(())
    }
}

/// Whether a client speaks HTTP/2 without TLS: it then begins with `PRI `, which no request of HTTP/1 does.
///
/// hyper-util's `auto` finds out too, and then stands between connection and socket for as long as both live.
async fn is_http2(stream: &TcpStream) -> io::Result<bool> {
    const BEGINNING: [u8; 4] = *b"PRI ";
    loop {
        let mut first = [0; BEGINNING.len()];
        let length = stream.peek(&mut first).await?;
        let begun = first.get(..length).unwrap_or_default();
        if length == 0 || begun != BEGINNING.get(..length).unwrap_or_default() {
            return Ok(false);
        }
        if length == BEGINNING.len() {
            return Ok(true);
        }
        // It has begun like one and stopped short: nothing tells when more is there but another look.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A connection that broke off before it was accepted is nobody's loss; without free descriptors, waiting is all
/// that can be done.
async fn refused(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept a connection");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

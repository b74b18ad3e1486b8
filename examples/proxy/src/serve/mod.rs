//! Sockets in, answers out, until it is told to stop.

mod front;
mod metrics;
mod reload;
mod stop;

use std::{convert::Infallible, io, path::PathBuf, time::Duration};

use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use llm_layers_core::Body;
use tokio::net::{TcpListener, TcpStream};

pub use self::front::Front;
pub use self::metrics::Metrics;
use crate::config::Config;

/// How long streams may go on after the proxy was told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// How long a client may take to send its headers.
const HEADERS: Duration = Duration::from_secs(30);

/// Serves until a signal to stop, then lets what runs come to its end.
///
/// `file` is watched: a good change is taken over, a bad one reported and left.
///
/// # Errors
/// Signals cannot be listened to.
#[allow(clippy::disallowed_methods, reason = "one task for each connection, and one to watch the file")]
pub async fn serve(listener: TcpListener, front: Front, file: Option<(PathBuf, Config)>) -> io::Result<()> {
    let mut stop = stop::signals()?;
    if let Some((path, config)) = file {
        tokio::spawn(reload::watch(path, config.listen(), front.clone()));
    }
    tokio::spawn(front.metrics().upkeep());
    let server = server();
    let running = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => connection(stream, &server, &front, &running),
                Err(error) => refused(&error).await,
            },
            () = stop.recv() => break,
        }
    }
    drop(listener);
    front.drain();
    tracing::info!("stopping: calls that run may take {} s more", DRAIN.as_secs());
    tokio::select! {
        () = running.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("calls were cut off"),
        () = stop.recv() => tracing::warn!("told to stop again: calls were cut off"),
    }
    Ok(())
}

fn server() -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(60));
    server
}

#[allow(clippy::disallowed_methods, reason = "one task for each connection")]
fn connection(stream: TcpStream, server: &auto::Builder<TokioExecutor>, front: &Front, running: &GracefulShutdown) {
    // The chunks of a stream are small and must not wait for each other's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection lost");
        return;
    }
    let front = front.clone();
    let service = service_fn(move |request: http::Request<Incoming>| {
        let front = front.clone();
        async move { Ok::<_, Infallible>(front.answer(request.map(Body::new)).await) }
    });
    let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
    let connection = running.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error, "connection ended");
        }
    });
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

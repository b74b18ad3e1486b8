//! Accepting, and the life of a connection. HTTP/1.1, and HTTP/2 with prior knowledge.

mod body;
mod io;
mod read;
mod serve;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::state::State;

/// How long a stop waits for running answers.
const GRACE: Duration = Duration::from_secs(5);
/// The pause after a failed accept (out of file descriptors, say), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Serves until told to stop. When the returned future is dropped, every connection is closed.
pub(crate) async fn run(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    let mut stopped = pin!(state.stopped());
    loop {
        tokio::select! {
            biased;
            () = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, state.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            // Reaps what has ended, so that the set does not grow with every connection ever made.
            Some(_) = connections.join_next() => {}
        }
    }
    // New connections are refused from here on.
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, ended).await;
}

async fn connection(stream: TcpStream, state: Arc<State>) {
    // Without it a burst of small chunks waits for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let control = Arc::new(io::Control::default());
    let io = TokioIo::new(io::Socket::new(stream, control.clone()));
    let service = service_fn({
        let state = state.clone();
        move |request| {
            let (state, control) = (state.clone(), control.clone());
            async move { serve::serve(&state, &control, request).await }
        }
    });

    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new());
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(4096)
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(1 << 24);
    let mut serving = pin!(server.serve_connection(io, service));
    // An error is a client that went away or a fault that was asked for; the counters tell which.
    tokio::select! {
        _ = &mut serving => return,
        () = state.stopped() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

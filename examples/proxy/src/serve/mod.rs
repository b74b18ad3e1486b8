//! Sockets in, answers out, until it is told to stop.

mod connections;
mod front;
mod metrics;
mod reload;
mod server;
mod stop;
mod workers;

use std::{io, num::NonZeroUsize, path::PathBuf, time::Duration};

use tokio::{net::TcpListener, sync::watch};

use self::{connections::Connections, server::Server, workers::Workers};
pub use self::{front::Front, metrics::Metrics};
use crate::config::Config;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long streams may go on after the proxy was told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// How long is waited, after that, for those that are left to be cut off.
const LAST: Duration = Duration::from_secs(5);

/// Serves by so many threads until a signal to stop, then lets what runs come to its end.
///
/// `file` is watched: a good change is taken over, a bad one reported and left.
///
/// # Errors
/// Signals cannot be listened to, or threads cannot be had.
#[allow(clippy::disallowed_methods, reason = "a few tasks that look after what all connections share")]
pub async fn serve(
    listener: TcpListener,
    workers: NonZeroUsize,
    front: Front,
    file: Option<(PathBuf, Config)>,
) -> io::Result<()> {
    let mut stop = stop::signals()?;
    if let Some((path, config)) = file {
        tokio::spawn(reload::watch(path, config, front.clone()));
    }
    tokio::spawn(front.metrics().upkeep());
    tokio::spawn(front.clone().look_after());
    let connections = Connections::default();
    tokio::spawn(connections.clone().look_after());
    let (stopping, stop_seen) = watch::channel(());
    let server = Server::new(front.clone(), connections.clone(), stop_seen);
    let mut workers = Workers::start(workers, move |stream| server.clone().serve(stream))?;
    let ended = loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    if let Err(nobody) = workers.serve(stream) {
                        break Err(nobody);
                    }
                }
                Err(error) => refused(&error).await,
            },
            () = stop.recv() => break Ok(()),
        }
    };
    drop((listener, stopping));
    front.drain();
    tracing::info!("stopping: calls that run may take {} s more", DRAIN.as_secs());
    tokio::select! {
        () = connections.finish() => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("calls were cut off"),
        () = stop.recv() => tracing::warn!("told to stop again: calls were cut off"),
    }
    // What is cut off here owes something yet: a line in the ledger, what it has used. Other replicas would count the last
    // calls as running, and their estimates as used, for minutes. Connections to shared stores live on the workers'
    // threads, which end after it.
    if tokio::time::timeout(LAST, workers.cut_off()).await.is_err() {
        tracing::warn!("calls could not be cut off: the ledger may lack their lines");
    }
    front.stack().flush().await;
    ended
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

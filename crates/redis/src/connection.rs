//! The connection, made by the first call, remade when it is of no more use.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{
    Client, Cmd, FromRedisValue, RedisResult, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
#[cfg(feature = "cluster")]
use redis::{cluster::ClusterClient, cluster_async::ClusterConnection};
use tokio::time::Instant;

use crate::{address::Address, away::Reason};

/// A connection that has not answered for so long, nor opened, is given up.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(crate) enum Connection {
    One(ConnectionManager),
    #[cfg(feature = "cluster")]
    Cluster(ClusterConnection),
}

impl Connection {
    /// Nothing is awaited: the first command does that.
    fn open(address: &Address) -> RedisResult<Self> {
        #[cfg(feature = "cluster")]
        if address.is_cluster {
            let client = ClusterClient::builder(address.nodes.iter().cloned()).retries(1).build()?;
            return Ok(Self::Cluster(client.get_pending_async_connection_with_config(Default::default())));
        }
        let node = address.nodes.first().cloned().ok_or((redis::ErrorKind::InvalidClientConfig, "no node"))?;
        // The time limit is the handle's. Attempts are too: each probe makes one.
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(None);
        Ok(Self::One(ConnectionManager::new_lazy_with_config(Client::open(node)?, config)?))
    }

    pub(crate) async fn query<T: FromRedisValue>(mut self, command: &Cmd) -> RedisResult<T> {
        match &mut self {
            Self::One(connection) => command.query_async(connection).await,
            #[cfg(feature = "cluster")]
            Self::Cluster(connection) => command.query_async(connection).await,
        }
    }

    pub(crate) async fn eval<T: FromRedisValue>(mut self, script: &ScriptInvocation<'_>) -> RedisResult<T> {
        match &mut self {
            Self::One(connection) => script.invoke_async(connection).await,
            #[cfg(feature = "cluster")]
            Self::Cluster(connection) => script.invoke_async(connection).await,
        }
    }
}

/// The place of the connection.
pub(crate) struct Slot {
    address: Address,
    open: Mutex<Option<Open>>,
}

struct Open {
    connection: Connection,
    /// The first of the timeouts since it last answered.
    silent_since: Option<Instant>,
}

impl Slot {
    pub(crate) const fn new(address: Address) -> Self {
        Self { address, open: Mutex::new(None) }
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn connection(&self) -> RedisResult<Connection> {
        let mut open = self.lock();
        match &*open {
            Some(open) => Ok(open.connection.clone()),
            None => {
                let connection = Connection::open(&self.address)?;
                *open = Some(Open { connection: connection.clone(), silent_since: None });
                Ok(connection)
            }
        }
    }

    /// It works again.
    pub(crate) fn answered(&self) {
        if let Some(open) = &mut *self.lock() {
            open.silent_since = None;
        }
    }

    /// Lets go of a connection that will not recover by itself.
    ///
    /// One that timed out may yet open, or be slow for a moment. All others are made anew: the client below remembers
    /// a refused password for good.
    pub(crate) fn failed(&self, reason: Reason) {
        let mut slot = self.lock();
        let is_hopeless = match (&mut *slot, reason) {
            (Some(open), Reason::TimedOut) => {
                let now = Instant::now();
                now.duration_since(*open.silent_since.get_or_insert(now)) >= PATIENCE
            }
            _ => true,
        };
        if is_hopeless {
            *slot = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

use std::{fmt, sync::Arc, time::Duration};

use redis::{Cmd, FromRedisValue, RedisResult, ScriptInvocation};

use crate::{
    address::{Address, UrlError},
    away::{Away, Reason},
    connection::{Connection, Slot},
    health::{Change, Health},
    observe::Observe,
};

const TIME_LIMIT: Duration = Duration::from_millis(50);

/// A Redis, Valkey or cluster of them that may be away. See the [crate](crate) for how it behaves then.
///
/// Clones share the connection, and what is known of it. It must be used inside a tokio runtime.
#[derive(Clone)]
pub struct Redis {
    inner: Arc<Inner>,
    time_limit: Duration,
}

struct Inner {
    slot: Slot,
    health: Health,
    observe: Observe,
}

impl Redis {
    /// The Redis at this URL, such as `redis://127.0.0.1:6379` or `rediss://user:password@host:6380/2`; several URLs
    /// with commas between them are nodes of a cluster. Nothing is connected yet.
    ///
    /// # Errors
    /// It is no URL of Redis, or asks for TLS or a cluster where that feature is off.
    pub fn open(url: &str) -> Result<Self, UrlError> {
        Address::parse(url).map(Self::new)
    }

    /// The cluster that these nodes belong to; the others are found by asking them.
    ///
    /// # Errors
    /// As [`open`](Self::open); and there is no node.
    #[cfg(feature = "cluster")]
    pub fn cluster<'a>(urls: impl IntoIterator<Item = &'a str>) -> Result<Self, UrlError> {
        Address::new(urls, true).map(Self::new)
    }

    fn new(address: Address) -> Self {
        let observe = Observe::new(&address.name);
        let inner = Inner { slot: Slot::new(address), health: Health::default(), observe };
        Self { inner: Arc::new(inner), time_limit: TIME_LIMIT }
    }

    /// Sets how long a call may take, with all that belongs to it (connecting, loading a script). Default 50 ms.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Whether the last that was heard of it is a failure.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.inner.health.is_away()
    }

    /// Whether a call would get [`Reason::CoolingDown`] now: for callers to whom it is work to make one.
    #[must_use]
    pub fn is_cooling_down(&self) -> bool {
        self.inner.health.is_cooling_down()
    }

    /// Whether it is a cluster: its keys lie on several nodes, and no call sees all of them.
    #[must_use]
    pub fn is_cluster(&self) -> bool {
        self.inner.slot.address().is_cluster
    }

    /// Host and port, for messages; of a cluster, those of its first node.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.slot.address().name
    }

    /// Sends a command.
    ///
    /// # Errors
    /// There was no answer, or one of the wrong type.
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Away> {
        self.within_limits(|connection| connection.query(command)).await
    }

    /// Runs a script by its hash; a server that does not know it gets it first.
    ///
    /// # Errors
    /// As [`query`](Self::query); and the script fails.
    pub async fn eval<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Away> {
        self.within_limits(|connection| connection.eval(script)).await
    }

    async fn within_limits<T, F>(&self, call: impl FnOnce(Connection) -> F) -> Result<T, Away>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let Inner { slot, health, observe } = &*self.inner;
        let pass = health.pass().ok_or(Away::new(Reason::CoolingDown))?;
        let called = match slot.connection() {
            Ok(connection) => tokio::time::timeout(self.time_limit, call(connection)).await,
            Err(error) => Ok(Err(error)),
        };
        let reason = match &called {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(Reason::of(error)),
            Err(_) => Some(Reason::TimedOut),
        };
        if let Some(reason) = reason {
            observe.failed(reason);
        }
        match reason {
            Some(reason) if reason.is_of_the_server() => {
                // A call that began before the last change says nothing of the connection that is there now.
                let change = pass.failed();
                if change != Change::Nothing {
                    slot.failed(reason);
                    observe.gone(reason, change);
                }
            }
            // It answered, if only to refuse.
            _ => {
                if pass.succeeded() == Change::Back {
                    slot.answered();
                    observe.back();
                }
            }
        }
        match called {
            Ok(Ok(value)) => Ok(value),
            _ => Err(Away::new(reason.unwrap_or(Reason::Refused))),
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("server", &self.name())
            .field("away", &self.is_away())
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

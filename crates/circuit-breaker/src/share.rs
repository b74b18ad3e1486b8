use std::{collections::HashMap, sync::Arc, time::Duration};

use llm_layers_redis::{Away, Redis, Script};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

use crate::{Breakers, Change, Reason, State, Status};

/// How replicas learn of each other's openings.
#[derive(Clone, Debug)]
pub struct Replicas {
    redis: Redis,
    name: Arc<str>,
    every: Duration,
}

impl Replicas {
    /// All that share this Redis.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self { redis, name: "llm-layers:circuits".into(), every: Duration::from_millis(250) }
    }

    /// Sets the key in Redis under which they meet. Default `llm-layers:circuits`.
    #[must_use]
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets how often each replica asks for the openings of the others. Default every 250 ms. Its own it tells at once.
    #[must_use]
    pub fn every(mut self, time: Duration) -> Self {
        self.every = time.max(Duration::from_millis(10));
        self
    }
}

/// Tells of openings and asks for all of them, by one round trip. Redis' own clock is used, so that those of the
/// replicas need not agree. One key is enough, and all of a cluster that is touched: a sorted set of what is open, by
/// the time until when.
const EXCHANGE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'GT', string.format('%.0f', now + ARGV[i + 1]), ARGV[i])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -4097)
local open = redis.call('ZREVRANGE', KEYS[1], 0, 1023, 'WITHSCORES')
if #open > 0 then
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', open[2] - now))
end
for i = 2, #open, 2 do
  open[i] = open[i] - now
end
return open
";

/// No more openings than these are told of at once.
const MAX_TOLD: usize = 1024;

impl Breakers {
    /// Tells the other replicas of openings, and learns of theirs, for as long as it is polled. Spawn it.
    ///
    /// Calls never wait for it. While Redis is away nothing is learnt, and what was not told is told later, if it
    /// still holds. An opening that another replica tells of is not longer than
    /// [`max_open_for`](crate::Rules::max_open_for); each replica tries its own probes after it. What is forced is
    /// not told.
    ///
    /// ```no_run
    /// use llm_layers_circuit_breaker::{CircuitBreakerLayer, Replicas};
    /// use llm_layers_redis::Redis;
    ///
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let layer = CircuitBreakerLayer::default();
    /// let breakers = layer.breakers();
    /// let replicas = Replicas::new(Redis::open("redis://127.0.0.1:6379")?);
    /// tokio::spawn(async move { breakers.sync(&replicas).await });
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sync(&self, replicas: &Replicas) {
        let script = Script::new(EXCHANGE);
        let mut changes = self.watch();
        let mut untold = Untold::default();
        // What opened before anybody listened.
        untold.extend(self.list().into_iter().filter_map(opening_of));
        loop {
            let exchanged = untold.tell(&script, replicas).await;
            for (key, millis) in exchanged.unwrap_or_default() {
                self.learn(&key, Duration::from_millis(millis));
            }
            untold.listen(self, &mut changes, Instant::now() + replicas.every).await;
        }
    }
}

/// Openings that the others do not know of, and until when they last.
#[derive(Default)]
struct Untold {
    openings: HashMap<Arc<str>, Instant>,
}

impl Untold {
    async fn tell(&mut self, script: &Script, replicas: &Replicas) -> Result<Vec<(String, u64)>, Away> {
        let now = Instant::now();
        self.openings.retain(|_, until| *until > now);
        let mut call = script.key(&*replicas.name);
        for (key, until) in &self.openings {
            call.arg(&**key).arg(u64::try_from((*until - now).as_millis()).unwrap_or(u64::MAX).max(1));
        }
        let open = replicas.redis.eval(&call).await?;
        self.openings.clear();
        Ok(open)
    }

    /// Collects openings until it is time to ask again, or to tell of one.
    async fn listen(&mut self, breakers: &Breakers, changes: &mut Receiver<Change>, until: Instant) {
        while let Ok(change) = tokio::time::timeout_at(until, changes.recv()).await {
            match change {
                Ok(change) => {
                    let Some(opening) = opening(change.key, change.to, change.reason, change.until) else { continue };
                    self.extend([opening]);
                    while let Ok(change) = changes.try_recv() {
                        self.extend(opening_of_change(change));
                    }
                    return;
                }
                Err(RecvError::Lagged(_)) => self.extend(breakers.list().into_iter().filter_map(opening_of)),
                // There is always a sender: the breakers.
                Err(RecvError::Closed) => return tokio::time::sleep_until(until).await,
            }
        }
    }

    fn extend(&mut self, openings: impl IntoIterator<Item = (Arc<str>, Instant)>) {
        let room = MAX_TOLD.saturating_sub(self.openings.len());
        self.openings.extend(openings.into_iter().take(room));
    }
}

fn opening_of(status: Status) -> Option<(Arc<str>, Instant)> {
    opening(status.key, status.state, status.reason, status.until)
}

fn opening_of_change(change: Change) -> Option<(Arc<str>, Instant)> {
    opening(change.key, change.to, change.reason, change.until)
}

/// What is worth telling: not what others have told, nor what somebody wants of this replica alone.
fn opening(key: Arc<str>, state: State, reason: Option<Reason>, until: Option<Instant>) -> Option<(Arc<str>, Instant)> {
    (state == State::Open && !matches!(reason, Some(Reason::Peer | Reason::Forced))).then_some((key, until?))
}

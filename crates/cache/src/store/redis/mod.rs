mod marks;
mod names;
mod sweep;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use llm_layers_core::{Eventually, Secret, Unavailable};
use llm_layers_redis::{Redis, Script, cmd};

use self::{
    marks::{Marks, range},
    names::{Names, PREFIX, Purged},
    sweep::sweep,
};
use super::{Codec, Purge, Size, Store};
use crate::{Entry, Key};

/// Nothing is kept for longer, whatever its life.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Keeps entries in a Redis or Valkey, or a cluster of them, for all replicas that use it.
///
/// One that is away has nothing, and costs no more than the [time limit](Redis::time_limit) of its handle; and nothing
/// while it cools down. To get an entry is one way there and back, in which four small commands go together; to put one
/// is two. What is read is checked: bytes that are broken, in the wrong place, or somebody else's are no entry.
///
/// [Purges](Store::purge) hold at once, for all replicas. On a single server the entries are deleted as well, and
/// counted, in 10 s at most; in a cluster they are never found again, and go when their life is over.
///
/// Give the server a `maxmemory` and a policy that evicts, such as `allkeys-lfu`: one that is full and refuses to write
/// counts as away. Evicted marks (16 bytes for a tenant, and for each namespace of theirs) cost the entries that depend on
/// them, and show none that was purged.
///
/// Whoever may write there without the key of an [encrypted](Self::encrypt) store can forge entries in one that is not.
///
/// ```
/// use llm_layers_cache::{MemoryStore, RedisStore, Tiers};
/// use llm_layers_core::Secret;
/// use llm_layers_redis::Redis;
///
/// let redis = Redis::open("redis://127.0.0.1:6379")?;
/// let far = RedisStore::new(redis).prefix("team-a").encrypt(&Secret::new("32 bytes and more of pure chance"));
/// let store = Tiers::new(MemoryStore::default(), far);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RedisStore {
    redis: Redis,
    names: Names,
    codec: Codec,
    max_value: usize,
    mark: Arc<Script>,
}

impl RedisStore {
    /// A store in this Redis.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self {
            redis,
            names: Names::new(PREFIX),
            codec: Codec::new(),
            max_value: 8 << 20,
            mark: Arc::new(Script::new(include_str!("mark.lua"))),
        }
    }

    /// Sets what all names begin with, without any braces. Default `llm-cache`, also where nothing is left of it. Caches
    /// with the same prefix and the same secret for their keys share their entries.
    #[must_use]
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> Self {
        self.names = Names::new(prefix.as_ref());
        self
    }

    /// Sets how entries become bytes.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Encrypts entries, as [`Codec::encrypt`] says.
    #[must_use]
    pub fn encrypt(mut self, secret: &Secret) -> Self {
        self.codec = self.codec.encrypt(secret);
        self
    }

    /// Sets how long what is written may be, in bytes, compressed and encrypted. Default 8 MiB; no more of a value is read
    /// either.
    #[must_use]
    pub const fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    async fn get_there(&self, key: &Key) -> Option<Entry> {
        let (name, marks) = (self.names.entry(key), self.names.marks(key));
        let value = range(&self.redis, &name, self.max_value);
        let (value, marks) = futures_util::future::join(value, Marks::read(&self.redis, &marks)).await;
        self.codec.decode(value.ok()?, &marks?.bind(key))
    }

    /// `None` where it is not kept.
    async fn put_there(&self, key: &Key, entry: &Entry, life: u64) -> Option<()> {
        let marks = Marks::make(&self.redis, &self.mark, &self.names.marks(key)).await?;
        let value = self.codec.encode(entry, &marks.bind(key)).filter(|value| value.len() <= self.max_value)?;
        let mut set = cmd("SET");
        let set = set.arg(self.names.entry(key)).arg(value).arg("PX").arg(life);
        self.redis.query(set).await.ok()
    }

    async fn purge_there(&self, what: &Purge) -> Result<Option<u64>, Unavailable> {
        let forget = async |name: &str| self.redis.query::<u64>(cmd("UNLINK").arg(name)).await.map_err(|_| Unavailable);
        match self.names.purged(what) {
            Purged::Entry(name) => forget(&name).await.map(Some),
            Purged::Marked { mark, pattern } => {
                forget(&mark).await?;
                Ok(if self.redis.is_cluster() { None } else { sweep(&self.redis, &pattern).await })
            }
        }
    }
}

impl Store for RedisStore {
    fn get<'a>(&'a self, key: &'a Key) -> Eventually<'a, Option<Entry>> {
        if self.redis.is_cooling_down() {
            return Eventually::Now(None);
        }
        Eventually::Later(Box::pin(self.get_there(key)))
    }

    fn put<'a>(&'a self, key: &'a Key, entry: &'a Entry) -> Eventually<'a, ()> {
        let life = u64::try_from(entry.life().min(LONGEST).as_millis()).unwrap_or_default();
        if life == 0 || self.redis.is_cooling_down() {
            return Eventually::Now(());
        }
        Eventually::Later(Box::pin(async move { self.put_there(key, entry, life).await.unwrap_or_default() }))
    }

    fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, Result<Option<u64>, Unavailable>> {
        Eventually::Later(Box::pin(self.purge_there(what)))
    }

    fn size(&self) -> Option<Size> {
        None
    }
}

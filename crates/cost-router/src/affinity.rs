//! Where conversations have left a warm prompt cache.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use llm_layers_core::Lru;

use crate::stats::Share;

/// Which deployment each conversation went to last, and what of its prompt was cached there.
///
/// A conversation is a keyed hash of its beginning; no text is kept. There are at most so many of them, the least
/// recently used one goes first, and each is forgotten when the provider's cache is.
#[derive(Debug)]
pub(crate) struct Affinity {
    shards: Arc<[Mutex<Shard>]>,
    ttl: Duration,
}

type Shard = Lru<u64, Record, foldhash::fast::RandomState>;

#[derive(Clone, Debug)]
struct Record {
    deployment: Arc<str>,
    at: SystemTime,
    prompt: u64,
    cached: Arc<Share>,
}

/// What is known of a conversation's last call.
#[derive(Clone, Debug)]
pub(crate) struct Warm {
    pub(crate) deployment: Arc<str>,
    /// Tokens of the last prompt, as the provider counted.
    pub(crate) prompt: u64,
    /// The share of the prompts before that was read from the cache, in parts of [`Share::WHOLE`], once that was seen.
    pub(crate) cached: Option<u64>,
    pub(crate) share: Arc<Share>,
}

const SHARDS: usize = 16;
/// So many of the oldest are looked at for each new one: more than one, so that they go faster than they come.
const SWEPT: usize = 2;

impl Affinity {
    pub(crate) fn new(max: usize, ttl: Duration) -> Self {
        let shard = || Lru::with_hasher(max.div_ceil(SHARDS), foldhash::fast::RandomState::default());
        Self { shards: (0..SHARDS).map(|_| Mutex::new(shard())).collect(), ttl }
    }

    /// The same conversations with other settings.
    pub(crate) fn with(&self, max: usize, ttl: Duration) -> Self {
        for shard in &*self.shards {
            lock(shard).set_max(max.div_ceil(SHARDS));
        }
        Self { shards: Arc::clone(&self.shards), ttl }
    }

    pub(crate) fn get(&self, conversation: u64, now: SystemTime) -> Option<Warm> {
        let shard = self.shard(conversation)?;
        let record = shard.peek(&conversation).filter(|record| record.is_fresh(now, self.ttl))?;
        let (cached, share) = (record.cached.get(), Arc::clone(&record.cached));
        Some(Warm { deployment: Arc::clone(&record.deployment), prompt: record.prompt, cached, share })
    }

    fn put(&self, conversation: u64, record: Record) {
        let Some(mut shard) = self.shard(conversation) else { return };
        for _ in 0..SWEPT {
            if shard.pop_oldest_if(|_, oldest| !oldest.is_fresh(record.at, self.ttl)).is_none() {
                break;
            }
        }
        shard.insert(conversation, record);
    }

    fn shard(&self, conversation: u64) -> Option<MutexGuard<'_, Shard>> {
        self.shards.get(conversation as usize % SHARDS).map(lock)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Record {
    fn is_fresh(&self, now: SystemTime, ttl: Duration) -> bool {
        // A clock that was set back makes nothing older.
        now.duration_since(self.at).unwrap_or_default() < ttl
    }
}

/// A call of a conversation at a deployment.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) affinity: Arc<Affinity>,
    pub(crate) conversation: u64,
    pub(crate) deployment: Arc<str>,
    pub(crate) at: SystemTime,
    /// Where the last call went there, too: its prompt's tokens, and what of the prompts was cached so far.
    pub(crate) last: Option<(u64, Arc<Share>)>,
}

impl Visit {
    /// The provider has taken in this prompt: from now on its cache is warm.
    pub(crate) fn record(&self, prompt: u64, cached: u64) {
        let share = self.last.as_ref().map(|(_, share)| Arc::clone(share)).unwrap_or_default();
        share.record(cached, self.cacheable(prompt));
        let record = Record { deployment: Arc::clone(&self.deployment), at: self.at, prompt, cached: share };
        self.affinity.put(self.conversation, record);
    }

    /// Tokens of a prompt that may have been in the cache: it holds what the last one had, and nothing that is new. 0
    /// for the first one.
    pub(crate) fn cacheable(&self, prompt: u64) -> u64 {
        self.last.as_ref().map_or(0, |(last, _)| prompt.min(*last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(affinity: &Arc<Affinity>, conversation: u64, at: SystemTime) -> Visit {
        let warm = affinity.get(conversation, at);
        Visit {
            affinity: Arc::clone(affinity),
            conversation,
            deployment: "a".into(),
            at,
            last: warm.map(|warm| (warm.prompt, warm.share)),
        }
    }

    #[test]
    fn a_conversation_is_known_until_the_cache_is_cold() {
        let affinity = Arc::new(Affinity::new(100, Duration::from_secs(300)));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        assert!(affinity.get(7, now).is_none());
        visit(&affinity, 7, now).record(2000, 0);
        let warm = affinity.get(7, now).unwrap();
        assert_eq!((&*warm.deployment, warm.prompt, warm.cached), ("a", 2000, None), "the first call finds no cache");
        visit(&affinity, 7, now).record(2400, 1000);
        assert_eq!(affinity.get(7, now).unwrap().cached, Some(Share::WHOLE / 2));
        assert!(affinity.get(7, now + Duration::from_secs(299)).is_some());
        assert!(affinity.get(7, now + Duration::from_secs(300)).is_none());
        assert!(affinity.get(7, now - Duration::from_secs(9)).is_some(), "a clock may be set back");
    }

    fn conversation(n: u64) -> u64 {
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn there_are_no_more_than_so_many_and_the_last_are_among_them() {
        const MAX: usize = 16_000;
        let affinity = Arc::new(Affinity::new(MAX, Duration::from_secs(300)));
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let at = |n: u64| start + Duration::from_millis(n);
        let all = 10 * MAX as u64;
        for n in 0..all {
            visit(&affinity, conversation(n), at(n)).record(1, 0);
        }
        assert!(affinity.len() <= MAX && affinity.len() > MAX * 9 / 10, "{}", affinity.len());
        let now = at(all);
        let known = |n: &u64| affinity.get(conversation(*n), now).is_some();
        assert!((all - MAX as u64 / 2..all).all(|n| known(&n)), "the last ones");
        assert_eq!((0..all - 2 * MAX as u64).filter(known).count(), 0, "none of the first");
        // Once they are cold they go as others come.
        let later = now + Duration::from_secs(300);
        for n in all..all + MAX as u64 {
            visit(&affinity, conversation(n), later).record(1, 0);
            assert!(affinity.len() <= MAX);
        }
        assert_eq!(affinity.len(), MAX);
        let last = later + Duration::from_secs(300);
        (0..1000).for_each(|n| visit(&affinity, conversation(n % 16), last).record(1, 0));
        assert!(affinity.len() < MAX - 900, "{}: two go for each call", affinity.len());
    }

    #[test]
    fn others_may_go_on_with_other_settings() {
        let old = Arc::new(Affinity::new(1600, Duration::from_secs(300)));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        (0..400).for_each(|n| visit(&old, conversation(n), now).record(1, 0));
        let later = now + Duration::from_secs(400);
        let new = old.with(1600, Duration::from_secs(3600));
        assert!(old.get(conversation(7), later).is_none() && new.get(conversation(7), later).is_some());
        assert_eq!((new.with(160, Duration::from_secs(60)).len(), old.len()), (160, 160));
    }
}

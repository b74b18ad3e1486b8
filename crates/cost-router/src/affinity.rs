//! Where conversations have left a warm prompt cache.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use crate::stats::Share;

/// Which deployment each conversation went to last, and what of its prompt was cached there.
///
/// A conversation is a keyed hash of its beginning; no text is kept. There are at most so many of them, the least
/// recently used of a few goes first, and each is forgotten when the provider's cache is.
#[derive(Debug)]
pub(crate) struct Affinity {
    shards: Box<[Mutex<HashMap<u64, Record, foldhash::fast::RandomState>>]>,
    max: usize,
    ttl: Duration,
}

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
    /// The share of the prompts that was read from the cache, in parts of [`Share::WHOLE`], once that was seen.
    pub(crate) cached: Option<u64>,
    pub(crate) share: Arc<Share>,
}

const SHARDS: usize = 16;

impl Affinity {
    pub(crate) fn new(max: usize, ttl: Duration) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), max: max.div_ceil(SHARDS).max(1), ttl }
    }

    pub(crate) fn get(&self, conversation: u64, now: SystemTime) -> Option<Warm> {
        let shard = self.shard(conversation)?;
        let record = shard.get(&conversation).filter(|record| record.is_fresh(now, self.ttl))?;
        let (cached, share) = (record.cached.get(), Arc::clone(&record.cached));
        Some(Warm { deployment: Arc::clone(&record.deployment), prompt: record.prompt, cached, share })
    }

    fn put(&self, conversation: u64, record: Record) {
        let Some(mut shard) = self.shard(conversation) else { return };
        if shard.len() >= self.max && !shard.contains_key(&conversation) {
            // One of a few goes: to look for the oldest of all would hold up the others.
            let oldest = shard.iter().take(8).min_by_key(|(_, record)| record.at).map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                shard.remove(&oldest);
            }
        }
        shard.insert(conversation, record);
    }

    fn shard(&self, conversation: u64) -> Option<MutexGuard<'_, HashMap<u64, Record, foldhash::fast::RandomState>>> {
        let shard = self.shards.get(conversation as usize % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }
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
    /// Whether the last call went there, too.
    pub(crate) is_warm: bool,
    /// What the conversation's calls there had cached so far.
    pub(crate) share: Option<Arc<Share>>,
}

impl Visit {
    /// The provider has taken in this prompt: from now on its cache is warm.
    pub(crate) fn record(&self, prompt: u64, cached: u64) {
        let share = self.share.clone().unwrap_or_default();
        if self.is_warm {
            share.record(cached, prompt);
        }
        let record = Record { deployment: Arc::clone(&self.deployment), at: self.at, prompt, cached: share };
        self.affinity.put(self.conversation, record);
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
            is_warm: warm.is_some(),
            share: warm.map(|warm| warm.share),
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
        visit(&affinity, 7, now).record(2400, 1200);
        assert_eq!(affinity.get(7, now).unwrap().cached, Some(Share::WHOLE / 2));
        assert!(affinity.get(7, now + Duration::from_secs(299)).is_some());
        assert!(affinity.get(7, now + Duration::from_secs(300)).is_none());
        assert!(affinity.get(7, now - Duration::from_secs(9)).is_some(), "a clock may be set back");
    }

    #[test]
    fn there_are_no_more_than_so_many() {
        let affinity = Arc::new(Affinity::new(64, Duration::from_secs(300)));
        let now = SystemTime::now();
        for conversation in 0..10_000_u64 {
            visit(&affinity, conversation.wrapping_mul(0x9E37_79B9_7F4A_7C15), now).record(1, 0);
        }
        assert_eq!(affinity.len(), 64);
    }
}

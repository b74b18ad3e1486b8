use std::{
    hash::BuildHasher,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use foldhash::fast::RandomState;
use tokio::{sync::broadcast, time::Instant};

use super::breaker::{Breaker, Settings};
use crate::{
    Rules,
    key::Key,
    observe::{Labels, Observer},
};

/// All breakers by their keys, in shards, so that calls of different keys do not meet at one lock.
pub(super) struct Registry {
    settings: Arc<Settings>,
    shards: Box<[Shard]>,
    max_per_shard: usize,
    hasher: RandomState,
    labels: Labels,
    /// When the next shard is swept, and which: calls do it in passing.
    sweep_at: AtomicU64,
    sweep_next: AtomicUsize,
}

type Shard = RwLock<Map>;
type Map = std::collections::HashMap<Arc<str>, Arc<Breaker>, RandomState>;

/// So few that the oldest of a shard is nearly the oldest of all, so many that threads seldom meet.
const SHARDS: usize = 16;
/// Fewer keys than this are one shard.
const WORTH_SHARDS: usize = 1024;

impl Registry {
    pub(super) fn new(rules: Rules) -> Self {
        let shards = if rules.max_keys < WORTH_SHARDS { 1 } else { SHARDS };
        let max_per_shard = rules.max_keys / shards;
        let hasher = RandomState::default();
        let (changes, _) = broadcast::channel(256);
        Self {
            settings: Arc::new(Settings { rules, changes, started: Instant::now() }),
            shards: (0..shards).map(|_| RwLock::new(Map::with_hasher(hasher.clone()))).collect(),
            max_per_shard,
            hasher,
            labels: Labels::default(),
            sweep_at: AtomicU64::new(0),
            sweep_next: AtomicUsize::new(0),
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The breaker of a key that has one.
    pub(super) fn find(&self, key: &str) -> Option<Arc<Breaker>> {
        let shard = self.shard(key)?;
        shard.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// The breaker of a key, made where there is none.
    pub(super) fn get(&self, key: &Key<'_>, now: Instant) -> Arc<Breaker> {
        let millis = self.settings.millis(now);
        if millis >= self.sweep_at.load(Ordering::Relaxed) {
            self.sweep(millis, now);
        }
        if let Some(breaker) = self.find(key.name()) {
            breaker.touch(millis);
            return breaker;
        }
        self.make(key, now)
    }

    fn make(&self, key: &Key<'_>, now: Instant) -> Arc<Breaker> {
        let make = || {
            let observer = Observer::new(&self.labels, key);
            Arc::new(Breaker::new(key, observer, Arc::clone(&self.settings), now))
        };
        let Some(shard) = self.shard(key.name()) else { return make() };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(breaker) = shard.get(key.name()) {
            // Another call was faster.
            return Arc::clone(breaker);
        }
        if shard.len() >= self.max_per_shard && !make_room(&mut shard, now) {
            // All are held by force: this call has a breaker for itself.
            return make();
        }
        let breaker = make();
        shard.insert(Arc::clone(breaker.key()), Arc::clone(&breaker));
        breaker
    }

    /// All that are not idle for too long.
    pub(super) fn all(&self, now: Instant) -> Vec<Arc<Breaker>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            self.drop_idle(shard, now);
            all.extend(shard.read().unwrap_or_else(PoisonError::into_inner).values().cloned());
        }
        all
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> Vec<String> {
        let keys = |shard: &Shard| shard.read().unwrap().keys().map(ToString::to_string).collect::<Vec<_>>();
        self.shards.iter().flat_map(keys).collect()
    }

    /// Drops the idle ones of one shard, and says when the next is due.
    #[cold]
    fn sweep(&self, millis: u64, now: Instant) {
        let between = self.settings.rules.idle_after / (4 * self.shards.len() as u32);
        let next = millis.saturating_add(u64::try_from(between.as_millis()).unwrap_or(u64::MAX).max(1));
        let due = self.sweep_at.load(Ordering::Relaxed);
        let mine = self.sweep_at.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if mine && due <= millis {
            let place = self.sweep_next.fetch_add(1, Ordering::Relaxed) % self.shards.len();
            if let Some(shard) = self.shards.get(place) {
                self.drop_idle(shard, now);
            }
        }
    }

    fn drop_idle(&self, shard: &Shard, now: Instant) {
        let Some(oldest) = now.checked_sub(self.settings.rules.idle_after) else { return };
        if oldest < self.settings.started {
            return;
        }
        let oldest = self.settings.millis(oldest);
        let is_idle = |breaker: &Arc<Breaker>| {
            breaker.used() <= oldest && Arc::strong_count(breaker) == 1 && !breaker.is_kept(now).0
        };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        shard.retain(|_, breaker| {
            let idle = is_idle(breaker);
            if idle {
                breaker.forgotten();
            }
            !idle
        });
    }

    fn shard(&self, key: &str) -> Option<&Shard> {
        match &*self.shards {
            [one] => Some(one),
            many => many.get(self.hasher.hash_one(key) as usize % many.len()),
        }
    }
}

/// Drops the one that is missed the least; says whether there was one.
fn make_room(shard: &mut Map, now: Instant) -> bool {
    let oldest = shard
        .iter()
        .map(|(key, breaker)| {
            let (is_open, is_forced) = breaker.is_kept(now);
            (is_forced, is_open, Arc::strong_count(breaker) > 1, breaker.used(), key)
        })
        .min();
    match oldest {
        Some((false, .., key)) => {
            let key = Arc::clone(key);
            shard.remove(&key).inspect(|breaker| breaker.forgotten()).is_some()
        }
        _ => false,
    }
}

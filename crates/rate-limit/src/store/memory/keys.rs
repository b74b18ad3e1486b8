use std::{
    hash::BuildHasher,
    sync::{Arc, Mutex, PoisonError},
};

use foldhash::fast::RandomState;

use super::{entry::Entry, shard::Shard};
use crate::store::claim::Id;

/// Fewer keys than this are not worth dividing.
const DIVIDED: usize = 4096;
const SHARDS: usize = 16;

/// All keys, divided so that calls seldom wait for each other.
pub(super) struct Keys {
    shards: Box<[Mutex<Shard>]>,
    /// Seeded at random: which keys share a shard, nobody outside can tell.
    hasher: RandomState,
}

impl Keys {
    pub(super) fn new(max: usize) -> Self {
        let shards = if max < DIVIDED { 1 } else { SHARDS };
        let each = max.div_ceil(shards).clamp(1, u32::MAX as usize - 1);
        Self { shards: (0..shards).map(|_| Mutex::new(Shard::new(each))).collect(), hasher: RandomState::default() }
    }

    pub(super) fn entry(&self, id: &Id, now: u64) -> Arc<Entry> {
        let at = usize::try_from(self.hasher.hash_one(id) >> 32).unwrap_or(0) % self.shards.len().max(1);
        match self.shards.get(at) {
            Some(shard) => shard.lock().unwrap_or_else(PoisonError::into_inner).entry(id, now),
            None => Arc::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }
}

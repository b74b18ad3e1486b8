mod entry;
mod keys;
mod shard;

use std::fmt;

use tokio::time::Instant;

pub(crate) use entry::Entry;

use self::{entry::Refused, keys::Keys};
use super::{Claim, Place, Refusal, Store, Taken, Taking};

const MAX_KEYS: usize = 100_000;

/// Keeps the state of limits in this process.
///
/// A key is dropped when it has nothing to remember any more (all of its burst is back, and no call runs): each call
/// looks at a few of the oldest. Beyond [`max_keys`](Self::max_keys) a new key takes the place of an old one.
pub struct MemoryStore {
    began: Instant,
    keys: Keys,
}

impl MemoryStore {
    /// A store of 100,000 keys at most.
    #[must_use]
    pub fn new() -> Self {
        Self::max_keys(MAX_KEYS)
    }

    /// A store of about so many keys at most; each takes about 200 bytes and the length of its name, which counts
    /// for 64 at most.
    #[must_use]
    pub fn max_keys(keys: usize) -> Self {
        Self { began: Instant::now(), keys: Keys::new(keys) }
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    pub(crate) fn take_now(&self, claims: &mut [Claim]) -> Taken {
        let now = self.now();
        for index in 0..claims.len() {
            let Some((claim, before)) = claims.get_mut(..=index).and_then(<[Claim]>::split_last_mut) else { break };
            let entry = self.keys.entry(&claim.id, now);
            let taken = entry.take(&claim.limits, claim.tokens, now);
            let (requests, tokens, running) = entry.levels(now);
            claim.set_levels(requests, tokens, running);
            match taken {
                Ok(()) => claim.place = Place::Memory(entry),
                Err(Refused { kind, wait }) => {
                    // Nothing is taken unless all is. In between, others may have been refused for it.
                    for claim in before {
                        if let Place::Memory(entry) = std::mem::replace(&mut claim.place, Place::None) {
                            entry.give_back(&claim.limits, claim.tokens);
                        }
                    }
                    return Taken::Refused(Refusal { claim: index, kind, wait });
                }
            }
        }
        Taken::All
    }
}

impl Store for MemoryStore {
    fn take<'a>(&'a self, claims: &'a mut [Claim]) -> Taking<'a> {
        Taking::Now(Ok(self.take_now(claims)))
    }

    fn settle(&self, claims: &[Claim], used: u64) {
        let now = self.now();
        for claim in claims {
            if let Place::Memory(entry) = &claim.place {
                entry.settle(&claim.limits, claim.tokens, used, now);
            }
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("keys", &self.len()).finish_non_exhaustive()
    }
}

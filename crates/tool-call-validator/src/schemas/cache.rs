use std::{
    hash::BuildHasher,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use foldhash::quality::RandomState;
use llm_layers_core::Lru;

use super::{Schema, SchemaError};

/// What came of a schema.
type Compiled = Result<Arc<Schema>, SchemaError>;

/// Compiled schemas by their texts, those that were not used for the longest time going first.
#[derive(Debug)]
pub(super) struct Cache {
    hasher: RandomState,
    max_entries: usize,
    max_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    /// By the hash of the text. Two texts of one hash take turns.
    entries: Lru<u64, Held>,
    bytes: usize,
}

#[derive(Debug)]
struct Held {
    entry: Arc<Entry>,
    /// What it takes, about.
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    text: Box<[u8]>,
    /// Filled by whoever comes first; the others wait for that.
    compiled: OnceLock<Compiled>,
}

/// What an entry takes besides its text, about.
const ENTRY_BYTES: usize = 256;

impl Cache {
    pub(super) fn new(max_entries: usize, max_bytes: usize) -> Self {
        let kept = Kept { entries: Lru::new(max_entries), bytes: 0 };
        Self { hasher: RandomState::default(), max_entries: max_entries.max(1), max_bytes, kept: Mutex::new(kept) }
    }

    /// What came of a text, now or before.
    pub(super) fn get(&self, text: &[u8], compile: impl FnOnce(&[u8]) -> Compiled) -> Compiled {
        let hash = self.hasher.hash_one(text);
        let entry = self.entry(hash, text);
        let mut is_new = false;
        let compiled = entry.compiled.get_or_init(|| {
            is_new = true;
            compile(text)
        });
        if let (true, Ok(schema)) = (is_new, compiled) {
            self.grown(hash, &entry, schema.weight());
        }
        compiled.clone()
    }

    fn entry(&self, hash: u64, text: &[u8]) -> Arc<Entry> {
        let mut kept = self.lock();
        if let Some(held) = kept.entries.get(&hash).filter(|held| *held.entry.text == *text) {
            return Arc::clone(&held.entry);
        }
        let other = kept.entries.remove(&hash);
        kept.bytes -= other.map_or(0, |held| held.bytes);
        while kept.entries.len() >= self.max_entries {
            kept.forget_oldest();
        }
        // The text is copied: it is part of a request, which is not to be kept.
        let entry = Arc::new(Entry { text: text.into(), compiled: OnceLock::new() });
        let bytes = text.len() + ENTRY_BYTES;
        kept.bytes += bytes;
        kept.entries.insert(hash, Held { entry: Arc::clone(&entry), bytes });
        kept.keep_to(self.max_bytes);
        entry
    }

    /// An entry takes so much more, now that it has been compiled.
    fn grown(&self, hash: u64, entry: &Arc<Entry>, weight: usize) {
        let mut kept = self.lock();
        let Some(held) = kept.entries.get(&hash).filter(|held| Arc::ptr_eq(&held.entry, entry)) else { return };
        held.bytes += weight;
        kept.bytes += weight;
        kept.keep_to(self.max_bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Forgets the oldest until the rest is within the bound; a schema that is too large alone is not kept at all.
    fn keep_to(&mut self, max_bytes: usize) {
        while self.bytes > max_bytes && self.forget_oldest() {}
    }

    fn forget_oldest(&mut self) -> bool {
        let oldest = self.entries.pop_oldest_if(|_, _| true);
        self.bytes -= oldest.as_ref().map_or(0, |(_, held)| held.bytes);
        oldest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn compile(text: &[u8]) -> Compiled {
        Err(SchemaError { path: String::new(), message: String::from_utf8_lossy(text).into_owned() })
    }

    #[test]
    fn the_oldest_goes_by_count_and_by_bytes() {
        let cache = Cache::new(3, 4 * ENTRY_BYTES);
        for text in ["a", "b", "c", "a", "d"] {
            assert_eq!(cache.get(text.as_bytes(), compile).unwrap_err().message, text);
        }
        let is_kept = |text: &str| {
            let mut was_asked = false;
            let _ = cache.get(text.as_bytes(), |text| {
                was_asked = true;
                compile(text)
            });
            !was_asked
        };
        assert_eq!(["a", "c", "d"].map(is_kept), [true; 3]);
        assert!(!is_kept("b"));
        let long = "x".repeat(3 * ENTRY_BYTES - 1);
        assert!(!is_kept(&long) && is_kept(&long));
        assert_eq!(cache.lock().entries.len(), 1, "there is room for one of that length");
        assert!(!is_kept(&"y".repeat(5 * ENTRY_BYTES)));
        let kept = cache.lock();
        assert_eq!((kept.entries.len(), kept.bytes), (0, 0));
    }

    #[test]
    fn all_wait_for_whoever_comes_first() {
        let cache = Cache::new(8, 1 << 20);
        let compiled = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _ = cache.get(b"{}", |text| {
                        compiled.fetch_add(1, Ordering::Relaxed);
                        std::thread::yield_now();
                        compile(text)
                    });
                });
            }
        });
        assert_eq!(compiled.into_inner(), 1);
    }
}

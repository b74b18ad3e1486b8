use std::time::Duration;

use llm_layers_core::{Eventually, Unavailable};

use super::{MemoryStore, Purge, Size, Store};
use crate::{Entry, Key};

/// A near store over a far one: what is asked for often costs no way.
#[derive(Clone, Debug)]
pub struct Tiers<F> {
    near: MemoryStore,
    far: F,
    near_life: Duration,
}

impl<F> Tiers<F> {
    /// `near` over `far`.
    #[must_use]
    pub const fn new(near: MemoryStore, far: F) -> Self {
        Self { near, far, near_life: Duration::from_secs(60) }
    }

    /// The longest time that an entry is kept near without asking far. Default 60 s.
    ///
    /// What another replica has purged is still found here for so long, at most.
    #[must_use]
    pub const fn near_life(mut self, time: Duration) -> Self {
        self.near_life = time;
        self
    }

    fn keep_near(&self, key: &Key, entry: &Entry) {
        self.near.keep(key, entry, entry.life().min(self.near_life));
    }
}

impl<F: Store> Store for Tiers<F> {
    fn get<'a>(&'a self, key: &'a Key) -> Eventually<'a, Option<Entry>> {
        if let Some(entry) = self.near.find(key) {
            return Eventually::Now(Some(entry));
        }
        let keep_near = |entry: Option<Entry>| entry.inspect(|entry| self.keep_near(key, entry));
        match self.far.get(key) {
            Eventually::Now(entry) => Eventually::Now(keep_near(entry)),
            Eventually::Later(coming) => Eventually::Later(Box::pin(async move { keep_near(coming.await) })),
        }
    }

    /// It is near at once, whether it arrives far or not.
    fn put<'a>(&'a self, key: &'a Key, entry: &'a Entry) -> Eventually<'a, ()> {
        self.keep_near(key, entry);
        self.far.put(key, entry)
    }

    /// Says how many were far: what is near is there, too.
    fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, Result<Option<u64>, Unavailable>> {
        Eventually::Later(Box::pin(async {
            // What is found near after that has been found far before: it is purged there first.
            let purged = self.far.purge(what).get().await;
            let _ = self.near.purge(what).get().await;
            purged
        }))
    }

    /// What is near.
    fn size(&self) -> Option<Size> {
        self.near.size()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use bytes::Bytes;

    use super::*;
    use crate::{Namespace, Tenant};

    /// A store that is far: it takes a while, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct Far {
        store: MemoryStore,
        asked: AtomicUsize,
        is_away: bool,
    }

    impl Store for Far {
        fn get<'a>(&'a self, key: &'a Key) -> Eventually<'a, Option<Entry>> {
            self.asked.fetch_add(1, SeqCst);
            Eventually::Later(Box::pin(async {
                tokio::task::yield_now().await;
                self.store.find(key).filter(|_| !self.is_away)
            }))
        }

        fn put<'a>(&'a self, key: &'a Key, entry: &'a Entry) -> Eventually<'a, ()> {
            if !self.is_away {
                self.store.keep(key, entry, entry.life());
            }
            Eventually::Later(Box::pin(tokio::task::yield_now()))
        }

        fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, Result<Option<u64>, Unavailable>> {
            if self.is_away { Eventually::Now(Err(Unavailable)) } else { self.store.purge(what) }
        }

        fn size(&self) -> Option<Size> {
            None
        }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    fn key(nth: u8) -> Key {
        Key::new(Tenant([1; 16]), Namespace([2; 16]), [nth; 32])
    }

    fn entry() -> Entry {
        Entry::new(Bytes::from_static(b"{}"), 7, 60 * MINUTE)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_near_is_not_asked_for_far_for_a_while() {
        let tiers = Tiers::new(MemoryStore::default(), Far::default());
        tiers.far.store.keep(&key(1), &entry(), entry().life());
        let get = async || tiers.get(&key(1)).get().await;
        for _ in 0..3 {
            assert_eq!(get().await, Some(entry()));
        }
        assert_eq!(tiers.far.asked.load(SeqCst), 1);
        tokio::time::advance(MINUTE).await;
        assert_eq!(get().await, Some(entry()));
        assert_eq!(tiers.far.asked.load(SeqCst), 2);
        assert_eq!(tiers.get(&key(2)).get().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_put_is_in_both_and_what_another_has_purged_is_gone_soon() {
        let tiers = Tiers::new(MemoryStore::default(), Far::default()).near_life(Duration::from_secs(5));
        tiers.put(&key(1), &entry()).get().await;
        assert!(tiers.far.store.find(&key(1)).is_some());
        tiers.far.purge(&Purge::All).get().await.expect("there");
        tokio::time::advance(Duration::from_millis(4999)).await;
        assert!(tiers.get(&key(1)).get().await.is_some());
        assert_eq!(tiers.far.asked.load(SeqCst), 0);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(tiers.get(&key(1)).get().await, None);
    }

    #[tokio::test]
    async fn what_is_purged_is_in_neither() {
        let tiers = Tiers::new(MemoryStore::default(), Far::default());
        for nth in 0..3 {
            tiers.put(&key(nth), &entry()).get().await;
        }
        assert_eq!(tiers.size().map(|size| size.entries), Some(3));
        assert_eq!(tiers.purge(&Purge::Key(key(0))).get().await, Ok(Some(1)));
        assert_eq!(tiers.purge(&Purge::Tenant(key(0).tenant())).get().await, Ok(Some(2)));
        for nth in 0..3 {
            assert_eq!(tiers.get(&key(nth)).get().await, None);
        }
    }

    #[tokio::test]
    async fn while_the_far_one_is_away_the_near_one_serves() {
        let tiers = Tiers::new(MemoryStore::default(), Far { is_away: true, ..Far::default() });
        tiers.put(&key(1), &entry()).get().await;
        assert_eq!(tiers.get(&key(1)).get().await, Some(entry()));
        assert_eq!(tiers.get(&key(2)).get().await, None);
        // Near it is gone, but somebody else may have it still.
        assert_eq!(tiers.purge(&Purge::All).get().await, Err(Unavailable));
        assert_eq!(tiers.get(&key(1)).get().await, None);
    }
}

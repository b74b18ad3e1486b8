use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use llm_layers_core::{Clock, Eventually, Unavailable};

use super::{MemoryStore, Purge, Size, Store};
use crate::{Entry, Key};

/// A near store over a far one: what is asked for often costs no way.
///
/// What is near and no longer fresh is asked for far once more, as another replica may have asked anew; it is the answer
/// where there is nothing better.
#[derive(Clone, Debug)]
pub struct Tiers<F> {
    near: MemoryStore,
    far: F,
    near_life: Duration,
    clock: Clock,
    purges: Arc<AtomicU64>,
}

impl<F> Tiers<F> {
    /// `near` over `far`.
    #[must_use]
    pub fn new(near: MemoryStore, far: F) -> Self {
        Self { near, far, near_life: Duration::from_secs(60), clock: Clock::system(), purges: Arc::default() }
    }

    /// The longest time that an entry is kept near without asking far. Default 60 s.
    ///
    /// What another replica has purged is still found here for so long, at most.
    #[must_use]
    pub const fn near_life(mut self, time: Duration) -> Self {
        self.near_life = time;
        self
    }

    /// By which clock entries are fresh. Default the system's.
    #[must_use]
    pub const fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    fn keep_near(&self, key: &Key, entry: &Entry) {
        self.near.keep(key, entry, entry.life().min(self.near_life));
    }

    fn is_fresh(&self, entry: &Entry) -> bool {
        entry.age(self.clock.unix_millis()) <= entry.fresh_for()
    }

    /// What is far, or what is near if that is newer. It is kept near, if nothing has been purged since it was asked for:
    /// it may have been read before.
    fn found(&self, key: &Key, far: Option<Entry>, purges: u64) -> Option<Entry> {
        let is_newest = |near: &Entry| far.as_ref().is_none_or(|far| far.created() <= near.created());
        if let Some(near) = self.near.find(key).filter(is_newest) {
            return Some(near);
        }
        let entry = far?;
        if self.purges.load(SeqCst) == purges {
            self.keep_near(key, &entry);
            // A purge that began in between may have looked for it already.
            if self.purges.load(SeqCst) != purges {
                self.near.forget_one(key);
            }
        }
        Some(entry)
    }
}

impl<F: Store> Store for Tiers<F> {
    fn get<'a>(&'a self, key: &'a Key) -> Eventually<'a, Option<Entry>> {
        if let Some(entry) = self.near.find(key).filter(|entry| self.is_fresh(entry)) {
            return Eventually::Now(Some(entry));
        }
        let purges = self.purges.load(SeqCst);
        match self.far.get(key) {
            Eventually::Now(entry) => Eventually::Now(self.found(key, entry, purges)),
            Eventually::Later(coming) => {
                Eventually::Later(Box::pin(async move { self.found(key, coming.await, purges) }))
            }
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
            let purged = self.far.purge(what).get().await;
            // What was read far before that does not come near any more; what is read from now on was not purged.
            self.purges.fetch_add(1, SeqCst);
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
    use futures_util::FutureExt as _;

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
        // It came from a clock that is ahead: it is fresh for as long as it is kept.
        Entry::new(Bytes::from_static(b"{}"), u64::MAX, 60 * MINUTE)
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

    /// A purge, at each moment of a look-up that began before it.
    #[tokio::test]
    async fn what_was_read_before_a_purge_does_not_come_near_after_it() {
        for what in [Purge::Key(key(1)), Purge::Tenant(key(1).tenant()), Purge::All] {
            let tiers = Tiers::new(MemoryStore::default(), Slow::default());
            tiers.far.0.store.keep(&key(1), &entry(), entry().life());
            let key = key(1);
            let mut under_way = Box::pin(tiers.get(&key).get());
            assert!((&mut under_way).now_or_never().is_none());
            tiers.purge(&what).get().await.expect("there");
            assert_eq!(under_way.await, Some(entry()), "it was read before");
            assert_eq!(tiers.get(&key).get().await, None, "{what:?}");
        }
    }

    /// It reads at once, and tells later.
    #[derive(Debug, Default)]
    struct Slow(Far);

    impl Store for Slow {
        fn get<'a>(&'a self, key: &'a Key) -> Eventually<'a, Option<Entry>> {
            let found = self.0.store.find(key);
            Eventually::Later(Box::pin(async {
                tokio::task::yield_now().await;
                found
            }))
        }

        fn put<'a>(&'a self, key: &'a Key, entry: &'a Entry) -> Eventually<'a, ()> {
            self.0.put(key, entry)
        }

        fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, Result<Option<u64>, Unavailable>> {
            self.0.purge(what)
        }

        fn size(&self) -> Option<Size> {
            None
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_near_and_stale_gives_way_to_what_another_has_put_far() {
        let clock = Clock::starting_at(std::time::UNIX_EPOCH + MINUTE);
        let tiers = Tiers::new(MemoryStore::default(), Far::default()).near_life(60 * MINUTE).clock(clock);
        let made = |minute: u64| Entry::new(Bytes::from_static(b"{}"), minute * 60_000, MINUTE).kept_for(60 * MINUTE);
        tiers.put(&key(1), &made(1)).get().await;
        let get = async || tiers.get(&key(1)).get().await;
        tokio::time::advance(MINUTE).await;
        assert_eq!(get().await, Some(made(1)));
        assert_eq!(tiers.far.asked.load(SeqCst), 0, "it is fresh");
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(get().await, Some(made(1)), "there is nothing better");
        tiers.far.store.keep(&key(1), &made(2), MINUTE);
        for _ in 0..3 {
            assert_eq!(get().await, Some(made(2)));
        }
        assert_eq!(tiers.far.asked.load(SeqCst), 2, "now that is near");
        tokio::time::advance(2 * MINUTE).await;
        assert_eq!(get().await, Some(made(2)), "far it is gone, but it may still stand in");
        tiers.far.store.keep(&key(1), &made(1), MINUTE);
        assert_eq!(get().await, Some(made(2)), "an older one is no better");
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

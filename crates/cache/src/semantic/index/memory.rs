use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use llm_layers_core::{Eventually, Lru};
use tokio::time::Instant;

use super::{Index, Near, part::Part, vector::Vector};
use crate::{Key, Purge, Tenant, semantic::Embedded};

/// No point is kept for longer: what is added may end beyond what a clock can tell.
const LONGEST_LIFE: Duration = Duration::from_secs(366 * 24 * 3600);

/// Finds questions in this process: up to so many, in up to so many bytes. What was used least recently goes first.
pub(crate) struct MemoryIndex {
    max_points: usize,
    max_bytes: usize,
    parts: Mutex<Lru<[u8; 32], Shared>>,
    points: AtomicUsize,
    bytes: AtomicUsize,
}

/// A part is locked by itself: a walk through a large one keeps nobody from another. Its lock is taken under that of the
/// parts, or without it, and never the other way round.
type Shared = Arc<Owned>;

/// All points of a part are one tenant's: who forgets a tenant's looks at no others.
struct Owned {
    tenant: Tenant,
    part: Mutex<Part>,
}

impl MemoryIndex {
    pub(crate) fn new(max_points: usize, max_bytes: usize) -> Self {
        // None of the parts is empty: there are no more of them than points.
        let parts = Mutex::new(Lru::new(usize::MAX));
        Self { max_points, max_bytes, parts, points: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    fn known(&self, name: &[u8; 32]) -> Option<Shared> {
        lock(&self.parts).get(name).map(|part| Arc::clone(part))
    }

    fn known_or_new(&self, name: [u8; 32], tenant: Tenant, dimensions: usize) -> Shared {
        let mut parts = lock(&self.parts);
        if let Some(part) = parts.get(&name) {
            return Arc::clone(part);
        }
        let part = Arc::new(Owned { tenant, part: Mutex::new(Part::new(dimensions)) });
        parts.insert(name, Arc::clone(&part));
        part
    }

    /// Changes a part, and keeps count of what is in it. One that is gone is not counted, and not changed.
    fn change<T>(&self, part: &Owned, change: impl FnOnce(&mut Part) -> T) -> Option<T> {
        let mut part = lock(&part.part);
        if part.is_gone {
            return None;
        }
        let (points, bytes) = (part.len(), part.bytes());
        let changed = change(&mut part);
        // The difference wraps where it is negative, and so does the sum.
        self.points.fetch_add(part.len().wrapping_sub(points), Ordering::Relaxed);
        self.bytes.fetch_add(part.bytes().wrapping_sub(bytes), Ordering::Relaxed);
        Some(changed)
    }

    fn is_full(&self) -> bool {
        self.points.load(Ordering::Relaxed) > self.max_points || self.bytes.load(Ordering::Relaxed) > self.max_bytes
    }

    /// Takes points out of the part that was used least recently, until there is room.
    fn make_room(&self) {
        while self.is_full() {
            let mut is_any = false;
            lock(&self.parts).pop_oldest_if(|_, part| {
                is_any = true;
                self.change(part, Part::pop_oldest);
                self.has_gone(part)
            });
            if !is_any {
                break;
            }
        }
    }

    /// Whether nothing is left in a part. It is gone then.
    fn has_gone(&self, part: &Owned) -> bool {
        let see = |part: &mut Part| {
            part.is_gone = part.len() == 0;
            part.is_gone
        };
        self.change(part, see).unwrap_or(true)
    }

    fn drop_if_empty(&self, name: &[u8; 32]) {
        let mut parts = lock(&self.parts);
        if parts.peek(name).is_some_and(|part| self.has_gone(part)) {
            parts.remove(name);
        }
    }

    fn purge_now(&self, what: &Purge) {
        let tenant = match what {
            Purge::All => None,
            Purge::Key(key) => Some(key.tenant()),
            Purge::Namespace(tenant, _) | Purge::Tenant(tenant) => Some(*tenant),
        };
        let is_meant = |part: &Shared| tenant.is_none_or(|tenant| part.tenant == tenant);
        let parts = lock(&self.parts);
        let meant = parts.iter().filter(|(_, part)| is_meant(part));
        let meant: Vec<([u8; 32], Shared)> = meant.map(|(name, part)| (*name, Arc::clone(part))).collect();
        drop(parts);
        for (name, part) in meant {
            let is_empty = self.change(&part, |part| {
                part.purge(what);
                part.len() == 0
            });
            if is_empty == Some(true) {
                self.drop_if_empty(&name);
            }
        }
    }

    #[cfg(all(test, feature = "redis"))]
    pub(super) fn len(&self) -> usize {
        self.points.load(Ordering::Relaxed)
    }
}

impl Default for MemoryIndex {
    /// 100,000 questions in 256 MiB.
    fn default() -> Self {
        Self::new(100_000, 256 << 20)
    }
}

impl Index for MemoryIndex {
    fn find<'a>(&'a self, part: [u8; 32], at: &'a Embedded, threshold: f32) -> Eventually<'a, Option<Near>> {
        let Some(known) = self.known(&part) else { return Eventually::Now(None) };
        let found = self.change(&known, |part| (part.find(&Vector::of(at), threshold), part.len() == 0));
        let (near, is_empty) = found.unwrap_or((None, false));
        if is_empty {
            self.drop_if_empty(&part);
        }
        Eventually::Now(near)
    }

    fn add<'a>(&'a self, part: [u8; 32], at: &'a Embedded, key: &'a Key, life: Duration) -> Eventually<'a, ()> {
        let at = Vector::of(at);
        let end = Instant::now() + life.min(LONGEST_LIFE);
        // A part that has gone in the meantime is made anew.
        loop {
            let known = self.known_or_new(part, key.tenant(), at.dimensions());
            if known.tenant != key.tenant() || self.change(&known, |part| part.add(at.clone(), *key, end)).is_some() {
                break;
            }
        }
        self.make_room();
        Eventually::Now(())
    }

    fn purge<'a>(&'a self, what: &'a Purge) -> Eventually<'a, ()> {
        self.purge_now(what);
        Eventually::Now(())
    }
}

impl fmt::Debug for MemoryIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryIndex").field("points", &self.points).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

fn lock<T>(locked: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whatever a panic has left half done is a point that is not found.
    locked.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::time::advance;

    use super::*;
    use crate::{Namespace, semantic::index::points::embedded};

    const LIFE: Duration = Duration::from_secs(60);
    const A: [u8; 32] = [1; 32];
    const B: [u8; 32] = [2; 32];

    fn key(tenant: u8, number: u8) -> Key {
        Key::new(Tenant([tenant; 16]), Namespace([number % 2; 16]), [number; 32])
    }

    fn now<T>(eventually: Eventually<'_, T>) -> T {
        match eventually {
            Eventually::Now(value) => value,
            Eventually::Later(_) => panic!("nobody else is asked"),
        }
    }

    fn add(index: &MemoryIndex, part: [u8; 32], vector: &[f32], key: Key, life: Duration) {
        now(index.add(part, &embedded(vector.to_vec()), &key, life));
    }

    fn find(index: &MemoryIndex, part: [u8; 32], vector: &[f32], threshold: f32) -> Option<(Key, f32)> {
        now(index.find(part, &embedded(vector.to_vec()), threshold)).map(|near| (near.key, near.score))
    }

    /// What is counted is what is there, and no part is empty.
    fn check(index: &MemoryIndex) {
        let parts = lock(&index.parts);
        let points: usize = parts.iter().map(|(_, part)| lock(&part.part).len()).sum();
        let bytes: usize = parts.iter().map(|(_, part)| lock(&part.part).bytes()).sum();
        assert_eq!((points, bytes), (index.points.load(Ordering::Relaxed), index.bytes.load(Ordering::Relaxed)));
        assert!(parts.iter().all(|(_, part)| lock(&part.part).len() > 0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_of_a_part_is_found_if_it_is_near_enough() {
        let index = MemoryIndex::default();
        add(&index, A, &[1.0, 0.0], key(1, 1), LIFE);
        add(&index, A, &[0.0, 1.0], key(1, 2), LIFE);
        let (found, score) = find(&index, A, &[3.0, 4.0], 0.79).expect("near");
        assert!(found == key(1, 2) && (score - 0.8).abs() < 1e-3);
        assert!(find(&index, A, &[3.0, 4.0], 0.81).is_none(), "not near enough");
        assert!(find(&index, B, &[1.0, 0.0], 0.0).is_none(), "another part");
        assert!(find(&index, A, &[1.0, 0.0, 0.0], 0.0).is_none(), "another dimension");
        assert_eq!(find(&index, A, &[2.0, 0.0], 1.0).map(|(_, score)| score), Some(1.0));
        add(&index, A, &[1.0, 0.0, 0.0], key(1, 3), LIFE);
        assert!(find(&index, A, &[1.0, 0.0, 0.0], 0.0).is_none(), "nor is one added");
        add(&index, A, &[1.0, 1.0], key(2, 1), LIFE);
        assert_eq!(index.points.load(Ordering::Relaxed), 2, "nor one of another tenant");
        assert!(!format!("{index:?}").contains("32"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_point_lives_as_long_as_was_said_and_a_key_has_one() {
        let index = MemoryIndex::default();
        add(&index, A, &[1.0, 0.0], key(1, 1), LIFE);
        add(&index, A, &[1.0, 0.1], key(1, 2), 2 * LIFE);
        add(&index, B, &[1.0, 0.1], key(1, 2), Duration::MAX);
        let found = |vector: &[f32]| find(&index, A, vector, 0.9).map(|(key, _)| key);
        assert_eq!(found(&[1.0, 0.0]), Some(key(1, 1)));
        advance(LIFE).await;
        assert_eq!(found(&[1.0, 0.0]), Some(key(1, 2)), "the next one");
        add(&index, A, &[0.0, 1.0], key(1, 2), LIFE / 2);
        assert_eq!((found(&[1.0, 0.0]), found(&[0.0, 1.0])), (None, Some(key(1, 2))), "it has moved");
        check(&index);
        advance(LIFE).await;
        assert_eq!(found(&[0.0, 1.0]), None);
        check(&index);
        assert_eq!(lock(&index.parts).len(), 1, "nothing is left of the part");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_used_least_recently_goes() {
        let index = MemoryIndex::new(3, 1 << 20);
        for (part, number) in [(A, 1), (A, 2), (B, 3)] {
            add(&index, part, &[1.0, f32::from(number)], key(1, number), LIFE);
        }
        let found = |part, number: u8| find(&index, part, &[1.0, f32::from(number)], 0.9999).is_some();
        assert!(found(B, 3) && found(A, 2) && found(A, 1), "used in this order: B, then 2 of A, then 1");
        add(&index, B, &[1.0, 4.0], key(1, 4), LIFE);
        check(&index);
        assert!(found(B, 3) && found(B, 4) && found(A, 1) && !found(A, 2));
        add(&index, B, &[1.0, 5.0], key(1, 5), LIFE);
        add(&index, B, &[1.0, 6.0], key(1, 6), LIFE);
        check(&index);
        assert!(!found(A, 1) && found(B, 5) && found(B, 6) && lock(&index.parts).len() == 1);
        let tiny = MemoryIndex::new(100, 10);
        add(&tiny, A, &[1.0], key(1, 1), LIFE);
        check(&tiny);
        assert!(lock(&tiny.parts).is_empty(), "no room at all");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_purged_is_not_found() {
        let all = [key(1, 1), key(1, 2), key(2, 1), key(2, 2)];
        for what in [
            Purge::Key(key(1, 1)),
            Purge::Namespace(Tenant([1; 16]), Namespace([0; 16])),
            Purge::Tenant(Tenant([2; 16])),
            Purge::All,
        ] {
            let index = MemoryIndex::default();
            for (place, key) in all.iter().enumerate() {
                let part = if key.tenant() == Tenant([1; 16]) { A } else { B };
                add(&index, part, &[1.0, place as f32], *key, LIFE);
            }
            now(index.purge(&what));
            check(&index);
            for (place, key) in all.iter().enumerate() {
                let part = if key.tenant() == Tenant([1; 16]) { A } else { B };
                let found = find(&index, part, &[1.0, place as f32], 0.99999);
                assert_eq!(found.is_some_and(|(found, _)| found == *key), !what.means(key), "{what:?}");
            }
        }
    }

    #[test]
    fn threads_that_add_and_purge_lose_no_count() {
        let index = Arc::new(MemoryIndex::new(40, 1 << 20));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("a runtime");
        let tasks: Vec<_> = (0..8_u8)
            .map(|task| {
                let index = Arc::clone(&index);
                runtime.spawn(async move {
                    for step in 0..400_u16 {
                        let number = (step % 50) as u8;
                        let tenant = task % 2;
                        let part = [number % 7 + 7 * tenant; 32];
                        add(&index, part, &[1.0, f32::from(number)], key(tenant, number), LIFE);
                        find(&index, part, &[1.0, f32::from(number)], 0.5);
                        if step % 9 == 0 {
                            now(index.purge(&Purge::Tenant(Tenant([tenant; 16]))));
                        }
                    }
                })
            })
            .collect();
        runtime.block_on(async { futures_util::future::join_all(tasks).await }).into_iter().for_each(|done| {
            done.expect("no panic");
        });
        check(&index);
        assert!(index.points.load(Ordering::Relaxed) <= 40);
    }

    proptest! {
        #[test]
        fn it_finds_what_comparing_all_finds(
            known in proptest::collection::vec((0_u8..3, proptest::collection::vec(-9_i8..9, 4)), 0..60),
            asked in (0_u8..3, proptest::collection::vec(-9_i8..9, 4)),
            threshold in 0.0_f32..1.0,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            let _inside = runtime.enter();
            let floats = |vector: &[i8]| vector.iter().map(|x| f32::from(*x)).collect::<Vec<_>>();
            let index = MemoryIndex::default();
            let Some(at) = Embedded::new(floats(&asked.1)) else { return Ok(()) };
            let mut best: Option<f32> = None;
            for (number, (part, vector)) in known.iter().enumerate() {
                let Some(point) = Embedded::new(floats(vector)) else { continue };
                now(index.add([*part; 32], &point, &key(1, number as u8), LIFE));
                let cosine: f32 = point.coordinates().iter().zip(at.coordinates()).map(|(a, b)| a * b).sum();
                if *part == asked.0 {
                    best = Some(best.map_or(cosine, |best| best.max(cosine)));
                }
            }
            let near = now(index.find([asked.0; 32], &at, threshold));
            match (near, best) {
                (Some(near), Some(best)) => {
                    prop_assert!((near.score - best).abs() < 1e-3 && near.score >= threshold);
                }
                (None, best) => prop_assert!(best.is_none_or(|best| best < threshold + 1e-3)),
                (Some(_), None) => prop_assert!(false, "found in an empty part"),
            }
        }
    }
}

use std::sync::Arc;

use foldhash::HashMap;

use super::entry::Entry;
use crate::store::claim::Id;

/// No node.
const NONE: u32 = u32::MAX;
/// So many of the oldest keys are looked at in each call: more than one, so that they go faster than they come.
const SWEPT: usize = 2;
/// So many of the oldest keys are compared when one has to go.
const COMPARED: usize = 8;

/// Keys in the order of their last use.
pub(super) struct Shard {
    max: usize,
    places: HashMap<Id, u32>,
    nodes: Vec<Node>,
    free: Vec<u32>,
    newest: u32,
    oldest: u32,
}

struct Node {
    id: Id,
    entry: Arc<Entry>,
    newer: u32,
    older: u32,
}

impl Shard {
    pub(super) fn new(max: usize) -> Self {
        Self { max, places: HashMap::default(), nodes: Vec::new(), free: Vec::new(), newest: NONE, oldest: NONE }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The key's entry, which is new if there was none.
    pub(super) fn entry(&mut self, id: &Id, now: u64) -> Arc<Entry> {
        if let Some(&place) = self.places.get(id) {
            // Held, it is not swept.
            let entry = self.nodes.get(place as usize).map(|node| Arc::clone(&node.entry)).unwrap_or_default();
            self.move_to_front(place);
            self.sweep(now);
            return entry;
        }
        self.sweep(now);
        let entry = Arc::new(Entry::default());
        // Where all of the oldest are busy, the new key is counted for this one call: what runs at once is bounded.
        if self.places.len() < self.max || self.make_room(now) {
            self.insert(id.clone(), Arc::clone(&entry));
        }
        entry
    }

    /// Drops the oldest keys that have nothing to remember; the others get another round.
    fn sweep(&mut self, now: u64) {
        for _ in 0..SWEPT {
            let oldest = self.oldest;
            let Some(node) = self.nodes.get(oldest as usize).filter(|_| oldest != self.newest) else { return };
            if is_idle(node, now) {
                self.remove(oldest);
            } else {
                self.move_to_front(oldest);
            }
        }
    }

    /// Drops the key that has least to remember among the oldest; false where all of them are busy.
    fn make_room(&mut self, now: u64) -> bool {
        let mut least = None;
        let mut at = self.oldest;
        for _ in 0..COMPARED {
            let Some(node) = self.nodes.get(at as usize) else { break };
            let remembers = node.entry.remembers(now).filter(|_| Arc::strong_count(&node.entry) == 1);
            if let Some(time) = remembers.filter(|time| least.is_none_or(|(least, _)| *time < least)) {
                least = Some((time, at));
            }
            at = node.newer;
        }
        match least {
            Some((_, place)) => {
                self.remove(place);
                true
            }
            None => false,
        }
    }

    fn insert(&mut self, id: Id, entry: Arc<Entry>) {
        let node = Node { id: id.clone(), entry, newer: NONE, older: NONE };
        let place = match self.free.pop() {
            Some(place) => {
                if let Some(old) = self.nodes.get_mut(place as usize) {
                    *old = node;
                }
                place
            }
            None => {
                self.nodes.push(node);
                u32::try_from(self.nodes.len() - 1).unwrap_or(NONE)
            }
        };
        self.places.insert(id, place);
        self.link_newest(place);
    }

    fn remove(&mut self, place: u32) {
        self.unlink(place);
        if let Some(node) = self.nodes.get_mut(place as usize) {
            self.places.remove(&node.id);
            // What it held is let go now; the node itself is used again.
            node.id.key = crate::key::Key::All;
            node.entry = Arc::default();
            self.free.push(place);
        }
    }

    fn move_to_front(&mut self, place: u32) {
        if self.newest != place {
            self.unlink(place);
            self.link_newest(place);
        }
    }

    fn link_newest(&mut self, place: u32) {
        let second = std::mem::replace(&mut self.newest, place);
        if let Some(node) = self.nodes.get_mut(place as usize) {
            (node.newer, node.older) = (NONE, second);
        }
        match self.nodes.get_mut(second as usize) {
            Some(second) => second.newer = place,
            None => self.oldest = place,
        }
    }

    fn unlink(&mut self, place: u32) {
        let Some(node) = self.nodes.get(place as usize) else { return };
        let (newer, older) = (node.newer, node.older);
        match self.nodes.get_mut(newer as usize) {
            Some(node) => node.older = older,
            None => self.newest = older,
        }
        match self.nodes.get_mut(older as usize) {
            Some(node) => node.newer = newer,
            None => self.oldest = newer,
        }
    }
}

/// Nobody holds it, and it has nothing to remember.
fn is_idle(node: &Node, now: u64) -> bool {
    Arc::strong_count(&node.entry) == 1 && node.entry.remembers(now).is_some_and(|time| time.is_zero())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Limits, key::Key};

    const SECOND: u64 = 1_000_000_000;

    fn id(number: u32) -> Id {
        Id { rule: "rule".into(), key: Key::text(&number.to_string()) }
    }

    fn limits() -> Limits {
        Limits::new().requests_per_minute(60)
    }

    fn use_once(shard: &mut Shard, number: u32, now: u64) {
        assert!(shard.entry(&id(number), now).take(&limits(), 0, now).is_ok());
    }

    #[test]
    fn idle_keys_are_dropped_by_the_calls_of_others() {
        let mut shard = Shard::new(1000);
        for number in 0..500 {
            use_once(&mut shard, number, 0);
        }
        assert_eq!(shard.len(), 500);
        // A second later each has its request back.
        for _ in 0..250 {
            drop(shard.entry(&id(1000), 2 * SECOND));
        }
        assert_eq!(shard.len(), 1);
    }

    #[test]
    fn past_the_bound_the_oldest_goes_and_the_busy_stay() {
        let mut shard = Shard::new(4);
        let running = shard.entry(&id(0), 0);
        for number in 1..4 {
            use_once(&mut shard, number, 0);
        }
        // The first has two requests to remember, the others one.
        use_once(&mut shard, 1, 0);
        for number in 10..20 {
            use_once(&mut shard, number, 0);
            assert_eq!(shard.len(), 4);
        }
        assert!(Arc::ptr_eq(&running, &shard.entry(&id(0), 0)), "held by a call");
        assert_eq!(shard.entry(&id(1), 0).levels(0).0.as_secs(), 2, "it has most to remember");
        assert_eq!(shard.entry(&id(2), 0).levels(0).0.as_secs(), 0, "forgotten");
    }

    #[test]
    fn where_all_are_busy_no_room_is_made() {
        let mut shard = Shard::new(2);
        let held = [shard.entry(&id(0), 0), shard.entry(&id(1), 0)];
        let third = shard.entry(&id(2), 0);
        assert_eq!(shard.len(), 2);
        drop((held, third));
        assert!(shard.entry(&id(2), 0).levels(0).2 == 0 && shard.len() <= 2);
    }

    proptest! {
        #[test]
        fn the_list_and_the_map_agree(steps in proptest::collection::vec((0..30u32, 0..3u64), 1..200)) {
            let (mut shard, mut now) = (Shard::new(8), 0);
            for (number, wait) in steps {
                now += wait * SECOND;
                drop(shard.entry(&id(number), now).take(&limits(), 0, now));
                let (mut listed, mut at, mut newer) = (0, shard.newest, NONE);
                while let Some(node) = shard.nodes.get(at as usize) {
                    prop_assert_eq!(node.newer, newer);
                    prop_assert_eq!(shard.places.get(&node.id), Some(&at));
                    (listed, newer, at) = (listed + 1, at, node.older);
                }
                prop_assert_eq!(shard.oldest, newer);
                prop_assert_eq!(listed, shard.places.len());
                prop_assert_eq!(listed + shard.free.len(), shard.nodes.len());
                prop_assert!(listed <= 8 && shard.places.contains_key(&id(number)));
            }
        }
    }
}

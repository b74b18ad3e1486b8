use std::{
    collections::{HashMap, hash_map::RandomState},
    fmt,
    hash::{BuildHasher, Hash},
};

/// No node.
const NONE: u32 = u32::MAX;

/// A map of at most so many keys, in the order of their last use: for a new one the key goes that has been used least
/// recently.
///
/// Every operation takes constant time. What is in it does not grow old by itself; whoever keeps times in its values
/// drops the oldest by [`pop_oldest_if`](Self::pop_oldest_if).
///
/// ```
/// use llm_layers_core::Lru;
///
/// let mut cache = Lru::new(2);
/// cache.insert("a", 1);
/// cache.insert("b", 2);
/// assert_eq!(cache.get(&"a"), Some(&mut 1));
/// cache.insert("c", 3);
/// assert_eq!((cache.peek(&"a"), cache.peek(&"b")), (Some(&1), None));
/// ```
pub struct Lru<K, V, S = RandomState> {
    max: usize,
    places: HashMap<K, u32, S>,
    nodes: Vec<Node<K, V>>,
    newest: u32,
    oldest: u32,
}

struct Node<K, V> {
    key: K,
    value: V,
    newer: u32,
    older: u32,
}

impl<K, V> Lru<K, V>
where
    K: Hash + Eq + Clone,
{
    /// Nothing yet, and room for so many keys: at least one, at most 2^32 - 2.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self::with_hasher(max, RandomState::new())
    }
}

impl<K, V, S> Lru<K, V, S>
where
    K: Hash + Eq + Clone,
    S: BuildHasher,
{
    /// The same with a hasher of one's own.
    #[must_use]
    pub fn with_hasher(max: usize, hasher: S) -> Self {
        let max = max.clamp(1, NONE as usize - 1);
        Self { max, places: HashMap::with_hasher(hasher), nodes: Vec::new(), newest: NONE, oldest: NONE }
    }

    /// How many keys there is room for. Those that are too many go, the least recently used ones.
    pub fn set_max(&mut self, max: usize) {
        self.max = max.clamp(1, NONE as usize - 1);
        while self.nodes.len() > self.max {
            self.pop_oldest_if(|_, _| true);
        }
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The value of a key, which has been used by that.
    pub fn get(&mut self, key: &K) -> Option<&mut V> {
        let place = *self.places.get(key)?;
        self.touch(place);
        self.nodes.get_mut(place as usize).map(|node| &mut node.value)
    }

    /// The value of a key, without a use of it.
    #[must_use]
    pub fn peek(&self, key: &K) -> Option<&V> {
        let place = *self.places.get(key)?;
        self.nodes.get(place as usize).map(|node| &node.value)
    }

    /// Sets the value of a key, which has been used by that. If there is no room for it the key goes that has not been
    /// used for the longest time.
    pub fn insert(&mut self, key: K, value: V) {
        if let Some(known) = self.get(&key) {
            *known = value;
            return;
        }
        if self.nodes.len() >= self.max {
            self.pop_oldest_if(|_, _| true);
        }
        let place = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.places.insert(key.clone(), place);
        self.nodes.push(Node { key, value, newer: NONE, older: NONE });
        self.link(place);
    }

    /// Takes out what has not been used for the longest time, if that is wanted.
    pub fn pop_oldest_if(&mut self, is_wanted: impl FnOnce(&K, &V) -> bool) -> Option<(K, V)> {
        let oldest = self.nodes.get(self.oldest as usize)?;
        if !is_wanted(&oldest.key, &oldest.value) {
            return None;
        }
        Some(self.take(self.oldest))
    }

    /// All keys and their values, in no order, without a use of them.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.nodes.iter().map(|node| (&node.key, &node.value))
    }

    /// Takes out a key.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let place = *self.places.get(key)?;
        Some(self.take(place).1)
    }

    fn take(&mut self, place: u32) -> (K, V) {
        self.unlink(place);
        let last = u32::try_from(self.nodes.len().saturating_sub(1)).unwrap_or(NONE);
        let node = self.nodes.swap_remove(place as usize);
        self.places.remove(&node.key);
        if place != last {
            self.moved(place);
        }
        (node.key, node.value)
    }

    /// Tells everybody who knows a node that it is here now.
    fn moved(&mut self, place: u32) {
        let Some(node) = self.nodes.get(place as usize) else { return };
        let (newer, older) = (node.newer, node.older);
        if let Some(known) = self.places.get_mut(&node.key) {
            *known = place;
        }
        self.join(newer, place);
        self.join(place, older);
    }

    fn touch(&mut self, place: u32) {
        if self.newest != place {
            self.unlink(place);
            self.link(place);
        }
    }

    /// Makes a node the newest.
    fn link(&mut self, place: u32) {
        let second = self.newest;
        self.join(NONE, place);
        self.join(place, second);
    }

    fn unlink(&mut self, place: u32) {
        if let Some(node) = self.nodes.get(place as usize) {
            self.join(node.newer, node.older);
        }
    }

    /// Makes two nodes neighbours. Where there is none on one side, the other is at that end.
    fn join(&mut self, newer: u32, older: u32) {
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

/// Tells how many there are, and none of them.
impl<K, V, S> fmt::Debug for Lru<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lru").field("len", &self.nodes.len()).field("max", &self.max).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The keys from the newest to the oldest, by one way and back by the other.
    fn order(lru: &Lru<u8, u32>) -> Vec<u8> {
        let (mut forth, mut back) = (Vec::new(), Vec::new());
        let mut at = lru.newest;
        while let Some(node) = lru.nodes.get(at as usize) {
            assert_eq!(lru.places.get(&node.key), Some(&at));
            forth.push(node.key);
            at = node.older;
        }
        at = lru.oldest;
        while let Some(node) = lru.nodes.get(at as usize) {
            back.push(node.key);
            at = node.newer;
        }
        back.reverse();
        assert_eq!((&forth, forth.len()), (&back, lru.places.len()));
        forth
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Insert(u8, u32),
        Get(u8),
        Remove(u8),
        Pop(bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0_u8..12, any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
            2 => (0_u8..12).prop_map(Step::Get),
            1 => (0_u8..12).prop_map(Step::Remove),
            1 => any::<bool>().prop_map(Step::Pop),
        ]
    }

    proptest! {
        #[test]
        fn it_does_what_a_list_does(max in 0_usize..8, steps in prop::collection::vec(step(), 0..200)) {
            let mut lru = Lru::<u8, u32>::new(max);
            // From the newest to the oldest.
            let mut list: Vec<(u8, u32)> = Vec::new();
            let find = |list: &[(u8, u32)], key| list.iter().position(|(known, _)| *known == key);
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        lru.insert(key, value);
                        if let Some(place) = find(&list, key) {
                            list.remove(place);
                        }
                        list.insert(0, (key, value));
                        list.truncate(max.max(1));
                    }
                    Step::Get(key) => {
                        let known = find(&list, key).map(|place| list.remove(place));
                        prop_assert_eq!(lru.get(&key).copied(), known.map(|(_, value)| value));
                        list.splice(0..0, known);
                    }
                    Step::Remove(key) => {
                        let known = find(&list, key).map(|place| list.remove(place).1);
                        prop_assert_eq!(lru.remove(&key), known);
                    }
                    Step::Pop(is_wanted) => {
                        let oldest = if is_wanted { list.pop() } else { None };
                        prop_assert_eq!(lru.pop_oldest_if(|_, _| is_wanted), oldest);
                    }
                }
                prop_assert_eq!(order(&lru), list.iter().map(|(key, _)| *key).collect::<Vec<_>>());
                prop_assert!(list.iter().all(|(key, value)| lru.peek(key) == Some(value)));
                prop_assert_eq!((lru.len(), lru.is_empty()), (list.len(), list.is_empty()));
            }
        }
    }
}

use std::collections::BTreeSet;

use llm_layers_core::Lru;
use tokio::time::Instant;

use super::{Near, graph::Graph, vector::Vector};
use crate::{Key, Purge};

/// So many that have outlived their time are taken out at once: nobody pays for the whole part.
const FORGOTTEN_AT_ONCE: usize = 32;

/// What a point takes beside its coordinates, about: its key twice, its links, its places in the orders.
const OVERHEAD: usize = 640;
/// What a part takes beside its points, about.
const PART_OVERHEAD: usize = 1024;

/// The points of one part, all of the same dimension.
pub(super) struct Part {
    dimensions: usize,
    graph: Graph<Point>,
    /// In the order of their last use.
    places: Lru<Key, u32>,
    /// In the order of their ends.
    ends: BTreeSet<(Instant, u32)>,
    /// Taken out of the index. Whoever still holds it adds nothing.
    pub(super) is_gone: bool,
}

struct Point {
    key: Key,
    end: Instant,
}

impl Part {
    pub(super) fn new(dimensions: usize) -> Self {
        let places = Lru::new(usize::MAX);
        Self { dimensions, graph: Graph::new(), places, ends: BTreeSet::new(), is_gone: false }
    }

    pub(super) fn len(&self) -> usize {
        self.graph.len()
    }

    /// What it takes, about, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self.len() {
            0 => 0,
            points => PART_OVERHEAD + points * (OVERHEAD + 2 * self.dimensions),
        }
    }

    pub(super) fn find(&mut self, at: &Vector, threshold: f32) -> Option<Near> {
        if at.dimensions() != self.dimensions {
            return None;
        }
        let now = Instant::now();
        self.forget_ended(now);
        let (id, found) = self.graph.nearest(at, |point| point.end > now)?;
        let score = found.cosine(at);
        let (point, _) = self.graph.get_mut(id).filter(|_| score >= threshold)?;
        let key = point.key;
        self.places.get(&key);
        Some(Near { key, score })
    }

    /// Adds a point, in the place of the one that this key has had.
    pub(super) fn add(&mut self, at: Vector, key: Key, end: Instant) {
        if at.dimensions() != self.dimensions {
            return;
        }
        self.forget_ended(Instant::now());
        self.remove(&key);
        let id = self.graph.insert(Point { key, end }, at);
        self.places.insert(key, id);
        self.ends.insert((end, id));
    }

    /// Takes out the one that was used least recently.
    pub(super) fn pop_oldest(&mut self) {
        if let Some((_, id)) = self.places.pop_oldest_if(|_, _| true) {
            self.take(id);
        }
    }

    pub(super) fn purge(&mut self, what: &Purge) {
        if let Purge::Key(key) = what {
            return self.remove(key);
        }
        // Nearly always all that is in a part is one tenant's.
        let meant: Vec<Key> = self.graph.values().map(|point| point.key).filter(|key| what.means(key)).collect();
        if meant.len() == self.len() {
            *self = Self { is_gone: self.is_gone, ..Self::new(self.dimensions) };
        } else {
            meant.iter().for_each(|key| self.remove(key));
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(id) = self.places.remove(key) {
            self.take(id);
        }
    }

    fn take(&mut self, id: u32) {
        if let Some(point) = self.graph.remove(id) {
            self.ends.remove(&(point.end, id));
        }
    }

    fn forget_ended(&mut self, now: Instant) {
        for _ in 0..FORGOTTEN_AT_ONCE {
            let Some((_, id)) = self.ends.first().copied().filter(|(end, _)| *end <= now) else { break };
            match self.graph.get_mut(id).map(|(point, _)| point.key) {
                Some(key) => self.remove(&key),
                None => drop(self.ends.pop_first()),
            }
        }
    }
}

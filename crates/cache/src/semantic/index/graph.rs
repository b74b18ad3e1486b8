//! Points that know their neighbours: a hierarchical navigable small world.
//!
//! After Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small
//! world graphs" (2016), but with links that are always mutual: whoever is taken out knows all who know it, and its
//! neighbours are linked to each other in its place. So nothing dead is left in the graph, nor ever rebuilt.

use std::{cmp::Reverse, collections::BinaryHeap};

use slab::Slab;

use super::vector::Vector;

/// Up to so many points are compared one by one: that takes no longer than walking, finds all, and costs no links.
pub(super) const FLAT: usize = 512;
/// So many links a newcomer looks for in each layer.
const LINKS: usize = 16;
/// How many of the nearest are kept in sight when a place for a newcomer is looked for, and when an answer is.
const BUILD_WIDTH: usize = 96;
const SEARCH_WIDTH: usize = 64;
/// A walk sees no more points than these, whatever the graph looks like.
const LONGEST_WALK: usize = 16_384;
const HIGHEST: usize = 8;

/// A point as a search sees it: how near it is, and its place.
type Seen = (i32, u32);

pub(super) struct Graph<T> {
    nodes: Slab<Node<T>>,
    /// Those that have no links yet. They are compared one by one.
    waiting: Vec<u32>,
    entry: Option<u32>,
    /// The last walk that has seen each place.
    seen: Vec<u32>,
    walk: u32,
    /// How many were ever linked: what chance in the choice of layers comes from.
    linked: u64,
}

struct Node<T> {
    value: T,
    at: Vector,
    /// The neighbours in each layer from the lowest; none while it waits.
    layers: Vec<Vec<u32>>,
}

impl<T> Graph<T> {
    pub(super) fn new() -> Self {
        Self { nodes: Slab::new(), waiting: Vec::new(), entry: None, seen: Vec::new(), walk: 0, linked: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<(&mut T, &Vector)> {
        self.nodes.get_mut(id as usize).map(|node| (&mut node.value, &node.at))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().map(|(_, node)| &node.value)
    }

    /// Adds a point. Beyond [`FLAT`] points two of those that wait get their links each time: none has to wait long, and
    /// no newcomer pays for all.
    pub(super) fn insert(&mut self, value: T, at: Vector) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "an index holds far fewer points than 2^32")]
        let id = self.nodes.insert(Node { value, at, layers: Vec::new() }) as u32;
        self.seen.resize(self.seen.len().max(id as usize + 1), 0);
        self.waiting.push(id);
        if self.len() > FLAT {
            for _ in 0..2 {
                let Some(id) = self.waiting.pop() else { break };
                self.link(id);
            }
        }
        id
    }

    /// Takes a point out.
    pub(super) fn remove(&mut self, id: u32) -> Option<T> {
        match self.waiting.iter().position(|waiting| *waiting == id) {
            Some(place) => drop(self.waiting.swap_remove(place)),
            None => self.unlink(id),
        }
        self.nodes.try_remove(id as usize).map(|node| node.value)
    }

    /// The nearest of those that are wanted.
    pub(super) fn nearest(&mut self, at: &Vector, is_wanted: impl Fn(&T) -> bool) -> Option<(u32, Vector)> {
        let is_wanted = |node: &Node<T>| is_wanted(&node.value);
        let waiting = self.waiting.iter().filter_map(|id| self.nodes.get(*id as usize).map(|node| (*id, node)));
        let scanned = waiting.filter(|(_, node)| is_wanted(node)).map(|(id, node)| (node.at.nearness(at), id)).max();
        let walked = self.entry.and_then(|entry| {
            let mut from = vec![self.see(at, entry)];
            for layer in (1..self.height(entry)).rev() {
                from = self.search(at, &from, 1, layer, |_| true);
            }
            self.search(at, &from, SEARCH_WIDTH, 0, is_wanted).first().copied()
        });
        let (_, id) = scanned.max(walked)?;
        self.nodes.get(id as usize).map(|node| (id, node.at.clone()))
    }

    /// The nearest of a layer, the nearest first, by walking to ever nearer ones.
    fn search(
        &mut self,
        at: &Vector,
        from: &[Seen],
        width: usize,
        layer: usize,
        is_wanted: impl Fn(&Node<T>) -> bool,
    ) -> Vec<Seen> {
        self.begin_walk();
        let mut open = BinaryHeap::new();
        let mut best: BinaryHeap<Reverse<Seen>> = BinaryHeap::with_capacity(width + 1);
        let mut around = Vec::new();
        let mut length = 0;
        for &(nearness, id) in from {
            self.is_first_sight(id);
            open.push((nearness, id));
            if self.nodes.get(id as usize).is_some_and(&is_wanted) {
                best.push(Reverse((nearness, id)));
            }
        }
        while let Some((nearness, id)) = open.pop() {
            let is_full = best.len() >= width;
            if length > LONGEST_WALK || is_full && best.peek().is_some_and(|Reverse(worst)| nearness < worst.0) {
                break;
            }
            around.clear();
            around.extend_from_slice(self.neighbours(id, layer));
            for &neighbour in &around {
                if !self.is_first_sight(neighbour) {
                    continue;
                }
                length += 1;
                let Some(node) = self.nodes.get(neighbour as usize) else { continue };
                let seen = (node.at.nearness(at), neighbour);
                if best.len() >= width && best.peek().is_some_and(|Reverse(worst)| seen.0 <= worst.0) {
                    continue;
                }
                open.push(seen);
                if is_wanted(node) {
                    best.push(Reverse(seen));
                    if best.len() > width {
                        best.pop();
                    }
                }
            }
        }
        best.into_sorted_vec().into_iter().map(|Reverse(seen)| seen).collect()
    }

    /// Gives a point its links, and its place in the layers by chance: in each a sixteenth of those in the one below.
    fn link(&mut self, id: u32) {
        self.linked += 1;
        let top = (mixed(self.linked).leading_zeros() as usize / 4).min(HIGHEST - 1);
        let Some(node) = self.nodes.get_mut(id as usize) else { return };
        node.layers = vec![Vec::new(); top + 1];
        let at = node.at.clone();
        let Some(entry) = self.entry else {
            self.entry = Some(id);
            return;
        };
        let height = self.height(entry);
        let mut from = vec![self.see(&at, entry)];
        for layer in (0..height).rev() {
            let width = if layer > top { 1 } else { BUILD_WIDTH };
            from = self.search(&at, &from, width, layer, |_| true);
            if layer <= top {
                self.select(&from).into_iter().for_each(|neighbour| self.connect(id, neighbour, layer));
            }
        }
        if top >= height {
            self.entry = Some(id);
        }
    }

    /// Whom a newcomer is linked to. Of those that lie in the same direction the nearest, so that ways lead everywhere;
    /// where that leaves room, the nearest of the others.
    fn select(&self, candidates: &[Seen]) -> Vec<u32> {
        let mut chosen: Vec<u32> = Vec::with_capacity(LINKS);
        let mut spare = Vec::new();
        for &(nearness, id) in candidates {
            if chosen.len() == LINKS {
                return chosen;
            }
            let is_beside = |other: &u32| self.nearness(id, *other) > nearness;
            if chosen.iter().any(is_beside) { spare.push(id) } else { chosen.push(id) }
        }
        spare.truncate(LINKS - chosen.len());
        chosen.append(&mut spare);
        chosen
    }

    fn connect(&mut self, a: u32, b: u32, layer: usize) {
        if a == b || self.neighbours(a, layer).contains(&b) {
            return;
        }
        for (one, other) in [(a, b), (b, a)] {
            if let Some(links) = self.links(one, layer) {
                links.push(other);
            }
        }
        for id in [a, b] {
            if self.neighbours(id, layer).len() > most_links(layer) {
                self.disconnect_one(id, layer);
            }
        }
    }

    /// Gives up the furthest neighbour that another neighbour stands for, or else the furthest. Nobody loses the last link.
    fn disconnect_one(&mut self, id: u32, layer: usize) {
        let neighbours = self.neighbours(id, layer).iter();
        let mut neighbours: Vec<Seen> = neighbours.map(|other| (self.nearness(id, *other), *other)).collect();
        neighbours.sort_unstable();
        let can_go = |other: u32| self.neighbours(other, layer).len() > 1;
        let is_stood_for = |place: usize, (nearness, other): Seen| {
            let mut nearer = neighbours.iter().skip(place + 1);
            nearer.any(|(_, third)| self.nearness(other, *third) > nearness)
        };
        let mut those = neighbours.iter().enumerate().filter(|(_, seen)| can_go(seen.1));
        let stood_for = those.clone().find(|(place, seen)| is_stood_for(*place, **seen));
        let furthest = stood_for.or_else(|| those.next()).map(|(_, seen)| seen.1);
        if let Some(other) = furthest {
            self.disconnect(id, other, layer);
        }
    }

    fn disconnect(&mut self, a: u32, b: u32, layer: usize) {
        for (one, other) in [(a, b), (b, a)] {
            if let Some(links) = self.links(one, layer) {
                links.retain(|id| *id != other);
            }
        }
    }

    /// Takes a point's links, and links its neighbours to each other. One that is left without any waits for new ones.
    fn unlink(&mut self, id: u32) {
        let mut gone = vec![id];
        while let Some(id) = gone.pop() {
            let Some(node) = self.nodes.get_mut(id as usize) else { continue };
            let layers = std::mem::take(&mut node.layers);
            for (layer, neighbours) in layers.iter().enumerate() {
                for &neighbour in neighbours {
                    if let Some(links) = self.links(neighbour, layer) {
                        links.retain(|other| *other != id);
                    }
                }
                for &neighbour in neighbours {
                    self.heal(neighbour, neighbours, layer);
                }
                if layer == 0 {
                    let alone = |other: &&u32| self.neighbours(**other, 0).is_empty();
                    let alone: Vec<u32> = neighbours.iter().filter(alone).copied().collect();
                    self.waiting.extend(&alone);
                    gone.extend(alone);
                }
            }
            if self.entry == Some(id) {
                let highest = self.nodes.iter().max_by_key(|(_, node)| node.layers.len());
                #[expect(clippy::cast_possible_truncation, reason = "there are no more places than `insert` gives")]
                let highest = highest.filter(|(_, node)| !node.layers.is_empty()).map(|(id, _)| id as u32);
                self.entry = highest;
            }
        }
    }

    /// Links a point that has lost a neighbour to the nearest of the lost one's that has room and is not known yet.
    fn heal(&mut self, id: u32, candidates: &[u32], layer: usize) {
        let has_room = |id: u32| self.neighbours(id, layer).len() < most_links(layer);
        let known = self.neighbours(id, layer);
        let strangers = candidates.iter().copied().filter(|other| *other != id && !known.contains(other));
        let found = strangers.filter(|other| has_room(*other)).max_by_key(|other| self.nearness(id, *other));
        if let Some(found) = found.filter(|_| has_room(id)) {
            self.connect(id, found, layer);
        }
    }

    fn height(&self, id: u32) -> usize {
        self.nodes.get(id as usize).map_or(0, |node| node.layers.len())
    }

    fn neighbours(&self, id: u32, layer: usize) -> &[u32] {
        self.nodes.get(id as usize).and_then(|node| node.layers.get(layer)).map_or(&[], Vec::as_slice)
    }

    fn links(&mut self, id: u32, layer: usize) -> Option<&mut Vec<u32>> {
        self.nodes.get_mut(id as usize)?.layers.get_mut(layer)
    }

    fn nearness(&self, a: u32, b: u32) -> i32 {
        let at = |id: u32| self.nodes.get(id as usize).map(|node| &node.at);
        at(a).zip(at(b)).map_or(i32::MIN, |(a, b)| a.nearness(b))
    }

    fn see(&self, at: &Vector, id: u32) -> Seen {
        (self.nodes.get(id as usize).map_or(i32::MIN, |node| node.at.nearness(at)), id)
    }

    fn begin_walk(&mut self) {
        self.walk = self.walk.wrapping_add(1);
        if self.walk == 0 {
            self.seen.fill(0);
            self.walk = 1;
        }
    }

    fn is_first_sight(&mut self, id: u32) -> bool {
        let walk = self.walk;
        self.seen.get_mut(id as usize).is_some_and(|seen| std::mem::replace(seen, walk) != walk)
    }
}

/// The lowest layer has twice the links: it is where all are, and where answers are found.
const fn most_links(layer: usize) -> usize {
    if layer == 0 { 2 * LINKS } else { LINKS }
}

/// The finaliser of SplitMix64: numbers in a row become bits without order.
const fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::index::points;

    /// The share of searches that find what comparing all finds.
    fn recall(graph: &mut Graph<u32>, asked: &[Vector]) -> f64 {
        let found = asked.iter().filter(|at| {
            let exact = graph.nodes.iter().map(|(_, node)| node.at.nearness(at)).max();
            let near = graph.nearest(at, |_| true).map(|(_, near)| near.nearness(at));
            exact == near
        });
        found.count() as f64 / asked.len() as f64
    }

    fn check(graph: &Graph<u32>) {
        let mut linked = 0;
        for (id, node) in &graph.nodes {
            let is_waiting = graph.waiting.contains(&(id as u32));
            assert_eq!(is_waiting, node.layers.is_empty(), "either it has links or it waits");
            linked += usize::from(!is_waiting);
            for (layer, links) in node.layers.iter().enumerate() {
                assert!(links.len() <= most_links(layer));
                for &other in links {
                    assert!(other as usize != id && graph.neighbours(other, layer).contains(&(id as u32)), "mutual");
                }
            }
        }
        assert_eq!(graph.entry.is_some(), linked > 0);
    }

    #[test]
    fn a_few_are_all_compared() {
        let mut graph = Graph::new();
        for (number, at) in points::anywhere(1, 24).take(FLAT).enumerate() {
            graph.insert(number as u32, at);
        }
        let asked: Vec<_> = points::anywhere(2, 24).take(20).collect();
        assert!(graph.entry.is_none() && (recall(&mut graph, &asked) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn of_many_nearly_every_nearest_is_found_also_after_most_have_gone() {
        let mut graph = Graph::new();
        let ids: Vec<u32> = points::anywhere(1, 16).take(1600).map(|at| graph.insert(0, at)).collect();
        check(&graph);
        let asked: Vec<_> = points::anywhere(2, 16).take(100).collect();
        let whole = recall(&mut graph, &asked);
        for id in ids.iter().filter(|id| !id.is_multiple_of(4)) {
            assert!(graph.remove(*id).is_some() && graph.remove(*id).is_none());
        }
        check(&graph);
        let thinned = recall(&mut graph, &asked);
        assert!(whole >= 0.95 && thinned >= 0.95, "{whole} {thinned}");
    }

    #[test]
    fn questions_in_heaps_and_the_same_ones_are_found() {
        let mut graph = Graph::new();
        let at: Vec<_> = points::in_heaps(3, 16, 40).take(1200).collect();
        for at in at.iter().chain(&at[..200]) {
            graph.insert(0, at.clone());
        }
        check(&graph);
        let found = recall(&mut graph, &at[..200]);
        assert!(found >= 0.99, "of those that are in it: {found}");
    }

    #[test]
    fn all_can_go_and_come_again() {
        let mut graph = Graph::new();
        for round in 0..3 {
            let at: Vec<_> = points::anywhere(round, 8).take(FLAT + 100).collect();
            let ids: Vec<u32> = at.iter().map(|at| graph.insert(7, at.clone())).collect();
            check(&graph);
            for id in ids {
                assert_eq!(graph.remove(id), Some(7));
            }
            check(&graph);
            assert!(graph.len() == 0 && graph.nearest(&at[0], |_| true).is_none());
        }
    }

    #[test]
    fn what_is_not_wanted_is_passed_through() {
        let mut graph = Graph::new();
        let at: Vec<_> = points::anywhere(5, 16).take(1200).collect();
        for (number, at) in at.iter().enumerate() {
            graph.insert(number as u32, at.clone());
        }
        let near = graph.nearest(&at[0], |number| *number % 400 == 399).map(|(id, _)| id);
        assert!(near.is_some_and(|id| id % 400 == 399));
        assert!(graph.nearest(&at[0], |_| false).is_none());
    }
}

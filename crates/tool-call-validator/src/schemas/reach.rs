//! How much there is to do for one value: sub-schemas that apply others which apply others yet may come to more than
//! anybody has time for, in a few lines.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    SchemaError,
    graph::{Graph, Node},
};

/// How many sub-schemas may be applied to one object or array.
const MAX_APPLIED: u32 = 512;
/// How many may be applied to one scalar, where no result is remembered.
const MAX_TO_SCALAR: u32 = 4096;
/// How deep they may be nested for one value.
const MAX_CHAIN: usize = 48;
/// How much is looked at to find that out.
const MAX_STEPS: usize = 1_000_000;
/// How many complaints there may be at most of what is wrong with a value: they are all made before the first is told.
const MAX_EXPLAINED: usize = 50_000;
/// How many bytes that a complaint copies count as another complaint.
pub(super) const COPIED: usize = 1024;

/// Sub-schemas, and how many times each is applied to one value.
type Counts = Vec<(u32, u32)>;

/// What is too much.
struct TooMuch;

/// The sub-schemas that apply to one value, in the making.
struct Applied<'g> {
    graph: &'g Graph,
    /// Whose results are remembered, so that they are applied to a value once: each cycle of references has one.
    remembered: Option<&'g [bool]>,
    counts: HashMap<u32, u32>,
    stack: Vec<u32>,
    /// How long the stack has been.
    chain: usize,
    total: u32,
    max: u32,
}

/// Which value below a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step<'a> {
    Member(&'a str),
    /// A member of a name that no schema tells.
    Other,
    Item(usize),
}

impl Graph {
    /// Whether values can be checked in a time and a depth that grow with the values only.
    ///
    /// Follows all sets of sub-schemas that can meet in one value, as a regular expression is made deterministic. Tells how
    /// deep sub-schemas are nested for one value.
    pub(super) fn check_reach(&self) -> Result<usize, SchemaError> {
        let remembered = self.cycles();
        let too_much = |TooMuch| SchemaError::whole("its references and alternatives come to too much");
        let mut known: HashSet<Counts> = HashSet::new();
        let mut waiting: Vec<Counts> = vec![vec![(0, 1)]];
        let (mut steps, mut longest) = (0, 1);
        while let Some(roots) = waiting.pop() {
            let (all, chain) = self.applied(&roots, None, MAX_TO_SCALAR).map_err(too_much)?;
            longest = longest.max(chain);
            let (here, _) = self.applied(&roots, Some(&remembered), MAX_APPLIED).map_err(too_much)?;
            steps += all.iter().map(|(_, times)| *times as usize).sum::<usize>();
            for step in self.steps(&here) {
                let next = self.below(&here, step);
                steps += here.len() + next.len();
                if !next.is_empty() && known.insert(next.clone()) {
                    waiting.push(next);
                }
                if steps > MAX_STEPS {
                    return Err(too_much(TooMuch));
                }
            }
        }
        Ok(longest)
    }

    /// Whether what is wrong with a value can be explained in bounded time and memory.
    pub(super) fn is_explained(&self, value: &Value) -> bool {
        let mut left = MAX_EXPLAINED;
        self.spend(value, &[(0, 1)], 0, &mut left).is_some()
    }

    /// Spends what the complaints of a value may take, whose path is so long.
    fn spend(&self, value: &Value, roots: &[(u32, u32)], path: usize, left: &mut usize) -> Option<()> {
        let (here, _) = self.applied(roots, None, u32::try_from(*left).unwrap_or(u32::MAX)).ok()?;
        let nodes = || here.iter().filter_map(|(id, times)| Some((self.node(*id)?, *times as usize)));
        let complaints = nodes().map(|(node, times)| node.complaints().saturating_mul(times));
        let complaints = complaints.fold(0, usize::saturating_add);
        // Each complaint has the path, and those of alternatives have the value as well.
        let copied = if nodes().any(|(node, _)| !node.perhaps.is_empty()) { size(value) } else { 0 };
        *left = left.checked_sub(complaints.saturating_mul(1 + (path + copied) / COPIED))?;
        match value {
            Value::Object(members) => members.iter().try_for_each(|(name, value)| {
                self.spend(value, &self.below(&here, Step::Member(name)), path + name.len() + 1, left)
            }),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(index, item)| self.spend(item, &self.below(&here, Step::Item(index)), path + 1, left)),
            _ => Some(()),
        }
    }

    /// All that applies to a value if these do, and how deep that is nested.
    fn applied(&self, roots: &[(u32, u32)], remembered: Option<&[bool]>, max: u32) -> Result<(Counts, usize), TooMuch> {
        let (counts, stack) = (HashMap::new(), Vec::new());
        let mut applied = Applied { graph: self, remembered, counts, stack, chain: 0, total: 0, max };
        for (id, times) in roots {
            applied.add(*id, *times)?;
        }
        let mut counts: Counts = applied.counts.into_iter().collect();
        counts.sort_unstable();
        Ok((counts, applied.chain))
    }

    /// What applies to a member or an item.
    fn below(&self, here: &[(u32, u32)], step: Step<'_>) -> Counts {
        let mut next: HashMap<u32, u32> = HashMap::new();
        for (id, times) in here {
            let Some(node) = self.node(*id) else { continue };
            for id in node.below(step) {
                let count = next.entry(id).or_default();
                *count = count.saturating_add(*times);
            }
        }
        let mut next: Counts = next.into_iter().collect();
        next.sort_unstable();
        next
    }

    /// The steps that make a difference: names and places that are told, and one more of each.
    fn steps<'g>(&'g self, here: &[(u32, u32)]) -> HashSet<Step<'g>> {
        let mut steps = HashSet::from([Step::Other]);
        let mut places = 0;
        for node in here.iter().filter_map(|(id, _)| self.node(*id)) {
            steps.extend(node.members.keys().map(|name| Step::Member(name)));
            places = places.max(node.first_items.len());
        }
        steps.extend((0..=places).map(Step::Item));
        steps
    }

    /// A sub-schema of each cycle.
    fn cycles(&self) -> Vec<bool> {
        let mut on_path = vec![false; self.nodes.len()];
        let mut seen = on_path.clone();
        let mut found = on_path.clone();
        for root in 0..self.nodes.len() {
            let mut path: Vec<(usize, std::vec::IntoIter<u32>)> = Vec::new();
            let mut next = Some(root);
            loop {
                if let Some(id) = next.take().filter(|id| !seen.get(*id).copied().unwrap_or(true)) {
                    mark(&mut seen, id, true);
                    mark(&mut on_path, id, true);
                    let all = self.nodes.get(id).map(Node::all).unwrap_or_default();
                    path.push((id, all.into_iter()));
                }
                let Some((id, rest)) = path.last_mut() else { break };
                match rest.next() {
                    Some(target) => {
                        if on_path.get(target as usize) == Some(&true) {
                            mark(&mut found, target as usize, true);
                        }
                        next = Some(target as usize);
                    }
                    None => {
                        mark(&mut on_path, *id, false);
                        path.pop();
                    }
                }
            }
        }
        found
    }
}

impl Node {
    /// What it applies to a value below.
    pub(crate) fn below(&self, step: Step<'_>) -> Vec<u32> {
        let mut ids = Vec::new();
        match step {
            Step::Member(name) => match self.members.get(name) {
                Some(id) => ids.push(*id),
                None => ids.extend(self.others),
            },
            Step::Other => ids.extend(self.others),
            Step::Item(index) => {
                ids.extend(self.first_items.get(index).copied().or(self.rest));
                ids.extend(&self.every_item);
                return ids;
            }
        }
        ids.extend(&self.patterns);
        ids.extend(&self.every_member);
        ids
    }

    /// All that it applies to anything.
    fn all(&self) -> Vec<u32> {
        let lists =
            [&self.always, &self.perhaps, &self.patterns, &self.every_member, &self.first_items, &self.every_item];
        let one_by_one = [self.others, self.rest].into_iter().flatten();
        lists.into_iter().flatten().copied().chain(self.members.values().copied()).chain(one_by_one).collect()
    }
}

impl Applied<'_> {
    /// Counts a sub-schema, and those that it applies to the same value.
    fn add(&mut self, id: u32, times: u32) -> Result<(), TooMuch> {
        let is_remembered = self.remembered.and_then(|nodes| nodes.get(id as usize)) == Some(&true);
        // A sub-schema within itself is passed over by the validator.
        if self.stack.contains(&id) || is_remembered && self.counts.contains_key(&id) {
            return Ok(());
        }
        let times = if is_remembered { 1 } else { times };
        self.total = self.total.saturating_add(times);
        self.stack.push(id);
        self.chain = self.chain.max(self.stack.len());
        if self.total > self.max || self.stack.len() > MAX_CHAIN {
            return Err(TooMuch);
        }
        let count = self.counts.entry(id).or_default();
        *count = count.saturating_add(times);
        if let Some(node) = self.graph.node(id) {
            let times = if node.is_unevaluated { times.saturating_mul(2) } else { times };
            for id in node.always.iter().chain(&node.perhaps) {
                self.add(*id, times)?;
            }
        }
        self.stack.pop();
        Ok(())
    }
}

/// What a value takes in memory, about.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 32,
        Value::Array(items) => items.iter().map(size).sum::<usize>() + 32,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + 64 + size(value)).sum::<usize>() + 32,
        _ => 32,
    }
}

fn mark(marks: &mut [bool], id: usize, yes: bool) {
    if let Some(mark) = marks.get_mut(id) {
        *mark = yes;
    }
}

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

/// Something that may be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Bytes of the text as it was given.
    pub(super) range: Range<usize>,
    /// In hundredths.
    pub(super) score: i16,
    /// Which entity, by its number in the set.
    pub(super) kind: u16,
    /// It takes part, so that nothing less is found in its place, but is not found itself.
    pub(super) is_allowed: bool,
}

/// Leaves those that do not overlap: the surest, then the longest, then the first. They come in the text's order.
pub(super) fn resolve(candidates: &mut Vec<Candidate>) {
    candidates.sort_unstable_by_key(|found| (found.range.start, found.range.end, Reverse(found.score), found.kind));
    if candidates.is_sorted_by(|a, b| a.range.end <= b.range.start) {
        return;
    }
    candidates.sort_by_key(|found| (Reverse(found.score), Reverse(found.range.len())));
    // The ends of those that stay, by their starts.
    let mut taken = BTreeMap::new();
    candidates.retain(|Candidate { range, .. }| {
        let is_free = taken.range(..range.end).next_back().is_none_or(|(_, &end)| end <= range.start);
        if is_free {
            taken.insert(range.start, range.end);
        }
        is_free
    });
    candidates.sort_unstable_by_key(|found| found.range.start);
}

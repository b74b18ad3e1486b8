use std::{collections::BTreeMap, ops::Range};

/// What nothing has claimed yet of a text.
pub(super) struct Free<'t> {
    text: &'t str,
    /// What is claimed: starts and ends. No two of them touch, so that a claim over many leaves one.
    claimed: BTreeMap<usize, usize>,
}

impl<'t> Free<'t> {
    /// All of a text, but for this.
    pub(super) fn of(text: &'t str, claimed: impl IntoIterator<Item = Range<usize>>) -> Self {
        let mut free = Self { text, claimed: BTreeMap::new() };
        for range in claimed {
            free.claim(range);
        }
        free
    }

    /// Claims a range, and gives what of it was free until now.
    pub(super) fn take(&mut self, range: Range<usize>) -> Vec<Range<usize>> {
        let free = self.within(range.clone());
        self.claim(range);
        free
    }

    /// What is free of a range and holds a letter or digit; of a range that is not whole, from the first of these to the
    /// last.
    pub(super) fn within(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut free = Vec::new();
        let mut from = range.start;
        for (start, end) in self.touching(&range) {
            free.push(from..start);
            from = from.max(end);
        }
        free.push(from..range.end);
        free.retain(|free| !free.is_empty());
        if free.first() == Some(&range) {
            return free;
        }
        free.into_iter().filter_map(|free| self.trim(free)).collect()
    }

    /// What is claimed and overlaps a range or touches it.
    fn touching(&self, range: &Range<usize>) -> impl Iterator<Item = (usize, usize)> + use<> {
        let before = self.claimed.range(..range.start).next_back().filter(|(_, end)| **end >= range.start);
        let within = self.claimed.range(range.start..=range.end);
        before.into_iter().chain(within).map(|(start, end)| (*start, *end)).collect::<Vec<_>>().into_iter()
    }

    fn claim(&mut self, range: Range<usize>) {
        let Range { mut start, mut end } = range;
        if start >= end {
            return;
        }
        for (other, until) in self.touching(&(start..end)) {
            self.claimed.remove(&other);
            (start, end) = (start.min(other), end.max(until));
        }
        self.claimed.insert(start, end);
    }

    fn trim(&self, range: Range<usize>) -> Option<Range<usize>> {
        let text = self.text.get(range.clone())?;
        let from = text.find(char::is_alphanumeric)?;
        let (last, char) = text.char_indices().rfind(|(_, char)| char.is_alphanumeric())?;
        Some(range.start + from..range.start + last + char.len_utf8())
    }
}

/// The range within the text, widened to whole characters: what an external detector says may be off.
pub(super) fn at_boundaries(text: &str, range: Range<usize>) -> Range<usize> {
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let start = (0..=range.start.min(text.len())).rev().find(is_boundary).unwrap_or(0);
    let end = (range.end.min(text.len())..=text.len()).find(is_boundary).unwrap_or(text.len());
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(ranges: Vec<Range<usize>>) -> Vec<(usize, usize)> {
        ranges.into_iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn claims_leave_what_holds_letters_or_digits() {
        let text = "aa <bb> cc - dd";
        let mut free = Free::of(text, Some(3..7));
        assert_eq!(pairs(free.within(0..15)), [(0, 2), (8, 15)]);
        assert_eq!(pairs(free.take(0..10)), [(0, 2), (8, 10)]);
        assert_eq!(pairs(free.take(3..7)), []);
        assert_eq!(pairs(free.take(0..15)), [(13, 15)]);
        assert_eq!(free.claimed, BTreeMap::from([(0, 15)]));
        let mut free = Free::of("a++1", Some(0..1));
        assert_eq!(pairs(free.take(1..4)), [(1, 4)], "what is whole is not looked into");
    }

    #[test]
    fn ranges_are_widened_to_characters_and_cut_to_the_text() {
        let text = "aäb";
        for (start, end, range) in [(2, 3, 1..3), (1, 2, 1..3), (0, 99, 0..4), (50, 60, 4..4), (3, 1, 3..3)] {
            assert_eq!(at_boundaries(text, Range { start, end }), range);
        }
    }
}

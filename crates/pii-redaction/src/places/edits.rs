use std::ops::Range;

/// What changes in a text, by the bytes that it takes the place of.
#[derive(Default)]
pub(super) struct Edits {
    list: Vec<(Range<usize>, String)>,
}

impl Edits {
    pub(super) fn replace(&mut self, range: Range<usize>, by: String) {
        self.list.push((range, by));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The text with all of them made; `None` when there are none. Ranges do not overlap.
    pub(super) fn apply(mut self, text: &str) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        // Texts that are looked at together are replaced after what stands between them.
        self.list.sort_by_key(|(range, _)| range.start);
        let added: usize = self.list.iter().map(|(_, by)| by.len()).sum();
        let mut out = String::with_capacity(text.len() + added);
        let mut at = 0;
        for (range, by) in &self.list {
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(by);
            at = range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Some(out)
    }
}

/// From code points to bytes.
pub(super) enum Offsets {
    /// They are the same, in a text of this length.
    Ascii(usize),
    /// Where each character begins, and the end.
    Others(Vec<usize>),
}

impl Offsets {
    pub(super) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self::Ascii(text.len());
        }
        Self::Others(text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
    }

    pub(super) fn at(&self, character: usize) -> Option<usize> {
        match self {
            Self::Ascii(length) => (character <= *length).then_some(character),
            Self::Others(offsets) => offsets.get(character).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_become_bytes() {
        for text in ["", "plain", "é😀x", "👩‍👩‍👧", "e\u{301}"] {
            let offsets = Offsets::of(text);
            let expected = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            for (character, at) in expected.enumerate() {
                assert_eq!(offsets.at(character), Some(at), "{text}");
            }
            assert_eq!(offsets.at(text.chars().count() + 1), None);
            assert_eq!(offsets.at(usize::MAX), None);
        }
    }
}

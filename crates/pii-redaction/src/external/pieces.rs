//! Texts in portions: those that are too long in pieces that overlap, several short ones together.

use std::ops::Range;

use llm_layers_pii::{Finding, Text};

/// A text, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece<'a> {
    /// Which text it is of.
    pub(crate) index: usize,
    /// Where it begins in that text.
    pub(crate) start: usize,
    /// What it says.
    pub(crate) text: Text<'a>,
}

impl Piece<'_> {
    /// A finding of the piece as one of the whole text.
    pub(crate) fn in_whole(&self, finding: Finding) -> Finding {
        finding.shifted(self.start)
    }
}

/// The fewest bytes of a piece.
const LEAST: usize = 1024;

/// So much of a piece is seen again at the beginning of the next one: longer than what anybody looks for.
const OVERLAP: usize = 256;

/// All texts but blank ones, in batches of so many bytes and texts at most.
pub(crate) fn batches<'a>(texts: &[Text<'a>], most_bytes: usize, most_texts: usize) -> Vec<Vec<Piece<'a>>> {
    let most_bytes = most_bytes.max(LEAST);
    let mut batches: Vec<Vec<Piece<'a>>> = Vec::new();
    let mut room = 0;
    for (index, whole) in texts.iter().enumerate().filter(|(_, text)| !text.text.trim().is_empty()) {
        for range in cut(whole.text, most_bytes, OVERLAP) {
            let start = range.start;
            let text = Text { text: whole.text.get(range).unwrap_or_default(), ..*whole };
            let piece = Piece { index, start, text };
            match batches.last_mut() {
                Some(batch) if text.text.len() <= room && batch.len() < most_texts => batch.push(piece),
                _ => {
                    batches.push(vec![piece]);
                    room = most_bytes;
                }
            }
            room -= text.text.len();
        }
    }
    batches
}

/// Ranges of at most so many bytes that together are the text, each with the last bytes of the one before; at white
/// space where there is some. The overlap is a quarter of a piece at most.
pub(crate) fn cut(text: &str, most: usize, overlap: usize) -> impl Iterator<Item = Range<usize>> {
    // A character is no longer than 4 bytes: every piece holds one that the one before does not.
    let most = most.max(64);
    let overlap = overlap.min(most / 4);
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = end(text, start, most);
        next = (end < text.len()).then(|| begin(text, end - overlap, overlap / 2));
        Some(start..end)
    })
}

/// The end of a piece that begins here: after white space in its second half, or else after its last whole character.
fn end(text: &str, start: usize, most: usize) -> usize {
    if text.len() - start <= most {
        return text.len();
    }
    let end = floor(text, start + most);
    let half = floor(text, start + most / 2);
    let space = text.get(half..end).and_then(|last| last.char_indices().rev().find(|(_, char)| char.is_whitespace()));
    space.map_or(end, |(at, char)| half + at + char.len_utf8())
}

/// The beginning of the piece after: white space within so many bytes from here, or else here.
fn begin(text: &str, from: usize, within: usize) -> usize {
    let from = floor(text, from);
    let to = floor(text, from + within);
    let space = text.get(from..to).and_then(|first| first.find(char::is_whitespace));
    space.map_or(from, |at| from + at)
}

/// Makes one of findings of the same entity that overlap: what a cut has gone through was seen in part, and whole.
/// Sorts them by where they stand.
pub(crate) fn unite(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| a.entity.cmp(&b.entity).then(a.range.start.cmp(&b.range.start)));
    findings.dedup_by(|later, kept| {
        let overlap = later.entity == kept.entity && later.range.start < kept.range.end;
        if overlap {
            kept.range.end = kept.range.end.max(later.range.end);
            kept.score = kept.score.max(later.score);
        }
        overlap
    });
    findings.sort_by_key(|finding| finding.range.start);
}

/// The first boundary of characters that is no earlier than this.
#[cfg(feature = "ner")]
pub(crate) fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// The last boundary of characters that is no later than this.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use llm_layers_pii::Entity;
    use proptest::prelude::*;

    use super::*;

    fn finding(entity: &'static str, range: Range<usize>) -> Finding {
        Finding { entity: Entity::new(entity), range, score: 0.5 }
    }

    #[test]
    fn short_texts_go_together_and_blank_ones_nowhere() {
        let texts = ["a".repeat(600), " \n".into(), "b".repeat(400), "c".repeat(30), "d".into()];
        let texts: Vec<Text<'_>> = texts.iter().map(Text::from).collect();
        let indices = |most_texts| -> Vec<Vec<usize>> {
            let batches = batches(&texts, 0, most_texts);
            batches.iter().map(|batch| batch.iter().map(|piece| piece.index).collect()).collect()
        };
        assert_eq!(indices(9), [vec![0, 2], vec![3, 4]]);
        assert_eq!(indices(1), [[0], [2], [3], [4]]);
    }

    #[test]
    fn cuts_are_at_white_space_where_there_is_some() {
        let text = "word ".repeat(100);
        for range in cut(&text, 64, 16) {
            let piece = &text[range.clone()];
            assert!(range.start == 0 || piece.starts_with(' '), "{range:?} {piece:?}");
            assert!(piece.ends_with(' '), "{range:?} {piece:?}");
        }
    }

    #[test]
    fn parts_of_one_thing_are_one_finding() {
        let mut findings = vec![finding("a", 7..9), finding("a", 2..8), finding("b", 3..5), finding("a", 9..12)];
        unite(&mut findings);
        assert_eq!(findings, [finding("a", 2..9), finding("b", 3..5), finding("a", 9..12)]);
    }

    proptest! {
        #[test]
        fn pieces_cover_the_text(text in "(\\PC| |\u{1f600}){0,700}", most in 0_usize..300, overlap in 0_usize..100) {
            let mut covered = 0;
            for range in cut(&text, most, overlap) {
                prop_assert!(range.start <= covered && range.len() <= most.max(64), "{range:?} after {covered}");
                prop_assert!(text.get(range.clone()).is_some());
                prop_assert!(range.end > covered || text.is_empty());
                covered = range.end;
            }
            prop_assert_eq!(covered, text.len());
        }

        /// What is no longer than half of the overlap is whole in some piece.
        #[test]
        fn nothing_short_is_torn(text in "(\\PC| ){0,700}", at in 0_usize..700, length in 1_usize..16) {
            let start = floor(&text, at.min(text.len()));
            let end = floor(&text, (start + length).min(text.len()));
            prop_assert!(cut(&text, 200, 50).any(|range| range.start <= start && end <= range.end));
        }
    }
}

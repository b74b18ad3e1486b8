//! A text as it is read: without what hides or varies its letters and digits.

mod escape;
mod fold;

use std::ops::Range;

/// A text that was changed to be searched, and the way back to the one that was given.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) text: String,
    pieces: Vec<Piece>,
    /// Where in the given text escape sequences stand, when those were read.
    escapes: Vec<Range<usize>>,
    /// Where in the view something was left out.
    gaps: Vec<usize>,
}

/// From here on bytes are as they were given, or one unit stands for others.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Offset in the view.
    view: usize,
    /// Offset in the text.
    from: usize,
    /// Where in the text the unit ends; `None` where bytes stand for themselves.
    to: Option<usize>,
}

/// What a character, or an escape sequence, turns into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unit {
    at: usize,
    /// Bytes of the text that it takes.
    len: usize,
    /// `None` leaves nothing.
    becomes: Option<char>,
}

impl View {
    /// How much is read around an escape sequence, to the next white space.
    const AROUND: usize = 320;

    /// The text without look-alikes and what cannot be seen, unless it has none.
    pub(super) fn folded(text: &str) -> Option<Self> {
        fold::next(text, 0..text.len())?;
        let mut view = Self::default();
        view.read(text, 0..text.len(), &[]);
        Some(view)
    }

    /// The same around escape sequences, and those read, unless the text has none.
    pub(super) fn unescaped(text: &str) -> Option<Self> {
        let units: Vec<Unit> = escape::all(text).collect();
        if units.is_empty() {
            return None;
        }
        let mut view =
            Self { escapes: units.iter().map(|unit| unit.at..unit.at + unit.len).collect(), ..Self::default() };
        let mut rest = units.as_slice();
        let mut done = 0;
        while let Some(first) = rest.first() {
            let start = blank_before(text, done, first.at.saturating_sub(Self::AROUND));
            let (mut end, mut count) = (first.at, 0);
            while let Some(unit) = rest.get(count).filter(|unit| unit.at <= end) {
                count += 1;
                let reach = unit.at + unit.len + Self::AROUND;
                end = if reach > end { blank_after(text, reach) } else { end };
            }
            let (units, others) = rest.split_at(count);
            view.gap(start);
            view.read(text, start..end, units);
            (rest, done) = (others, end);
        }
        Some(view)
    }

    /// Adds a part of the text.
    fn read(&mut self, text: &str, range: Range<usize>, mut escapes: &[Unit]) {
        let mut at = range.start;
        let mut folded = fold::next(text, range.clone());
        while at < range.end {
            if folded.is_some_and(|unit| unit.at < at) {
                folded = fold::next(text, at..range.end);
            }
            let unit = match (folded, escapes.split_first()) {
                (folded, Some((escape, others))) if folded.is_none_or(|unit| unit.at > escape.at) => {
                    escapes = others;
                    *escape
                }
                (Some(unit), _) => unit,
                _ => break,
            };
            self.keep(text, at..unit.at);
            if let Some(letter) = unit.becomes {
                self.pieces.push(Piece { view: self.text.len(), from: unit.at, to: Some(unit.at + unit.len) });
                self.text.push(letter);
            }
            at = unit.at + unit.len;
        }
        self.keep(text, at..range.end);
    }

    fn keep(&mut self, text: &str, range: Range<usize>) {
        if !range.is_empty() {
            self.pieces.push(Piece { view: self.text.len(), from: range.start, to: None });
            self.text.push_str(text.get(range).unwrap_or_default());
        }
    }

    /// Leaves out what is before `from`.
    fn gap(&mut self, from: usize) {
        if !self.text.is_empty() {
            self.gaps.push(self.text.len());
            self.pieces.push(Piece { view: self.text.len(), from, to: Some(from) });
            self.text.push('\n');
        }
    }

    /// Where a range of the view stands in the text.
    pub(super) fn back(&self, range: &Range<usize>) -> Range<usize> {
        let piece_of = |offset: usize| {
            let index = self.pieces.partition_point(|piece| piece.view <= offset);
            index.checked_sub(1).and_then(|index| self.pieces.get(index))
        };
        let start = piece_of(range.start).map_or(0, |piece| match piece.to {
            None => piece.from + range.start - piece.view,
            Some(_) => piece.from,
        });
        let end = range.end.checked_sub(1).and_then(|last| Some((last, piece_of(last)?)));
        let end = end.map_or(0, |(last, piece)| piece.to.unwrap_or(piece.from + last + 1 - piece.view));
        start..end.max(start)
    }

    /// Whether it takes this view to see something: where escape sequences were read, one is in it or next to it.
    pub(super) fn shows(&self, range: &Range<usize>) -> bool {
        if self.escapes.is_empty() {
            return true;
        }
        let gap = self.gaps.partition_point(|gap| *gap < range.start);
        let given = self.back(range);
        let escape = self.escapes.partition_point(|escape| escape.end < given.start);
        self.gaps.get(gap).is_none_or(|gap| *gap >= range.end)
            && self.escapes.get(escape).is_some_and(|escape| escape.start <= given.end)
    }

    /// Whether a range of the text begins or ends within an escape sequence.
    pub(super) fn cuts(&self, range: &Range<usize>) -> bool {
        let is_within = |at: usize| {
            let escape = self.escapes.partition_point(|escape| escape.end <= at);
            self.escapes.get(escape).is_some_and(|escape| escape.start < at)
        };
        is_within(range.start) || is_within(range.end)
    }
}

/// After the last white space before `at`, or where all is done.
fn blank_before(text: &str, done: usize, at: usize) -> usize {
    let before = text.as_bytes().get(done..at).unwrap_or_default();
    let blank = before.iter().rposition(u8::is_ascii_whitespace);
    blank.map_or(done, |blank| done + blank + 1)
}

/// The first white space from `at` on.
fn blank_after(text: &str, at: usize) -> usize {
    let after = text.as_bytes().get(at..).unwrap_or_default();
    at.min(text.len()) + after.iter().position(u8::is_ascii_whitespace).unwrap_or(after.len())
}

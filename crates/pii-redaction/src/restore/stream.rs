use std::{fmt, mem};

use super::{Escape, NOTHING_BEFORE, Restorer, matcher::Next};

/// Restores a text that comes in pieces.
///
/// What may still become a known placeholder is held back, and nothing else: never more than
/// [`Restorer::longest`] bytes.
pub struct Stream {
    restorer: Restorer,
    escape: Escape,
    held: String,
    /// The two bytes before what is held.
    before: [u8; 2],
}

impl Stream {
    /// Begins.
    #[must_use]
    pub const fn new(restorer: Restorer, escape: Escape) -> Self {
        Self { restorer, escape, held: String::new(), before: NOTHING_BEFORE }
    }

    /// Appends to `out` what is settled by now.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        if self.restorer.is_empty() {
            out.push_str(piece);
        } else if self.held.is_empty() {
            let settled = self.settle(piece, false, out);
            self.held.push_str(piece.get(settled..).unwrap_or_default());
        } else if !piece.is_empty() {
            let mut text = mem::take(&mut self.held);
            text.push_str(piece);
            let settled = self.settle(&text, false, out);
            text.drain(..settled);
            self.held = text;
        }
    }

    /// Appends what was held back: the text is over.
    pub fn finish(&mut self, out: &mut String) {
        let held = mem::take(&mut self.held);
        self.settle(&held, true, out);
        self.before = NOTHING_BEFORE;
    }

    /// The bytes held back.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.held.len()
    }

    /// Appends what is settled of a text, and gives its length.
    fn settle(&mut self, text: &str, is_over: bool, out: &mut String) -> usize {
        let mut from = 0;
        let end = loop {
            match self.restorer.0.matcher.next(text, from, self.before, is_over) {
                Next::Placeholder(range, index) => {
                    out.push_str(text.get(from..range.start).unwrap_or_default());
                    self.restorer.write(index, self.escape, out);
                    from = range.end;
                }
                Next::Begun(at) => break at,
                Next::Nothing => break text.len(),
            }
        };
        out.push_str(text.get(from..end).unwrap_or_default());
        self.before = match *text.as_bytes().get(..end).unwrap_or_default() {
            [] => self.before,
            [last] => [self.before[1], last],
            [.., last, next] => [last, next],
        };
        end
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("restorer", &self.restorer)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

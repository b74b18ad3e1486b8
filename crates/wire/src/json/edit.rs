//! Writing out a text of which some pieces were replaced.

use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};

/// A range of the source text. Texts are shorter than 4 GiB ([`super::Limits::max_bytes`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    #[allow(clippy::cast_possible_truncation, reason = "the scanner refuses texts over 4 GiB")]
    pub(super) const fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    pub(super) const fn start(self) -> usize {
        self.start as usize
    }

    pub(super) const fn end(self) -> usize {
        self.end as usize
    }

    pub(super) const fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    pub(super) fn of(self, source: &[u8]) -> &[u8] {
        source.get(self.range()).unwrap_or_default()
    }
}

/// A value: as it stands in the source, or one that has taken its place.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    Source(Span),
    Replaced(Bytes),
}

impl Slot {
    pub(super) fn bytes<'a>(&'a self, source: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Source(span) => span.of(source),
            Self::Replaced(bytes) => bytes,
        }
    }

    pub(super) fn to_bytes(&self, source: &Bytes) -> Bytes {
        match self {
            Self::Source(span) => source.slice(span.range()),
            Self::Replaced(bytes) => bytes.clone(),
        }
    }
}

/// The text as a list of pieces: as few as there are, each shared with where it came from.
pub(super) struct Pieces<'a> {
    source: &'a Bytes,
    run: Range<usize>,
    done: Vec<Bytes>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(source: &'a Bytes) -> Self {
        Self { source, run: 0..0, done: Vec::new() }
    }

    /// Adds a range of the source; neighbours become one piece.
    pub(super) fn source(&mut self, range: Range<usize>) {
        if range.start == self.run.end {
            self.run.end = range.end;
        } else {
            self.flush();
            self.run = range;
        }
    }

    /// Adds bytes from elsewhere.
    pub(super) fn bytes(&mut self, bytes: Bytes) {
        self.flush();
        if !bytes.is_empty() {
            self.done.push(bytes);
        }
    }

    pub(super) fn slot(&mut self, slot: &Slot) {
        match slot {
            Slot::Source(span) => self.source(span.range()),
            Slot::Replaced(bytes) => self.bytes(bytes.clone()),
        }
    }

    fn flush(&mut self) {
        let end = self.run.end;
        let run = std::mem::replace(&mut self.run, end..end);
        if !run.is_empty() {
            self.done.push(self.source.slice(run));
        }
    }

    pub(super) fn finish(mut self) -> Vec<Bytes> {
        self.flush();
        self.done
    }
}

/// Pieces joined into one buffer; a single piece is handed on as it is.
pub(super) fn join(mut pieces: Vec<Bytes>) -> Bytes {
    if pieces.len() == 1 {
        return pieces.pop().unwrap_or_default();
    }
    let mut joined = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
    for piece in pieces {
        joined.put(piece);
    }
    joined.freeze()
}

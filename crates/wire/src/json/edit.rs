//! Writing out a text of which some pieces were replaced.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

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

/// Takes the pieces of a text, one after the other.
pub(super) trait Sink {
    /// A range of the source.
    fn source(&mut self, range: Range<usize>);

    /// Bytes from elsewhere.
    fn bytes(&mut self, bytes: &Bytes);

    fn slot(&mut self, slot: &Slot) {
        match slot {
            Slot::Source(span) => self.source(span.range()),
            Slot::Replaced(bytes) => self.bytes(bytes),
        }
    }
}

/// The length of a text.
#[derive(Default)]
pub(super) struct Length(pub(super) usize);

impl Sink for Length {
    fn source(&mut self, range: Range<usize>) {
        self.0 += range.len();
    }

    fn bytes(&mut self, bytes: &Bytes) {
        self.0 += bytes.len();
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
        Self { source, run: 0..0, done: Vec::with_capacity(4) }
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

impl Sink for Pieces<'_> {
    /// Neighbours become one piece.
    fn source(&mut self, range: Range<usize>) {
        if range.start == self.run.end {
            self.run.end = range.end;
        } else {
            self.flush();
            self.run = range;
        }
    }

    fn bytes(&mut self, bytes: &Bytes) {
        self.flush();
        if !bytes.is_empty() {
            self.done.push(bytes.clone());
        }
    }
}

/// The text in one buffer of its own.
pub(super) struct Joined<'a> {
    source: &'a [u8],
    text: BytesMut,
}

impl<'a> Joined<'a> {
    pub(super) fn new(source: &'a [u8], length: usize) -> Self {
        Self { source, text: BytesMut::with_capacity(length) }
    }

    pub(super) fn finish(self) -> Bytes {
        self.text.freeze()
    }
}

impl Sink for Joined<'_> {
    fn source(&mut self, range: Range<usize>) {
        self.text.extend_from_slice(self.source.get(range).unwrap_or_default());
    }

    fn bytes(&mut self, bytes: &Bytes) {
        self.text.extend_from_slice(bytes);
    }
}

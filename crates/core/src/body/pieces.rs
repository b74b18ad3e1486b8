use std::vec::IntoIter;

use bytes::Bytes;

/// A body in memory that goes out piece by piece, so that its long ones need not be copied.
#[derive(Clone)]
pub(super) struct Pieces {
    rest: IntoIter<Bytes>,
    length: u64,
    is_begun: bool,
}

impl Pieces {
    /// Of these, none of which is empty.
    pub(super) fn new(pieces: Vec<Bytes>) -> Self {
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self { rest: pieces.into_iter(), length, is_begun: false }
    }

    /// The length of what is left.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Whether some of it has gone out.
    pub(super) const fn is_begun(&self) -> bool {
        self.is_begun
    }

    pub(super) fn next(&mut self) -> Option<Bytes> {
        self.is_begun = true;
        let piece = self.rest.next();
        self.length = self.length.saturating_sub(piece.as_ref().map_or(0, |piece| piece.len() as u64));
        piece
    }
}

use crate::body::Script;
use bytes::Bytes;
use futures_core::Stream;
use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// Bytes shown on each side of a cut.
const CONTEXT: usize = 24;
/// Cuts shown; the rest is counted.
const SHOWN: usize = 3;

/// One way to divide some bytes: the pieces in order, which share the memory of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    pub(super) whole: Bytes,
    /// Where to cut, in ascending order. A place named twice makes an empty piece.
    pub(super) cuts: Vec<usize>,
}

impl Split {
    /// Divides `whole` before each of the byte positions `cuts`, which are put in order; those past the end
    /// count as the end.
    pub fn at(whole: impl Into<Bytes>, cuts: impl IntoIterator<Item = usize>) -> Self {
        let whole = whole.into();
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(whole.len())).collect();
        cuts.sort_unstable();
        Self { whole, cuts }
    }

    /// Where it is cut.
    pub fn cuts(&self) -> &[usize] {
        &self.cuts
    }

    /// The pieces.
    pub fn pieces(&self) -> Vec<Bytes> {
        let ends = self.cuts.iter().copied().chain([self.whole.len()]);
        let mut start = 0;
        ends.map(|end| {
            let piece = self.whole.slice(start..end);
            start = end;
            piece
        })
        .collect()
    }

    /// A body of these pieces, for [`Script::body`]; `pending` puts a `Pending` before each, so that a
    /// reader cannot join them by reading on.
    pub fn script(&self, pending: bool) -> Script {
        self.pieces().into_iter().fold(Script::new(), |script, piece| {
            let script = if pending { script.pending() } else { script };
            script.data(piece)
        })
    }

    /// A stream of these pieces.
    #[must_use]
    pub fn stream(&self) -> Pieces {
        Pieces { left: self.pieces().into() }
    }
}

/// The cut as it is shown in a failure: the place, and the bytes on either side of `✂`.
impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.whole.len();
        if self.cuts.is_empty() {
            return write!(f, "{len} bytes in one piece");
        }
        write!(f, "{len} bytes, cut at ")?;
        for (i, cut) in self.cuts.iter().take(SHOWN).enumerate() {
            let before = self.whole.slice(cut.saturating_sub(CONTEXT)..*cut);
            let behind = self.whole.slice(*cut..len.min(cut + CONTEXT));
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{cut} \"{}✂{}\"", before.escape_ascii(), behind.escape_ascii())?;
        }
        match self.cuts.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more places"),
        }
    }
}

/// A stream of pieces, each ready at once: see [`Split::stream`].
#[derive(Clone, Debug)]
pub struct Pieces {
    left: VecDeque<Bytes>,
}

impl Stream for Pieces {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.get_mut().left.pop_front().map(Ok))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.len(), Some(self.left.len()))
    }
}

use super::{Hint, Script, Step};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header::HeaderName};

/// One situation of the conformance suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Case {
    /// Nothing at all.
    Empty,
    /// Trailers and no data.
    OnlyTrailers,
    /// All pieces in one frame.
    OneFrame,
    /// One frame a piece.
    ManyFrames,
    /// Frames of no length before, between and after the pieces.
    ZeroLengthFrames,
    /// Trailers behind the data.
    Trailers,
    /// `Pending` before, between and after the frames, now woken at once, now by an event from outside.
    Pending,
    /// An error in place of the first frame.
    ErrorAtOnce,
    /// An error behind half of the pieces.
    ErrorMidway,
    /// Dropped before it is polled.
    DropUnread,
    /// Dropped after its first frame.
    DropMidway,
    /// Dropped while it waits for the inner body.
    DropPending,
}

impl Case {
    /// All cases.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::OnlyTrailers,
        Self::OneFrame,
        Self::ManyFrames,
        Self::ZeroLengthFrames,
        Self::Trailers,
        Self::Pending,
        Self::ErrorAtOnce,
        Self::ErrorMidway,
        Self::DropUnread,
        Self::DropMidway,
        Self::DropPending,
    ];

    pub(super) fn script(self, pieces: &[Bytes]) -> Script {
        let many = || pieces.iter().cloned().collect::<Script>();
        match self {
            Self::Empty => Script::new(),
            Self::OnlyTrailers => Script::new().trailers(trailers()),
            Self::OneFrame => Script::new().data(pieces.concat()),
            Self::ManyFrames | Self::DropUnread | Self::DropMidway => many(),
            Self::ZeroLengthFrames => {
                pieces.iter().fold(Script::new().data(""), |script, piece| script.data(piece.clone()).data(""))
            }
            Self::Trailers => many().trailers(trailers()),
            Self::Pending => {
                pieces.iter().fold(Script::new().gate(), |script, piece| script.data(piece.clone()).pending().gate())
            }
            Self::ErrorAtOnce => Script::new().error("the inner body broke at once"),
            Self::ErrorMidway => {
                let mut script = many();
                let middle = Step::Error(super::TestError::new("the inner body broke midway"));
                script.steps.insert(pieces.len().div_ceil(2), middle);
                script
            }
            Self::DropPending => many().never(),
        }
    }
}

/// Each legal way to speak of length and end: a wrapper may lean on either, and must cope without.
pub(super) fn variants(script: &Script) -> impl Iterator<Item = Script> {
    [Hint::Exact, Hint::Unknown, Hint::Range].into_iter().flat_map(|hint| {
        let script = script.clone().hint(hint);
        [true, false].map(|yes| script.clone().announces_end(yes))
    })
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(HeaderName::from_static("x-testkit-trailer"), HeaderValue::from_static("kept"))])
}

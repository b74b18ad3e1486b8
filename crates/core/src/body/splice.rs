use std::ops::Range;

use bytes::Bytes;

use super::{Body, JOINED, Kind, pieces::Pieces};

impl Body {
    /// Puts other bytes in the place of a range of the body's, and says whether it has: a body that has not come in one
    /// piece, or that somebody has split, stays as it is, as does one that the range goes beyond. See
    /// [`as_bytes`](Self::as_bytes).
    ///
    /// A body over 8 KiB is not copied; it goes out in as many pieces as it then has. The headers are to be made right
    /// by [`head::body_replaced`](crate::head::body_replaced).
    ///
    /// ```
    /// use bytes::Bytes;
    /// use llm_layers_core::Body;
    ///
    /// let mut body = Body::from(r#"{"model":"a","n":1}"#);
    /// assert!(body.splice(9..12, &Bytes::from_static(br#""longer""#)));
    /// assert_eq!(body.as_bytes(), Some(&br#"{"model":"longer","n":1}"#[..]));
    /// ```
    pub fn splice(&mut self, place: Range<usize>, bytes: &Bytes) -> bool {
        let Kind::Whole(whole) = &self.kind else { return false };
        if whole.get(place.clone()).is_none() {
            return false;
        }
        let length = whole.len() - place.len() + bytes.len();
        let (before, after) = (..place.start, place.end..);
        *self = if length <= JOINED {
            let mut joined = Vec::with_capacity(length);
            joined.extend_from_slice(whole.get(before).unwrap_or_default());
            joined.extend_from_slice(bytes);
            joined.extend_from_slice(whole.get(after).unwrap_or_default());
            Self::from(joined)
        } else {
            let mut pieces = vec![whole.slice(before), bytes.clone(), whole.slice(after)];
            pieces.retain(|piece| !piece.is_empty());
            Self { kind: Kind::Pieces(Pieces::new(pieces)) }
        };
        true
    }
}
